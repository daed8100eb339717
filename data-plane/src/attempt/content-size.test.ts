import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import { contentSize } from './content-size.ts';

test.each<[DialectName, unknown, number]>([
  ['anthropic-messages', { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } }, 5],
  ['anthropic-messages', { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }, 2],
  ['anthropic-messages', { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'x'.repeat(300) } }, 0],
  ['anthropic-messages', { type: 'ping' }, 0],
  ['openai-chat', { id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: 'Héllo €😀' } }] }, 'Héllo €😀'.length + 5],
  ['openai-chat', { choices: [{ delta: { tool_calls: [{ function: { name: 'f', arguments: '{"a":1}' } }] } }] }, 9],
  ['openai-responses', { type: 'response.output_text.delta', item_id: 'm', delta: 'abc' }, 3],
  ['openai-responses', { type: 'response.output_text.done', text: 'abc' }, 0],
  ['gemini-generate', { candidates: [{ content: { parts: [{ text: 'ab' }, { text: 'cd' }] } }] }, 4],
])('%s: of %j what a vendor charges for is %i bytes', (dialect, event, bytes) => {
  expect(contentSize(dialect, { data: JSON.stringify(event) })).toBe(bytes);
});

test('a hostile frame of a megabyte of escapes is measured in no time', () => {
  const startedAt = performance.now();
  expect(contentSize('openai-chat', { data: `{"content":"${'\\\\'.repeat(500_000)}` })).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('a single string of 20 megabytes is measured', () => {
  expect(contentSize('anthropic-messages', { data: `{"delta":{"text":"${'x'.repeat(20_000_000)}"}}` })).toBe(20_000_000);
});

// What the scan stands for, where a pattern's stack is deep enough.
const pattern: Record<DialectName, RegExp> = {
  'anthropic-messages': /"(?:text|thinking|partial_json)"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'openai-chat': /"(?:content|reasoning_content|reasoning|refusal|arguments)"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'openai-responses': /"delta"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
  'gemini-generate': /"text"\s*:\s*"((?:[^"\\]|\\.)*)"/g,
};

test('whatever a frame holds, JSON or not, it is measured as the pattern of a string says', () => {
  const part = fc.constantFrom('"text"', '"content"', '"delta"', '"arguments"', ':', ' ', '"', '\\', '\\"', '\n', '\u2028', 'é', '😀', 'x', '{', '}');
  fc.assert(fc.property(fc.constantFrom(...Object.keys(pattern) as DialectName[]), fc.array(part, { maxLength: 40 }), (dialect, parts) => {
    const data = parts.join('');
    const expected = [...data.matchAll(pattern[dialect])].reduce((size, match) => size + Buffer.from(match[1] ?? '').length, 0);
    expect(contentSize(dialect, { data })).toBe(expected);
  }), { numRuns: 3_000 });
});
