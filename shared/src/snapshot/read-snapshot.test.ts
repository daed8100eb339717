import { expect, test } from 'vitest';
import { readLists, readProfile } from './read-snapshot.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'https://u.example', dialects: ['openai-chat'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [] };
const empty = { tenants: [], upstreams: [], models: [], prices: [], multipliers: [], routes: [], errorRules: [], purses: [], pools: [] };
const withUpstream = (more: object) => readLists({ ...empty, upstreams: [{ ...upstream, ...more }] });

test.each([0, -1, 0.5, 1.5, 101, '2', null])('a patience of %j is refused: it could not be published', (patience) => {
  expect(() => withUpstream({ patience })).toThrow(/patience/);
});

test.each([['tokensPerMinute', 0], ['requestsPerMinute', 0.5], ['concurrent', '3'], ['models', 'gpt-5'], ['models', [5]]])('an account or a key with %s %j is refused: it would divide by it, or look into it', (field, value) => {
  const tenant = (limit: object) => readLists({ ...empty, tenants: [{ id: 'ten_1', status: 'ACTIVE', ...limit }] });
  const profile = (limit: object) => readProfile({ status: 'ACTIVE', funding: 'POOL', ...limit }, 'profile');
  for (const read of [tenant, profile]) expect(() => read({ [field]: value })).toThrow(new RegExp(field));
  expect(tenant({ tokensPerMinute: 1, models: ['gpt-*'] }).tenants[0]?.tokensPerMinute).toBe(1);
  expect(profile({ tokensPerMinute: 1, models: ['gpt-*'] }).tokensPerMinute).toBe(1);
});

test.each([1, 2, 100])('a patience of %i is taken', (patience) => {
  expect(withUpstream({ patience }).upstreams[0]?.patience).toBe(patience);
});

test.each<[string, object]>([
  ['a route to an upstream', { routes: [{ id: 'rte_1', name: 'r', position: 1, models: [], targets: [{ upstream: 'ups_none', priority: 0, weight: 1 }] }] }],
  ['a price at an upstream', { prices: [{ id: 'prc_1', model: 'm', upstream: 'ups_none', inputNano: '1', outputNano: '1', cacheReadNano: '1', cacheWrite5mNano: '1', cacheWrite1hNano: '1' }] }],
  ['an upstream of a tenant', { upstreams: [{ ...upstream, tenant: 'ten_none' }] }],
  ['an error rule of a tenant', { errorRules: [{ id: 'erl_1', name: 'e', position: 1, tenant: 'ten_none' }] }],
])('%s that is not there dangles', (_, lists) => {
  expect(() => readLists({ ...empty, ...lists })).toThrow(expect.objectContaining({ code: 'dangling' }));
});

test.each<[string, object]>([
  ['a purse of a kind that nobody knows', { purses: [{ kind: 'KEY', id: 'key_1', unit: 'USD' }] }], ['a purse in another unit', { purses: [{ kind: 'TENANT', id: 'ten_1', unit: 'EUR' }] }],
  ['a purse that goes on somehow', { purses: [{ kind: 'TENANT', id: 'ten_1', unit: 'USD', goesOn: false }] }], ['a pool that pays', { pools: [{ id: 'pol_1', status: 'ACTIVE' }] }], ['no list of pools', { pools: undefined }],
])('%s is malformed', (_, lists) => {
  expect(() => readLists({ ...empty, ...lists })).toThrow(expect.objectContaining({ code: 'malformed' }));
});
