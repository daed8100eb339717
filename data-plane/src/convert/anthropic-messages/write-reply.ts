// Pure. A Reply to a whole Messages reply.
import type { ContentBlock, MessagesReply } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { StreamFacts } from '../hub/events.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { writeStop } from './stop-reasons.ts';
import { createToolIds } from './tool-ids.ts';
import { writeUsage } from './usage-words.ts';
import { inputOf } from './write-request.ts';

/** The body for a client. */
export function writeReply(reply: Reply, facts: StreamFacts): Written<MessagesReply> {
  const losses = createLossList();
  const idOf = createToolIds();
  const value: MessagesReply = {
    id: reply.id || facts.replyId,
    type: 'message',
    role: 'assistant',
    model: facts.model,
    content: reply.parts.flatMap((part) => blocksOf(part, idOf, losses)),
    stop_reason: writeStop(reply.stop, reply.parts.some((part) => part.kind === 'tool-call')),
    stop_sequence: reply.stop.sequence ?? null,
    usage: writeUsage(reply.reading),
  };
  return { value, losses: losses.list() };
}

function blocksOf(part: ReplyPart, idOf: (id: string) => string, losses: LossList): ContentBlock[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    case 'thinking':
      // Clients take thinking without a signature; it is taken out again before it could reach a vendor.
      return [{ type: 'thinking', thinking: part.text, signature: part.signature ?? '' }];
    case 'sealed-thinking':
      return [{ type: 'redacted_thinking', data: part.data }];
    case 'tool-call':
      return [{ type: 'tool_use', id: idOf(part.id), name: part.name, input: inputOf(part.input, losses) }];
  }
}
