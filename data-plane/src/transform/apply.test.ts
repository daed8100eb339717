import { quirks } from '@fairlead/shared/transformers/descriptors.ts';
import type { QuirkName } from '@fairlead/shared/transformers/descriptors.ts';
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyQuirks } from './apply.ts';
import type { Body } from './body.ts';

/** A body is frozen to its ground: an edit in place would throw. */
function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

const cached = { cache_control: { type: 'ephemeral' } };
const cases: [QuirkName, DialectName, Body, Body][] = [
  ['max-completion-tokens', 'openai-chat', { max_tokens: 5 }, { max_completion_tokens: 5 }],
  ['max-completion-tokens', 'openai-chat', { max_tokens: 5, max_completion_tokens: 4 }, { max_completion_tokens: 4 }],
  ['max-tokens', 'openai-chat', { max_completion_tokens: 5 }, { max_tokens: 5 }],
  ['no-stream-options', 'openai-chat', { stream: true, stream_options: { include_usage: true } }, { stream: true }],
  ['no-parallel-tool-calls', 'openai-responses', { parallel_tool_calls: false, input: 'x' }, { input: 'x' }],
  ['developer-as-system', 'openai-chat', { messages: [{ role: 'developer', content: 'a' }, { role: 'user', content: 'b' }] }, { messages: [{ role: 'system', content: 'a' }, { role: 'user', content: 'b' }] }],
  ['developer-as-system', 'openai-responses', { input: [{ role: 'developer', content: 'a' }, { type: 'reasoning' }] }, { input: [{ role: 'system', content: 'a' }, { type: 'reasoning' }] }],
  ['merge-system', 'openai-chat', { messages: [{ role: 'system', content: 'a' }, { role: 'user', content: 'b' }, { role: 'developer', content: [{ type: 'text', text: 'c' }] }] }, { messages: [{ role: 'system', content: 'a\n\nc' }, { role: 'user', content: 'b' }] }],
  ['merge-system', 'anthropic-messages', { system: [{ type: 'text', text: 'a', ...cached }, { type: 'text', text: 'b' }] }, { system: 'a\n\nb' }],
  ['plain-text-content', 'openai-chat', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }, { role: 'user', content: [{ type: 'image_url' }] }] }, { messages: [{ role: 'user', content: 'a\n\nb' }, { role: 'user', content: [{ type: 'image_url' }] }] }],
  ['no-reasoning-content', 'openai-chat', { messages: [{ role: 'assistant', content: 'a', reasoning_content: 'hm' }] }, { messages: [{ role: 'assistant', content: 'a' }] }],
  ['no-reasoning-effort', 'openai-responses', { reasoning: { effort: 'high' }, input: 'x' }, { input: 'x' }],
  ['no-strict-tools', 'openai-chat', { tools: [{ type: 'function', function: { name: 'f', strict: true } }] }, { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['no-strict-tools', 'openai-responses', { tools: [{ type: 'function', name: 'f', strict: true }] }, { tools: [{ type: 'function', name: 'f' }] }],
  ['plain-schemas', 'openai-chat',
    { tools: [{ type: 'function', function: { name: 'f', parameters: { $schema: 's', type: 'object', additionalProperties: false, properties: { additionalProperties: { type: 'object', additionalProperties: true }, b: { enum: [{ $id: 1 }] } } } } }] },
    { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { additionalProperties: { type: 'object' }, b: { enum: [{ $id: 1 }] } } } } }] }],
  ['plain-schemas', 'gemini-generate', { tools: [{ functionDeclarations: [{ name: 'f', parameters: { anyOf: [{ $id: 'x', type: 'string' }] } }] }] }, { tools: [{ functionDeclarations: [{ name: 'f', parameters: { anyOf: [{ type: 'string' }] } }] }] }],
  ['no-json-schema', 'openai-chat', { response_format: { type: 'json_schema', json_schema: {} } }, { response_format: { type: 'json_object' } }],
  ['no-forced-tool', 'openai-chat', { tool_choice: { type: 'function', function: { name: 'f' } } }, { tool_choice: 'auto' }],
  ['no-sampling', 'anthropic-messages', { temperature: 1, top_p: 1, top_k: 3, max_tokens: 9 }, { max_tokens: 9 }],
  ['no-account-hints', 'anthropic-messages', { metadata: { user_id: 'u' }, service_tier: 'auto', model: 'm' }, { model: 'm' }],
  ['drop-billing-line', 'anthropic-messages', { system: [{ type: 'text', text: 'x-anthropic-billing-header: cc_version=2' }, { type: 'text', text: 'Be brief.' }] }, { system: [{ type: 'text', text: 'Be brief.' }] }],
  ['drop-billing-line', 'anthropic-messages', { system: 'x-anthropic-billing-header: cc_version=2\n\nBe brief.' }, { system: 'Be brief.' }],
  ['drop-billing-line', 'anthropic-messages', { system: [{ type: 'text', text: 'x-anthropic-billing-header: a' }], model: 'm' }, { model: 'm' }],
  ['no-cache-control', 'anthropic-messages',
    { ...cached, system: [{ type: 'text', text: 's', ...cached }], tools: [{ name: 't', ...cached }], messages: [{ role: 'user', content: [{ type: 'tool_result', ...cached, content: [{ type: 'text', text: 'r', ...cached }] }] }, { role: 'user', content: 'plain' }] },
    { system: [{ type: 'text', text: 's' }], tools: [{ name: 't' }], messages: [{ role: 'user', content: [{ type: 'tool_result', content: [{ type: 'text', text: 'r' }] }] }, { role: 'user', content: 'plain' }] }],
  ['no-thinking-display', 'anthropic-messages', { thinking: { type: 'adaptive', display: 'summarized' } }, { thinking: { type: 'adaptive' } }],
  ['thinking-as-budget', 'anthropic-messages', { max_tokens: 8000, thinking: { type: 'adaptive' } }, { max_tokens: 8000, thinking: { type: 'enabled', budget_tokens: 4000 } }],
  ['thinking-as-budget', 'anthropic-messages', { max_tokens: 100, thinking: { type: 'adaptive' } }, { max_tokens: 100, thinking: { type: 'disabled' } }],
  ['no-output-config', 'anthropic-messages', { output_config: { effort: 'high' }, context_management: {}, model: 'm' }, { model: 'm' }],
  ['plain-tools', 'anthropic-messages', { tools: [{ type: 'custom', name: 't', description: 'd', input_schema: {}, eager_input_streaming: true, ...cached }, { type: 'web_search_20260209', name: 'web_search' }], tool_choice: { type: 'tool', name: 'web_search' } }, { tools: [{ name: 't', description: 'd', input_schema: {}, ...cached }] }],
  ['plain-tools', 'anthropic-messages', { tools: [{ type: 'web_search_20260209', name: 'web_search' }], tool_choice: { type: 'auto' }, model: 'm' }, { model: 'm' }],
  ['drop-unknown-top-level', 'openai-chat', { model: 'm', messages: [], novelty: 1 }, { model: 'm', messages: [] }],
];

