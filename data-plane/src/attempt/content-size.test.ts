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
