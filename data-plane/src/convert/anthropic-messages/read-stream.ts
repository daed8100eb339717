// Pure. The frames of a Messages stream to ReplyEvents.
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, numberOf, parseJson, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { BlockKind, ReplyEvent, StreamReader } from '../hub/events.ts';
import { readStop } from './stop-reasons.ts';
import { readingOf } from './usage.ts';
import { statusOf } from './error-types.ts';

/** Opens a reader for one stream. Blocks of a kind that no other dialect has are left out. */
export function openReader(): StreamReader {
  let over = false;
  let usage: Record<string, unknown> = {};
  let blocks = 0;
  const open = new Map<number, number>();

  const read = (event: Loose): ReplyEvent[] => {
    const index = numberOf(event['index']) ?? 0;
    switch (event['type']) {
      case 'message_start': {
        const message = isLoose(event['message']) ? event['message'] : {};
        usage = isLoose(message['usage']) ? { ...message['usage'] } : {};
        const start: ReplyEvent = { kind: 'start', id: textOf(message['id']) ?? '', model: textOf(message['model']) ?? '' };
        return Object.keys(usage).length > 0 ? [start, { kind: 'reading', reading: readingOf(usage) }] : [start];
      }
      case 'content_block_start': {
        const block = isLoose(event['content_block']) ? blockOf(event['content_block']) : undefined;
        if (!block) return [];
        open.set(index, blocks);
        const text = isLoose(event['content_block']) ? (textOf(event['content_block']['text']) ?? textOf(event['content_block']['thinking']) ?? '') : '';
        const first: ReplyEvent[] = text === '' ? [] : [{ kind: 'block-delta', index: blocks, text }];
        return [{ kind: 'block-start', index: blocks++, block }, ...first];
      }
      case 'content_block_delta': {
        const at = open.get(index);
        return at === undefined || !isLoose(event['delta']) ? [] : deltaOf(event['delta'], at);
      }
      case 'content_block_stop': {
        const at = open.get(index);
        open.delete(index);
        return at === undefined ? [] : [{ kind: 'block-end', index: at }];
      }
      case 'message_delta': {
        const delta = isLoose(event['delta']) ? event['delta'] : {};
        const news = isLoose(event['usage']) ? event['usage'] : {};
        for (const [name, value] of Object.entries(news)) if (value !== null) usage[name] = value;
        const reading: ReplyEvent[] = Object.keys(news).length > 0 ? [{ kind: 'reading', reading: readingOf(usage) }] : [];
        const raw = textOf(delta['stop_reason']);
        return raw === undefined ? reading : [...reading, { kind: 'stop', stop: readStop(raw, textOf(delta['stop_sequence'])) }];
      }
      case 'message_stop':
        over = true;
        return [...[...open.values()].map((at): ReplyEvent => ({ kind: 'block-end', index: at })), { kind: 'end' }];
      case 'ping':
        return [{ kind: 'keep-alive' }];
      case 'error': {
        over = true;
        const error = isLoose(event['error']) ? event['error'] : {};
        return [{ kind: 'fault', status: statusOf(textOf(error['type'])), message: textOf(error['message']) ?? 'The upstream reported an error.' }];
      }
      default:
        return [];
    }
  };

  return {
    push(frame: SseFrame) {
      if (over) return [];
      const event = parseJson(frame.data);
      if (isLoose(event)) return read(event);
      over = true;
      return [{ kind: 'fault', status: 502, message: 'The upstream sent a frame that cannot be read.' }];
    },
    end() {
      if (over) return [];
      over = true;
      return [{ kind: 'fault', status: 502, message: 'The upstream broke off in the middle of its answer.' }];
    },
  };
}

function blockOf(block: Loose): BlockKind | undefined {
  switch (block['type']) {
    case 'text':
    case 'thinking':
      return { kind: block['type'] };
    case 'redacted_thinking':
      return { kind: 'sealed-thinking', data: textOf(block['data']) ?? '' };
    case 'tool_use':
      return { kind: 'tool-call', id: textOf(block['id']) ?? '', name: textOf(block['name']) ?? '' };
    default:
      return undefined;
  }
}

function deltaOf(delta: Loose, index: number): ReplyEvent[] {
  const signature = textOf(delta['signature']);
  if (signature !== undefined) return signature === '' ? [] : [{ kind: 'signature', index, signature }];
  const text = textOf(delta['text']) ?? textOf(delta['thinking']) ?? textOf(delta['partial_json']) ?? '';
  return text === '' ? [] : [{ kind: 'block-delta', index, text }];
}
