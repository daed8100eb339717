// Pure. ReplyEvents to the frames of a Messages stream.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { BlockDelta, ContentBlock, MessagesEvent } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { BlockKind, ReplyEvent, StreamFacts, StreamWriter } from '../hub/events.ts';
import type { Stop } from '../hub/stop-reason.ts';
import { errorType } from '../faults.ts';
import { writeStop } from './stop-reasons.ts';
import { createToolIds } from './tool-ids.ts';
import { writeUsage } from './usage-words.ts';

type Block = { readonly kind: BlockKind['kind']; readonly waiting: SseFrame[]; ended: boolean };

/**
 * Opens a writer for one stream. Clients of this dialect expect one block after the other: where several are
 * open together, the first streams on and the others wait for its end.
 */
export function openWriter(facts: StreamFacts): StreamWriter {
  const idOf = createToolIds();
  const blocks: Block[] = [];
  let live = 0;
  let started = false;
  let over = false;
  let reading: Reading | undefined;
  let stop: Stop = { reason: 'unknown', raw: undefined, sequence: undefined };

  const start = (id: string): SseFrame[] => {
    if (started) return [];
    started = true;
    const message = { id: id || facts.replyId, type: 'message', role: 'assistant', model: facts.model, content: [], stop_reason: null, stop_sequence: null, usage: { ...writeUsage(reading), output_tokens: 0 } } as const;
    return [frame({ type: 'message_start', message })];
  };
  const say = (index: number, event: MessagesEvent): SseFrame[] => {
    const block = blocks[index];
    if (!block || block.ended) return [];
    if (event.type === 'content_block_stop') block.ended = true;
    if (index !== live) {
      block.waiting.push(frame(event));
      return [];
    }
    const out = [frame(event)];
    while (blocks[live]?.ended) {
      live += 1;
      out.push(...(blocks[live]?.waiting.splice(0) ?? []));
    }
    return out;
  };
  const write = (event: ReplyEvent): SseFrame[] => {
    switch (event.kind) {
      case 'start':
        return start(event.id);
      case 'block-start': {
        blocks[event.index] = { kind: event.block.kind, waiting: [], ended: false };
        return [...start(''), ...say(event.index, { type: 'content_block_start', index: event.index, content_block: opened(event.block, idOf) })];
      }
      case 'block-delta': {
        const kind = blocks[event.index]?.kind;
        return kind === undefined ? [] : say(event.index, { type: 'content_block_delta', index: event.index, delta: deltaOf(kind, event.text) });
      }
      case 'signature':
        return say(event.index, { type: 'content_block_delta', index: event.index, delta: { type: 'signature_delta', signature: event.signature } });
      case 'block-end':
        return say(event.index, { type: 'content_block_stop', index: event.index });
      case 'reading':
        reading = event.reading;
        return [];
      case 'keep-alive':
        return [...start(''), frame({ type: 'ping' })];
      case 'stop':
        stop = event.stop;
        return [];
      case 'end': {
        over = true;
        const rest = blocks.flatMap((_, index) => say(index, { type: 'content_block_stop', index }));
        const reason = writeStop(stop, blocks.some((block) => block.kind === 'tool-call'));
        return [...start(''), ...rest, frame({ type: 'message_delta', delta: { stop_reason: reason, stop_sequence: stop.sequence ?? null }, usage: writeUsage(reading) }), frame({ type: 'message_stop' })];
      }
      case 'fault':
        over = true;
        return [frame({ type: 'error', error: { type: errorType('anthropic-messages', event.status), message: event.message } })];
    }
  };

  return { push: (event) => (over ? [] : write(event)), losses: () => [] };
}

function opened(block: BlockKind, idOf: (id: string) => string): ContentBlock {
  switch (block.kind) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'sealed-thinking':
      return { type: 'redacted_thinking', data: block.data };
    case 'tool-call':
      return { type: 'tool_use', id: idOf(block.id), name: block.name, input: {} };
  }
}

function deltaOf(kind: BlockKind['kind'], text: string): BlockDelta {
  if (kind === 'tool-call') return { type: 'input_json_delta', partial_json: text };
  return kind === 'thinking' ? { type: 'thinking_delta', thinking: text } : { type: 'text_delta', text };
}

function frame(event: MessagesEvent): SseFrame {
  return { event: event.type, data: JSON.stringify(event) };
}