test.each(cases)('%s in %s: what it says and nothing else', (name, dialect, before, after) => {
  expect(applyQuirks([name], frozen(before), dialect)).toEqual({ body: after, edits: [name] });
});

test('every adjustment that is described has a case', () => {
  expect(quirks.map((quirk) => quirk.name).filter((name) => !cases.some(([known]) => known === name))).toEqual([]);
});

test('an adjustment that finds nothing to do, is of another wire format or is not known hands on the very same body', () => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
  for (const dialect of ['anthropic-messages', 'openai-chat'] as const) {
    const done = applyQuirks([...quirks.map((quirk) => quirk.name), 'no-such-quirk'], body, dialect);
    expect(done.body).toBe(body);
    expect(done.edits).toEqual([]);
  }
  const chat = { max_tokens: 5 };
  expect(applyQuirks(['max-completion-tokens'], chat, 'anthropic-messages').body).toBe(chat);
  expect(applyQuirks(undefined, chat, 'openai-chat')).toEqual({ body: chat, edits: [] });
});

test('done once is done: a second time changes nothing, whatever the body', () => {
  const parts = fc.oneof(fc.constantFrom<unknown>(...cases.flatMap(([, , body]) => Object.values(body))), fc.jsonValue());
  const bodies = fc.dictionary(fc.constantFrom(...new Set(cases.flatMap(([, , body]) => Object.keys(body)))), parts);
  fc.assert(fc.property(bodies, fc.constantFrom(...quirks), (body, quirk) => {
    for (const dialect of quirk.dialects) {
      const once = applyQuirks([quirk.name], frozen(structuredClone(body)), dialect);
      const twice = applyQuirks([quirk.name], frozen(structuredClone(once.body)), dialect);
      expect(twice.body).toEqual(once.body);
      expect(twice.edits).toEqual([]);
    }
  }));
});
