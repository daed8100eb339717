import { expect, test } from 'vitest';
import { checkUsageEvent } from './event.ts';

const event = {
  id: 'use_1', exchangeId: 'exc_1', attempt: 1, seq: 1, tenantId: 'ten_1', keyId: 'key_1', upstreamId: 'ups_1', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: 1, endedAt: 2, outcome: 'OK',
  input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '1', reservedNano: '1', excessNano: '0', estimated: false, unpriced: false, revision: 1,
};

test('an event of before prices had terms is sound, and so is one with all of them', () => {
  expect(checkUsageEvent(event)).toEqual(event);
  const whole = { ...event, units: { 'web-search': 2 }, serviceAsked: 'priority', service: 'standard', fromTokens: 200_001, repo: 'acme/harbour', branch: 'main', ticket: 'T-1', sessionId: 's', times: { upstream: 500_000, key: 100_000_000 } };
  expect(checkUsageEvent(whole)).toEqual(whole);
});

test.each<[string, Record<string, unknown>]>([
  ['a repository that is no text', { repo: 1 }], ['a session that no column holds', { sessionId: 'x'.repeat(192) }],
  ['a unit that nobody knows', { units: { smell: 1 } }], ['a part of a unit', { units: { 'web-search': 1.5 } }], ['a unit below nothing', { units: { 'web-search': -1 } }], ['units that are a list', { units: [1] }],
  ['a grade that is no word', { service: 'a b' }], ['a grade that is a number', { serviceAsked: 1 }], ['a threshold that is a text', { fromTokens: '1' }],
  ['a multiplier of nothing', { times: { upstream: 0 } }], ['a multiplier of more than a hundred', { times: { tenant: 100_000_001 } }], ['a multiplier with a point', { times: { key: 1.5 } }], ['a multiplier of something else', { times: { moon: 1 } }],
])('%s makes an event malformed', (_, change) => {
  expect(checkUsageEvent({ ...event, ...change })).toBe('malformed');
});
