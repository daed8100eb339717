import { expect, test } from 'vitest';
import { route } from '@fairlead/shared/plan/test-plan.ts';
import type { Inbound } from '../journey/inbound.ts';
import { resolveEndpoint } from '../http/endpoints.ts';
import { survey as surveyWith } from './survey.ts';
import { inboundOf as asked, tableOf } from './test-ask.ts';

const survey = (inbound: Inbound) => surveyWith(inbound, { upstreams: [], ruleNames: () => ({ headers: [], body: [] }) }, 'ten_1');

function inboundOf(path: string, body: Record<string, unknown> | string): Inbound {
  const endpoint = resolveEndpoint(path);
  if (!endpoint) throw new Error(path);
  const text = typeof body === 'string' ? body : JSON.stringify({ model: 'm', ...body });
  return { exchangeId: 'exc_1', endpoint, headers: new Map(), query: new URLSearchParams(), address: '', body: Buffer.from(text), json: JSON.parse(text) as Record<string, unknown>, receivedAtMs: 0, signal: new AbortController().signal };
}
const chat = '/v1/chat/completions';
const gemini = '/v1beta/models/m:generateContent';

test.each([
  [chat, { max_completion_tokens: 10 }, 10], [chat, { max_tokens: 7 }, 7], [chat, { max_completion_tokens: 10, max_tokens: 100_000 }, 100_000], [chat, { max_completion_tokens: '9', max_tokens: 5 }, undefined],
  [chat, { max_tokens: -1 }, undefined], [chat, { max_tokens: 1e300 }, undefined], [chat, { max_tokens: null }, undefined], ['/v1/messages', { max_tokens: 1.5 }, undefined],
  [gemini, { generationConfig: { maxOutputTokens: 5 } }, 5], [gemini, { generation_config: { max_output_tokens: 6 } }, 6],
])('%s with %o bounds its answer by %s', (path, body, most) => {
  expect(survey(inboundOf(path, body)).maxOutputTokens).toBe(most);
});

test.each([[chat, { n: 4 }, 4], [chat, {}, 1], [chat, { n: null }, 1], [gemini, { generationConfig: { candidateCount: 8 } }, 8], [gemini, { generation_config: { candidate_count: 3 } }, 3]])('%s with %o asks for %i answers', (path, body, answers) => {
  expect(survey(inboundOf(path, body)).answers).toBe(answers);
});

test.each([[chat, { n: 0 }], [chat, { n: 1e9 }], [chat, { n: '4' }], [gemini, { generationConfig: { candidateCount: -1 } }], [chat, { stream: 'true' }], ['/v1/messages', { stream: 1 }]])('%s with %o is refused, since what it costs cannot be known', (path, body) => {
  expect(() => survey(inboundOf(path, body))).toThrow(expect.objectContaining({ code: 'request.invalid' }));
});

test('a count is no stream, whatever it says', () => {
  expect(survey(inboundOf('/v1/messages/count_tokens', { stream: true })).stream).toBe(false);
});

test.each([
  ['/v1/messages', { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }] }] }], ['/v1/messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ['/v1/responses', { previous_response_id: 'resp_1' }], [chat, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] }] }],
  [gemini, { contents: [{ parts: [{ fileData: { fileUri: 'files/1' } }] }] }], ['/v1/responses', '{"model":"m","previous\\u005fresponse_id":"resp_1"}'],
])('%s reaches beyond its body with %j', (path, body) => {
  expect(survey(inboundOf(path, body)).reachesBeyond).toBe(true);
});

test.each([['/v1/messages', { messages: [{ role: 'user', content: 'Look at https://example.org and \u001b[0m' }] }], [chat, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] }] }]])('%s does not with %j', (path, body) => {
  expect(survey(inboundOf(path, body)).reachesBeyond).toBe(false);
});

test.each([
  ['/v1/messages', { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }, true], [chat, { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }] }, true],
  [chat, { prompt_cache_key: 'k' }, true], ['/v1/responses', { prompt_cache_key: 'k' }, true], ['/v1/messages', {}, false], [chat, {}, false], ['/v1/responses', { input: 'x' }, false], [gemini, { contents: [] }, false],
])('%s with %j may cost what a written cache costs: %s', (path, body, writes) => {
  expect(survey(inboundOf(path, body)).writesCache).toBe(writes);
});

test('another tenant\'s rule makes nothing of a request be kept; one\'s own and the operator\'s do', () => {
  const table = tableOf({ routes: [
    route('theirs', { tenant: 'ten_2', when: 'header["x-session-secret"] == "a" && body.temperature > 0.5' }), route('own', { tenant: 'ten_1', when: 'header["x-team"] == "red"' }), route('common', { when: 'body.top_p > 0.5' }),
  ] });
  const inbound = asked('/v1/messages', { temperature: 1, top_p: 1, messages: [] }, { 'x-session-secret': 'a', 'x-team': 'red' });
  const kept = (tenant: string) => { const { facts } = surveyWith(inbound, table, tenant); return [facts.headers, facts.body]; };
  expect([kept('ten_1'), kept('ten_2'), kept('ten_3')]).toEqual([[{ 'x-team': 'red' }, { top_p: 1 }], [{ 'x-session-secret': 'a' }, { top_p: 1, temperature: 1 }], [undefined, { top_p: 1 }]]);
});
