import { expect, test } from 'vitest';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { openReader } from './read-stream.ts';
import { openUsageReader } from './usage.ts';

const frame = (event: Record<string, unknown>, name = String(event.type)): SseFrame => ({ event: name, data: JSON.stringify(event) });
const start = (index: number) => frame({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });

test('a block whose number is taken by another is ended by it', () => {
  const reader = openReader({ issuer: 'i' });
  const kinds = [start(0), start(0), frame({ type: 'content_block_stop', index: 0 }), frame({ type: 'message_stop' })].flatMap((one) => reader.push(one)).map((event) => ('index' in event ? `${event.kind} ${event.index}` : event.kind));
  expect(kinds).toEqual(['block-start 0', 'block-end 0', 'block-start 1', 'block-end 1', 'end']);
});

test('a frame that is named a delta is no end, for the reader as for the meter', () => {
  const lie = frame({ type: 'message_stop' }, 'content_block_delta');
  const meter = openUsageReader();
  meter.push(lie);
  const reader = openReader({ issuer: 'i' });
  expect([meter.ended(), reader.push(lie), reader.end().map((event) => event.kind)]).toEqual([false, [], ['fault']]);
});
