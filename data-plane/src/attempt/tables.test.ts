// The tables an operator would want to read: what an answer means, how long to wait, what can be mended.
import { expect, test } from 'vitest';
import { classifyRefusal, classifyStreamError } from './classify.ts';
import { deadlinesFor } from './deadlines.ts';
import { repairFor, repaired } from './repair.ts';
import { usedShare, waitMs } from './resets.ts';

test.each([
  [401, '', 'credential'], [403, '', 'credential'], [402, '', 'credential-spent'], [404, '', 'model-missing'], [408, '', 'failed'], [413, '', 'client-input'], [422, '', 'client-input'], [429, '', 'limited'],
  [500, '', 'failed'], [502, '', 'failed'], [503, '', 'overloaded'], [504, '', 'failed'], [529, '', 'overloaded'], [302, '', 'broke-off'],
  [429, '{"error":{"code":"insufficient_quota"}}', 'credential-spent'], [400, 'Your credit balance is too low to access the Anthropic API.', 'credential-spent'],
  [400, 'API key not valid. Please pass a valid API key.', 'credential'], [400, '{"error":{"code":"model_not_found"}}', 'model-missing'], [500, '{"error":{"type":"overloaded_error"}}', 'overloaded'], [400, 'messages: at least one message is required', 'client-input'],
  [400, '{"message":"The provided model identifier is invalid."}', 'model-missing'], [400, 'Invocation of model ID x with on-demand throughput isn\u2019t supported. Retry your request with the ID or ARN of an inference profile', 'model-missing'],
  [403, 'You don\'t have access to the model with the specified model ID.', 'model-missing'], [403, 'The security token included in the request is invalid.', 'credential'],
])('%i %s means %s', (status, said, outcome) => { expect(classifyRefusal(status, said)).toBe(outcome); });

test.each([['throttlingException: Slow down.', 'limited'], ['serviceUnavailableException: Not now.', 'overloaded'], ['modelStreamErrorException: Oh.', 'broke-off']])('an error event that says "%s" means %s', (said, outcome) => {
  expect(classifyStreamError(said)).toBe(outcome);
});

const now = Date.parse('2026-11-21T10:00:00Z');
test.each<[string, Record<string, string>, string | undefined, number | undefined]>([
  ['seconds', { 'retry-after': '7' }, undefined, 7_000],
  ['a date', { 'retry-after': 'Sat, 21 Nov 2026 10:01:00 GMT' }, undefined, 60_000],
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, undefined, 250],
  ['Anthropic\'s reset of what is used up', { 'anthropic-ratelimit-requests-remaining': '0', 'anthropic-ratelimit-requests-reset': '2026-11-21T10:00:30Z', 'anthropic-ratelimit-tokens-remaining': '12', 'anthropic-ratelimit-tokens-reset': '2026-11-21T11:00:00Z' }, undefined, 30_000],
  ['Anthropic\'s unified reset', { 'anthropic-ratelimit-unified-reset': String(now / 1000 + 90) }, undefined, 90_000],
  ['OpenAI\'s reset', { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }, undefined, 360_000],
  ['Gemini\'s RetryInfo', {}, '[{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}]', 34_500],
  ['a quota\'s reset', {}, '{"error":{"resets_in_seconds":1200}}', 1_200_000],
  ['words', {}, '{"error":{"message":"Rate limit reached. Please try again in 1.5s."}}', 1_500],
  ['nothing', { 'x-ratelimit-remaining-tokens': '5', 'x-ratelimit-reset-tokens': '6m0s' }, '{}', undefined],
])('how long to wait is read from %s', (_name, headers, body, ms) => { expect(waitMs(headers, body === undefined ? undefined : Buffer.from(body), now)).toBe(ms); });

test('how much of a limit is used is the largest share that any header tells of', () => {
  expect(usedShare({ 'anthropic-ratelimit-requests-limit': '100', 'anthropic-ratelimit-requests-remaining': '90', 'anthropic-ratelimit-tokens-limit': '1000', 'anthropic-ratelimit-tokens-remaining': '50' })).toBeCloseTo(0.95);
  expect([usedShare({ 'anthropic-ratelimit-unified-5h-utilization': '0.4' }), usedShare({})]).toEqual([0.4, undefined]);
});

test('a large prompt, a model that thinks and a last chance all get more time', () => {
  const at = (more: object) => deadlinesFor({ inputTokens: 1_000, thinking: false, patience: 1, alternatives: true, ...more });
  expect(at({})).toEqual({ firstFrameMs: 15_240, firstContentMs: 30_480, silenceMs: 30_060, wholeMs: 300_000 });
  expect([at({ inputTokens: 300_000 }).firstFrameMs, at({ inputTokens: 2_000_000 }).firstFrameMs, at({ thinking: true }).firstFrameMs, at({ alternatives: false }).firstFrameMs, at({ patience: 0.1 }).firstFrameMs]).toEqual([87_000, 120_000, 45_720, 60_960, 1_524]);
});

