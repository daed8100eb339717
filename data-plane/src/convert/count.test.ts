import { expect, test } from 'vitest';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { openCount } from './count.ts';
import { smallRequest, testTarget } from './testing/conversions.ts';

const count = (client: DialectName, upstream: DialectName, body: Loose = smallRequest(client)) =>
  openCount({ body, client, upstream, addressed: { model: 'm', stream: false }, target: testTarget, facts: { replyId: 'r', model: 'm', createdS: 1, reportUsage: false } });

test.each<[DialectName, DialectName, Loose, Loose, Loose]>([
  ['anthropic-messages', 'gemini-generate', { generateContentRequest: { model: 'models/upstream-model', contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] } }, { totalTokens: 7 }, { input_tokens: 7 }],
  ['anthropic-messages', 'openai-responses', { model: 'upstream-model', input: [{ role: 'user', content: 'Hello' }] }, { object: 'response.input_tokens', input_tokens: 7 }, { input_tokens: 7 }],
  ['gemini-generate', 'anthropic-messages', { model: 'upstream-model', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }, { input_tokens: 7 }, { totalTokens: 7 }],
  ['openai-responses', 'anthropic-messages', { model: 'upstream-model', messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }, { input_tokens: 7 }, { object: 'response.input_tokens', input_tokens: 7 }],
])('a client of %s has %s count what it would be asked, and nothing else', (client, upstream, asked, answer, told) => {
  const { request, reply } = count(client, upstream);
  // What only shapes an answer may stand beside it where the vendor takes it.
  const { generationConfig: _config, ...bare } = (request.value['generateContentRequest'] ?? {}) as Loose;
  expect(upstream === 'gemini-generate' ? { generateContentRequest: bare } : request.value).toMatchObject(asked);
  expect(Object.keys(request.value)).not.toEqual(expect.arrayContaining(['stream']));
  expect(Object.keys(request.value)).not.toEqual(expect.arrayContaining(['max_tokens']));
  expect(reply(answer).value).toEqual(told);
});

test('a request that its client wrapped to count is read', () => {
  const { request } = count('gemini-generate', 'anthropic-messages', { generateContentRequest: { model: 'models/x', ...smallRequest('gemini-generate') } });
  expect(request.value['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }]);
});

test.each<[DialectName, Loose]>([['gemini-generate', {}], ['gemini-generate', { totalTokens: 0 }], ['openai-responses', { input_tokens: 'x' }]])('an answer of %s without a number (%j) is none', (upstream, answer) => {
  expect(count('anthropic-messages', upstream).broken(answer)).toBe('an answer without a number of tokens');
});
