// Pure. The frames of a Messages stream to ReplyEvents.
import { jsonOf, type SseFrame } from '@fairlead/shared/wire/sse.ts';
import { isLoose, numberOf, objectOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { brokenOff, unreadableFrame } from '../hub/events.ts';
import type { BlockKind, ReplyEvent, ReplySource, StreamReader } from '../hub/events.ts';
import { citationOf } from './citations.ts';
import { faults } from './faults.ts';
import { foundIn, toolOfName } from './server-tools.ts';
import { readStop } from './stop-reasons.ts';
import { readingOf } from './usage.ts';

/** Opens a reader for one stream. Blocks of a kind that no other dialect has are left out. */
export function openReader(source: ReplySource): StreamReader {
  let over = false;
  let usage: Record<string, unknown> = {};
  let blocks = 0;
  const open = new Map<number, number>();
  /** Calls of the vendor's own tools stay open until their results come as blocks of their own. */
  const working = new Map<string, number>();
  const results = new Map<number, string>();

  const startBlock = (index: number, content: Loose): ReplyEvent[] => {
    const callId = textOf(content['tool_use_id']);
    const worked = callId === undefined ? undefined : working.get(callId);
    if (callId !== undefined && worked !== undefined) {
      results.set(index, callId);
      return [{ kind: 'found', index: worked, ...foundIn(content['content']) }];
    }
    const block = blockOf(content, source);
    if (!block) return [];
    // A number that is taken again ends the block that had it.
    const before = open.has(index) ? endBlock(index) : [];
    open.set(index, blocks);
    if (block.kind === 'server-tool') working.set(block.id, blocks);
    const text = textOf(content['text']) ?? textOf(content['thinking']) ?? '';
    const first: ReplyEvent[] = text === '' ? [] : [{ kind: 'block-delta', index: blocks, text }];
    return [...before, { kind: 'block-start', index: blocks++, block }, ...first];
  };
  const endBlock = (index: number): ReplyEvent[] => {
    const answered = results.get(index);
    if (answered !== undefined) {
      const at = working.get(answered);
      working.delete(answered);
      return at === undefined ? [] : [{ kind: 'block-end', index: at }];
    }
    const at = open.get(index);
    open.delete(index);
    return at === undefined || isWorking(at) ? [] : [{ kind: 'block-end', index: at }];
  };
  const isWorking = (at: number): boolean => { for (const one of working.values()) if (one === at) return true; return false; };

  const read = (event: Loose): ReplyEvent[] => {
    const index = numberOf(event['index']) ?? 0;
    switch (event['type']) {
      case 'content_block_delta': {
        const at = open.get(index);
        return at === undefined || !isLoose(event['delta']) ? [] : deltaOf(event['delta'], at, source);
      }
      case 'content_block_start':
        return isLoose(event['content_block']) ? startBlock(index, event['content_block']) : [];
      case 'content_block_stop':
        return endBlock(index);
      case 'message_start': {
        const message = objectOf(event['message']) ?? {};
        usage = isLoose(message['usage']) ? { ...message['usage'] } : {};
        const start: ReplyEvent = { kind: 'start', id: textOf(message['id']) ?? '', model: textOf(message['model']) ?? '' };
        return Object.keys(usage).length > 0 ? [start, { kind: 'reading', reading: readingOf(usage) }] : [start];
      }
      case 'message_delta': {
        const delta = objectOf(event['delta']) ?? {};
        const news = objectOf(event['usage']) ?? {};
        for (const [name, value] of Object.entries(news)) if (value !== null) usage[name] = value;
        const reading: ReplyEvent[] = Object.keys(news).length > 0 ? [{ kind: 'reading', reading: readingOf(usage) }] : [];
        const raw = textOf(delta['stop_reason']);
        return raw === undefined ? reading : [...reading, { kind: 'stop', stop: readStop(raw, textOf(delta['stop_sequence'])) }];
      }
      case 'message_stop':
        over = true;
        return [...[...new Set([...open.values(), ...working.values()])].map((at): ReplyEvent => ({ kind: 'block-end', index: at })), { kind: 'end' }];
      case 'ping':
        return [{ kind: 'keep-alive' }];
      case 'error': {
        over = true;
        const error = objectOf(event['error']) ?? {};
        return [{ kind: 'fault', status: faults.statusOf(error), message: textOf(error['message']) ?? 'The upstream reported an error.' }];
      }
      default:
        return [];
    }
  };

  return {
    push(frame: SseFrame) {
      if (over) return [];
      const event = jsonOf(frame);
      // The meter believes the name of what comes by the hundred; so must this, or one of them sees an end where the other does not.
      if (isLoose(event)) return read(frame.event === 'content_block_delta' && event['type'] !== frame.event ? { ...event, type: frame.event } : event);
      over = true;
      return [unreadableFrame];
    },
    end() {
      if (over) return [];
      over = true;
      return [brokenOff];
    },
  };
}

function blockOf(block: Loose, { issuer }: ReplySource): BlockKind | undefined {
  switch (block['type']) {
    case 'text':
    case 'thinking':
      return { kind: block['type'] };
    case 'redacted_thinking':
      return { kind: 'sealed-thinking', seal: { dialect: 'anthropic-messages', issuer, data: textOf(block['data']) ?? '' } };
    case 'tool_use':
      return { kind: 'tool-call', id: textOf(block['id']) ?? '', name: textOf(block['name']) ?? '' };
    case 'server_tool_use':
      return { kind: 'server-tool', tool: toolOfName(textOf(block['name'])), id: textOf(block['id']) ?? '' };
    default:
      return undefined;
  }
}

function deltaOf(delta: Loose, index: number, { issuer }: ReplySource): ReplyEvent[] {
  const signature = textOf(delta['signature']);
  if (signature !== undefined) return signature === '' ? [] : [{ kind: 'seal', index, seal: { dialect: 'anthropic-messages', issuer, data: signature } }];
  if (isLoose(delta['citation'])) return [{ kind: 'citation', index, citation: citationOf(delta['citation']) }];
  const text = textOf(delta['text']) ?? textOf(delta['thinking']) ?? textOf(delta['partial_json']) ?? '';
  return text === '' ? [] : [{ kind: 'block-delta', index, text }];
}
