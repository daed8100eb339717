import { expect, test } from 'vitest';
import { readSnapshot } from './read-snapshot.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'https://u.example', dialects: ['openai-chat'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [] };
const bytes = (more: object) => new TextEncoder().encode(JSON.stringify({
  schema: 2, fleet: 'f', revision: 1, issuedAt: 0, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://x', tenants: [], keys: [], models: [], prices: [], routes: [], upstreams: [{ ...upstream, ...more }],
}));

test.each([0, -1, 0.5, 1.5, 101, '2', null])('a patience of %j is refused: it could not be published', (patience) => {
  expect(() => readSnapshot(bytes({ patience }))).toThrow(/patience/);
});

test.each([['tokensPerMinute', 0], ['requestsPerMinute', 0.5], ['concurrent', '3'], ['models', 'gpt-5'], ['models', [5]]])('an account with %s %j is refused: it would divide by it, or look into it', (field, value) => {
  const { tenants: _, ...rest } = JSON.parse(new TextDecoder().decode(bytes({}))) as { tenants: unknown };
  const snapshot = (limit: object) => new TextEncoder().encode(JSON.stringify({ ...rest, tenants: [{ id: 'ten_1', status: 'ACTIVE', ...limit }] }));
  expect(() => readSnapshot(snapshot({ [field]: value }))).toThrow(new RegExp(field));
  expect(readSnapshot(snapshot({ tokensPerMinute: 1, models: ['gpt-*'] })).tenants[0]?.tokensPerMinute).toBe(1);
});

test.each([1, 2, 100])('a patience of %i is taken', (patience) => {
  expect(readSnapshot(bytes({ patience })).upstreams[0]?.patience).toBe(patience);
});
