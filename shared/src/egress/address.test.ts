import { expect, test } from 'vitest';
import { classifyAddress, classifyHost, strictest } from './address.ts';

test.each([
  ['8.8.8.8', 'public'], ['1.1.1.1', 'public'], ['2606:4700::1111', 'public'], ['::ffff:8.8.8.8', 'public'], ['64:ff9b::808:808', 'public'], ['2002:808:808::1', 'public'],
  ['127.0.0.1', 'loopback'], ['127.255.255.254', 'loopback'], ['::1', 'loopback'], ['::ffff:127.0.0.1', 'loopback'], ['[::1]', 'loopback'], ['0:0:0:0:0:0:0:1', 'loopback'], ['64:ff9b::7f00:1', 'loopback'],
  ['0.0.0.0', 'private'], ['10.1.2.3', 'private'], ['172.16.0.1', 'private'], ['172.31.255.255', 'private'], ['192.168.1.1', 'private'], ['169.254.169.254', 'private'], ['100.64.0.1', 'private'], ['198.18.0.1', 'private'],
  ['224.0.0.1', 'private'], ['255.255.255.255', 'private'], ['::', 'private'], ['fe80::1', 'private'], ['fe80::1%eth0', 'private'], ['fc00::1', 'private'], ['fd12::1', 'private'], ['ff02::1', 'private'],
  ['::ffff:10.0.0.1', 'private'], ['::ffff:a00:1', 'private'], ['::10.0.0.1', 'private'], ['64:ff9b::a00:1', 'private'], ['64:ff9b:1::1', 'private'], ['2002:a00:1::1', 'private'], ['2001:db8::1', 'private'], ['2001::1', 'private'], ['::ffff:169.254.169.254', 'private'],
] as const)('%s is %s', (address, expected) => {
  expect(classifyAddress(address)).toBe(expected);
});

test.each(['example.com', '256.1.1.1', '1.2.3', '0x7f.1', '1:2:3', ':::', '1::2::3', 'g::1', '127.0.0.1.nip.io'])('%s is no address', (text) => {
  expect(classifyAddress(text)).toBeUndefined();
});

test('172.15 and 172.32 are outside the private range', () => {
  expect([classifyAddress('172.15.0.1'), classifyAddress('172.32.0.1')]).toEqual(['public', 'public']);
});

test('localhost is loopback under every name it has', () => {
  expect(['localhost', 'LOCALHOST', 'localhost.', 'api.localhost'].map((name) => classifyHost(name))).toEqual(['loopback', 'loopback', 'loopback', 'loopback']);
});

test('a URL parser turns every spelling of an address into one we know', () => {
  for (const host of ['2130706433', '0x7f000001', '017700000001', '127.1']) expect(classifyHost(new URL(`http://${host}/`).hostname)).toBe('loopback');
});

test('one private address among public ones makes the name private', () => {
  expect(strictest(['public', 'private', 'loopback'])).toBe('private');
});
