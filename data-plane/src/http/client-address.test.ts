import { expect, test } from 'vitest';
import { createAddressReader } from './client-address.ts';

test('a forwarded address counts only when a trusted proxy wrote it', () => {
  const read = createAddressReader(['10.0.0.0/8', '::1']);
  expect(read('10.1.2.3', '8.8.8.8')).toBe('8.8.8.8');
  expect(read('::ffff:10.1.2.3', '1.1.1.1, 8.8.8.8, 10.9.9.9')).toBe('8.8.8.8');
  expect(read('::1', '2001:db8::5')).toBe('2001:db8::5');
  expect(read('9.9.9.9', '8.8.8.8')).toBe('9.9.9.9');
  expect(read('10.1.2.3', 'nonsense')).toBe('10.1.2.3');
  expect(read('10.1.2.3', undefined)).toBe('10.1.2.3');
});

test('without trusted proxies nobody is believed', () => {
  expect(createAddressReader([])('127.0.0.1', '8.8.8.8')).toBe('127.0.0.1');
});

test('a proxy that is no address is refused', () => {
  expect(() => createAddressReader(['proxy.local'])).toThrow(/FAIRLEAD_TRUSTED_PROXIES/);
});
