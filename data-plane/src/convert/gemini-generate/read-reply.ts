// Pure. A whole generateContent reply to a Reply: the one chunk of its answer.
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { BlockKind, ReplyEvent, ReplySource } from '../hub/events.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { openChunkReader } from './read-stream.ts';

/** The reply that a body is; of several candidates the first counts. */
export function readReply(body: Loose, source: ReplySource): Reply {
  const reader = openChunkReader(source);
  const parts: ReplyPart[] = [];
  let reply: Omit<Reply, 'parts'> = { id: '', model: '', stop: { reason: 'unknown', raw: undefined, sequence: undefined }, reading: undefined };
  for (const event of reader.read(body)) {
    switch (event.kind) {
      case 'start': reply = { ...reply, id: event.id, model: event.model }; break;
      case 'reading': reply = { ...reply, reading: event.reading }; break;
      case 'stop': reply = { ...reply, stop: event.stop }; break;
      case 'block-start': parts.push(opened(event.block)); break;
      default: {
        const part = 'index' in event ? parts[event.index] : undefined;
        if (part && 'index' in event) parts[event.index] = changed(part, event);
      }
    }
  }
  const losses = reader.losses();
  return { ...reply, parts, ...(losses.length > 0 && { losses }) };
}

/** Why a body is no answer though it looks like one, as one with a call that nobody can read; undefined when it is. */
export function brokenReply(body: Loose): string | undefined {
  for (const event of openChunkReader({ issuer: '' }).read(body)) if (event.kind === 'fault') return event.message;
  return undefined;
}

function opened(block: BlockKind): ReplyPart {
  switch (block.kind) {
    case 'text': return { kind: 'text', text: '', ...(block.refusal && { refusal: true }) };
    case 'thinking': return { kind: 'thinking', text: '' };
    case 'sealed-thinking': return block;
    case 'tool-call': return { ...block, input: '' };
    case 'server-tool': return { ...block, input: '', found: [], output: undefined };
  }
}

function changed(part: ReplyPart, event: ReplyEvent): ReplyPart {
  switch (event.kind) {
    case 'block-delta':
      if (part.kind === 'text' || part.kind === 'thinking') return { ...part, text: part.text + event.text };
      return part.kind === 'sealed-thinking' ? part : { ...part, input: part.input + event.text };
    case 'seal': return part.kind === 'thinking' ? { ...part, seal: event.seal } : part;
    case 'citation': return part.kind === 'text' ? { ...part, citations: [...(part.citations ?? []), event.citation] } : part;
    case 'logprobs': return part.kind === 'text' ? { ...part, logprobs: [...(part.logprobs ?? []), ...event.logprobs] } : part;
    case 'found': return part.kind === 'server-tool' ? { ...part, found: event.found, output: event.output } : part;
    default: return part;
  }
}