const thinking = { type: 'thinking', thinking: 't', signature: 'other' };
test.each<[string, Parameters<typeof repairFor>[0], string, Record<string, unknown>, string, unknown]>([
  ['thinking of another issuer', 'anthropic-messages', 'messages.1.content.0: Invalid `signature` in `thinking` block', { messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [thinking, { type: 'text', text: 'b' }] }, { role: 'assistant', content: [thinking] }] }, 'thinking-signature', { messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [{ type: 'text', text: 'b' }] }] }],
  ['a thinking budget under the minimum', 'anthropic-messages', 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024', { max_tokens: 4_000, thinking: { type: 'enabled', budget_tokens: 100 } }, 'thinking-budget', { max_tokens: 4_000, thinking: { type: 'enabled', budget_tokens: 1_024 } }],
  ['a thinking budget above the answer', 'anthropic-messages', '`max_tokens` must be greater than `thinking.budget_tokens`', { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 9_000 } }, 'thinking-budget', { max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 1_999 } }],
  ['no room for any thinking', 'anthropic-messages', '`max_tokens` must be greater than `thinking.budget_tokens`', { max_tokens: 500, thinking: { type: 'enabled', budget_tokens: 9_000 } }, 'thinking-budget', { max_tokens: 500 }],
  ['a parameter by another name', 'openai-chat', "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", { max_tokens: 9 }, 'max-completion-tokens', { max_completion_tokens: 9 }],
  ['a parameter the vendor does not know', 'openai-chat', "Unrecognized request argument supplied: reasoning_effort", { model: 'm', reasoning_effort: 'low' }, 'drop:reasoning_effort', { model: 'm' }],
  ['a parameter that is not permitted', 'anthropic-messages', 'context_management: Extra inputs are not permitted', { model: 'm', context_management: {} }, 'drop:context_management', { model: 'm' }],
  ['a beta that Bedrock does not know', 'anthropic-messages', 'invalid beta flag', { anthropic_beta: ['x'], max_tokens: 1 }, 'drop:anthropic_beta', { max_tokens: 1 }],
  ['reasoning that cannot be read', 'openai-responses', 'The encrypted content for item rs_1 could not be verified.', { input: [{ type: 'reasoning' }, { type: 'message' }] }, 'encrypted-reasoning', { input: [{ type: 'message' }] }],
  ['reasoning of a model that does not think', 'openai-responses', 'Encrypted content is not supported with this model.', { include: ['reasoning.encrypted_content'], input: 'x' }, 'drop:include', { input: 'x' }],
  ['a summary that the account may not have', 'openai-responses', 'Your organization must be verified to generate reasoning summaries.', { reasoning: { effort: 'low', summary: 'auto' } }, 'reasoning-summary', { reasoning: { effort: 'low' } }],
  ['a thought signature of another issuer', 'gemini-generate', 'Invalid thoughtSignature', { contents: [{ role: 'model', parts: [{ text: 'x', thought: true }, { text: 'y', thoughtSignature: 's' }] }] }, 'thought-signature', { contents: [{ role: 'model', parts: [{ text: 'y' }] }] }],
  ['a call without the signature that it must bear', 'gemini-generate', 'Function call is missing a thought_signature in functionCall parts.', { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: 's' }] }] }, 'thought-signature', { contents: [{ role: 'model', parts: [{ functionCall: { name: 'f' }, thoughtSignature: 'skip_thought_signature_validator' }] }] }],
  ['ids that a server of Gemini does not know', 'gemini-generate', 'Invalid JSON payload received. Unknown name "id" at \'contents[1].parts[0].function_call\': Cannot find field.', { contents: [{ role: 'model', parts: [{ text: 'x' }, { functionCall: { id: 'c1', name: 'f' }, thoughtSignature: 's' }] }, { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { id: 1 } } }] }] }, 'function-ids', { contents: [{ role: 'model', parts: [{ text: 'x' }, { functionCall: { name: 'f' }, thoughtSignature: 's' }] }, { role: 'user', parts: [{ functionResponse: { name: 'f', response: { id: 1 } } }] }] }],
  ['settings of thinking that a server of Gemini does not know', 'gemini-generate', 'Invalid JSON payload received. Unknown name "thinkingLevel" at \'generation_config.thinking_config\': Cannot find field.', { contents: [], generationConfig: { topK: 1, thinkingConfig: { thinkingLevel: 'LOW' } } }, 'thinking-config', { contents: [], generationConfig: { topK: 1 } }],
  ['a level of thinking that the model does not have', 'gemini-generate', 'Thinking level MINIMAL is not supported for this model.', { contents: [], generationConfig: { topK: 1, thinkingConfig: { thinkingLevel: 'MINIMAL' } } }, 'thinking-config', { contents: [], generationConfig: { topK: 1 } }],
])('%s is mended', (_name, dialect, said, body, name, mended) => {
  expect(repairFor(dialect, 400, said, body)).toBe(name);
  expect(repaired(body, [name])).toEqual(mended);
});

test.each([['messages: Extra inputs are not permitted', 400], ['prompt is too long: 250000 tokens > 200000 maximum', 400], ['context_management: Extra inputs are not permitted', 500]])('what makes a request what it is stays, and so does what we do not understand: %s', (said, status) => {
  expect(repairFor('anthropic-messages', status, said, { messages: [], context_management: {} })).toBeUndefined();
});
