import { expect, test } from 'vitest';
import { carryHeaders, tellPaces } from './reply-headers.ts';

const now = Date.parse('2026-11-27T10:00:00Z');
const anthropic = {
  'request-id': 'req_1', 'anthropic-organization-id': 'org', 'anthropic-ratelimit-requests-limit': '50', 'anthropic-ratelimit-requests-remaining': '49', 'anthropic-ratelimit-requests-reset': '2026-11-27T10:06:00Z',
  'anthropic-ratelimit-input-tokens-limit': '9', 'retry-after': '7',
};
const openai = { 'x-request-id': 'r-1', 'openai-organization': 'org', 'openai-processing-ms': '12', 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-remaining-tokens': '900', 'x-ratelimit-reset-tokens': '1m30s', 'x-should-retry': 'false' };

test('limits and the id of a request of Anthropic are told to OpenAI\'s clients under their names', () => {
  expect(carryHeaders(anthropic, 'anthropic-messages', 'openai-chat', now)).toEqual({ 'x-request-id': 'req_1', 'x-ratelimit-limit-requests': '50', 'x-ratelimit-remaining-requests': '49', 'x-ratelimit-reset-requests': '6m0s', 'retry-after': '7' });
});

test('and the other way, with the moment of a reset', () => {
  expect(carryHeaders(openai, 'openai-responses', 'anthropic-messages', now)).toEqual({ 'request-id': 'r-1', 'anthropic-ratelimit-tokens-limit': '1000', 'anthropic-ratelimit-tokens-remaining': '900', 'anthropic-ratelimit-tokens-reset': '2026-11-27T10:01:30Z', 'x-should-retry': 'false' });
});

test('Gemini\'s clients hear when to come back, and its answers tell no more', () => {
  expect(carryHeaders(anthropic, 'anthropic-messages', 'gemini-generate', now)).toEqual({ 'retry-after': '7' });
  expect(carryHeaders({ 'retry-after': '7', server: 'x' }, 'gemini-generate', 'openai-chat', now)).toEqual({ 'retry-after': '7' });
});

test.each([['120ms', '2026-11-27T10:00:00Z'], ['2h1m0s', '2026-11-27T12:01:00Z'], ['30', '2026-11-27T10:00:30Z']])('a reset in %s is at %s', (text, at) => {
  expect(carryHeaders({ 'x-ratelimit-reset-requests': text }, 'openai-chat', 'anthropic-messages', now)['anthropic-ratelimit-requests-reset']).toBe(at);
});

test('a reset that cannot be read is not told', () => {
  expect(carryHeaders({ 'x-ratelimit-reset-requests': 'soon' }, 'openai-chat', 'anthropic-messages', now)).toEqual({});
  expect(carryHeaders({ 'anthropic-ratelimit-requests-reset': 'soon' }, 'anthropic-messages', 'openai-chat', now)).toEqual({});
});

const paceOf = (limit: number, remaining: number, inMs: number) => ({ limit, remaining, wholeAtMs: now + inMs });

test.each([
  ['anthropic-messages', { 'anthropic-ratelimit-requests-limit': '60', 'anthropic-ratelimit-requests-remaining': '59', 'anthropic-ratelimit-requests-reset': '2026-11-27T10:00:01Z', 'anthropic-ratelimit-tokens-limit': '9000', 'anthropic-ratelimit-tokens-remaining': '0', 'anthropic-ratelimit-tokens-reset': '2026-11-27T10:01:30Z' }],
  ['openai-chat', { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '59', 'x-ratelimit-reset-requests': '1s', 'x-ratelimit-limit-tokens': '9000', 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m30s' }],
  ['gemini-generate', {}],
] as const)('a client of %s reads the paces of its own key, and nothing of an account that it shares', (client, expected) => {
  const headers: Record<string, string> = { 'retry-after': '7', 'anthropic-ratelimit-unified-status': 'allowed', 'x-ratelimit-limit-requests': '5', 'ratelimit-policy': 'x', 'anthropic-ratelimit-requests-limit': '50' };
  tellPaces(headers, client, { requests: paceOf(60, 59, 1_000), tokens: paceOf(9_000, 0, 90_000) }, now);
  expect(headers).toEqual({ 'retry-after': '7', ...expected });
});
