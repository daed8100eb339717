import { expect, test } from 'vitest';
import { reachOf, refuseResolved } from './rules.ts';

const rules = { loopbackForOperator: true, allowed: ['10.0.0.5:8443', 'inner.example:443'] };
const reach = (url: string, owner: 'operator' | 'tenant') => { try { return reachOf(new URL(url), owner, rules); } catch (cause) { return cause instanceof Error ? cause.name : 'thrown'; } };

test.each([
  ['https://api.example', 'tenant', 'public'], ['https://api.example', 'operator', 'loopback'], ['http://127.0.0.1:1', 'operator', 'loopback'], ['http://127.0.0.1:1', 'tenant', 'AddressRefused'],
  ['https://10.0.0.5:8443', 'operator', 'named'], ['https://10.0.0.5:8443', 'tenant', 'AddressRefused'], ['https://10.0.0.5', 'operator', 'AddressRefused'], ['https://INNER.example', 'operator', 'named'], ['ftp://api.example', 'operator', 'AddressRefused'],
] as const)('%s for the %s: %s', (url, owner, expected) => {
  expect(reach(url, owner)).toBe(expected);
});

test('of what a name resolves to the strictest counts, and nothing is not enough', () => {
  expect(refuseResolved('a', ['93.184.216.34'], 'public')).toBeUndefined();
  expect(refuseResolved('a', ['93.184.216.34', '10.0.0.1'], 'loopback')?.name).toBe('AddressRefused');
  expect(refuseResolved('a', ['127.0.0.1'], 'public')?.name).toBe('AddressRefused');
  expect(refuseResolved('a', ['127.0.0.1'], 'loopback')).toBeUndefined();
  expect(refuseResolved('a', ['10.0.0.1'], 'named')).toBeUndefined();
  expect(refuseResolved('a', [], 'named')?.name).toBe('AddressRefused');
});
