import { expect, test } from 'vitest';
import { bytes, count, counted, duration, hours } from './numbers.ts';

test('counts have thousands separators and agree with their noun', () => {
  expect(count(1234567)).toBe('1,234,567');
  expect(counted(1, 'request')).toBe('1 request');
  expect(counted(0, 'request')).toBe('0 requests');
});

test.each([[0, '0 ms'], [812.4, '812 ms'], [4213, '4.21 s'], [42_130, '42.1 s'], [200_000, '3 min 20 s'], [120_000, '2 min']])('%d ms reads %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('sizes and hours read as people say them', () => {
  expect(bytes(812)).toBe('812 B');
  expect(bytes(4200)).toBe('4.2 KB');
  expect(hours(72)).toBe('3 days');
  expect(hours(24)).toBe('24 hours');
});
