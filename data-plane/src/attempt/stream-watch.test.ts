import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { contentSize } from './content-size.ts';
import { openStreamWatch } from './stream-watch.ts';
import { openUsageReader } from '../convert/usage-reader.ts';

const dialects = ['anthropic-messages', 'openai-responses', 'openai-chat', 'gemini-generate'] as const;
const encoder = new TextEncoder();

/** Frames as vendors write them, and as they might. */
const eventOf = fc.oneof(
  fc.tuple(fc.constantFrom('text', 'thinking', 'partial_json', 'signature'), fc.string({ unit: 'grapheme', maxLength: 12 })).map(([name, text]) => `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', [name]: text } })}\n\n`),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `event: response.output_text.delta\ndata: ${JSON.stringify({ type: 'response.output_text.delta', delta: text })}\n\n`),
  fc.string({ maxLength: 12 }).map((text) => `event: content_block_delta\ndata: {"delta" : {"text" : ${JSON.stringify(text)} } }\n\n`),
  fc.string({ maxLength: 12 }).map((text) => `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`),
  fc.constantFrom('event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":7}}}\n\n', 'event: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":9}}\n\n', 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    'event: error\ndata: {"type":"error","error":{"message":"busy"}}\n\n', ': ping\n\n', '\n\n\n', 'data: [DONE]\n\n', 'event: ping\r\ndata: {"type":"ping"}\r\n\r\n', 'data: {"usage":{"prompt_tokens":3,"completion_tokens":4},"choices":[{"finish_reason":"stop"}]}\n\n'),
);

test.each(dialects)('property: %s: however a stream is cut, a watch sees what the parser sees and passes every whole frame on untouched', (dialect) => {
  fc.assert(fc.property(fc.array(eventOf, { maxLength: 12 }), fc.constantFrom('', '\ufeff'), fc.constantFrom('', 'event: content_block_delta\ndata: {"delta":{"text":"un'), fc.infiniteStream(fc.nat(40)), (events, mark, open, cuts) => {
    const bytes = encoder.encode(mark + events.join('') + open);
    const parser = createSseParser();
    const usage = openUsageReader(dialect);
    let content = 0;
    for (const frame of [...parser.push(bytes), ...parser.end()]) { usage.push(frame); content += contentSize(dialect, frame); }
    const watch = openStreamWatch(dialect);
    const out: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + (cuts.next().value ?? 0);
      out.push(Uint8Array.from(watch.push(bytes.slice(at, at + size))));
      at += size;
    }
    const passed = Buffer.concat(out);
    const all = Buffer.concat([passed, watch.end()]);
    expect(Buffer.compare(all, bytes)).toBe(0);
    // What went out before the end stops at the end of a line, so an error can follow it.
    expect(passed.length === 0 || passed[passed.length - 1] === 10 || passed[passed.length - 1] === 13).toBe(true);
    expect([watch.usage.reading(), watch.usage.ended(), watch.usage.failed(), watch.usage.hasContent(), watch.contentBytes()]).toEqual([usage.reading(), usage.ended(), usage.failed(), usage.hasContent(), content]);
  }), { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 5_000 : 300, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? 1) });
});

test('a frame of many megabytes in small pieces is not joined again for each of them', () => {
  const watch = openStreamWatch('anthropic-messages');
  const piece = encoder.encode('x'.repeat(4_096));
  const startedAt = performance.now();
  watch.push(encoder.encode('event: content_block_delta\ndata: {"delta":{"signature":"'));
  for (let at = 0; at < 4_000; at++) watch.push(piece);
  const whole = watch.push(encoder.encode('"}}\n\n'));
  expect([whole.length > 16_000_000, watch.contentBytes()]).toEqual([true, 0]);
  // Joined each time it would be 32 GB of copies.
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
