// Pure. A Reply to a whole Responses reply.
import type { ResponsesReply } from '@fairlead/shared/wire/openai-responses.ts';
import type { BlockKind, ReplyEvent, ReplyFacts } from '../hub/events.ts';
import type { Written } from '../hub/loss.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { openAnswer } from './answer-events.ts';

/** The body for a client: what the events of a stream would add up to. */
export function writeReply(reply: Reply, facts: ReplyFacts): Written<ResponsesReply> {
  const answer = openAnswer(facts);
  const events: ReplyEvent[] = [{ kind: 'start', id: reply.id, model: reply.model }, ...reply.parts.flatMap(eventsOf), ...(reply.reading ? [{ kind: 'reading' as const, reading: reply.reading }] : []), { kind: 'stop', stop: reply.stop }, { kind: 'end' }];
  for (const event of events) answer.push(event);
  return { value: answer.reply(), losses: answer.losses() };
}

function eventsOf(part: ReplyPart, index: number): ReplyEvent[] {
  const text = part.kind === 'tool-call' || part.kind === 'server-tool' ? part.input : part.kind === 'sealed-thinking' ? '' : part.text;
  const told: ReplyEvent[] = text === '' ? [] : [{ kind: 'block-delta', index, text }];
  if (part.kind === 'text') {
    if (part.logprobs) told.push({ kind: 'logprobs', index, logprobs: part.logprobs });
    for (const citation of part.citations ?? []) told.push({ kind: 'citation', index, citation });
  }
  if (part.kind === 'thinking' && part.seal) told.push({ kind: 'seal', index, seal: part.seal });
  if (part.kind === 'server-tool') told.push({ kind: 'found', index, found: part.found, output: part.output });
  return [{ kind: 'block-start', index, block: blockOf(part) }, ...told, { kind: 'block-end', index }];
}

function blockOf(part: ReplyPart): BlockKind {
  switch (part.kind) {
    case 'text':
      return { kind: 'text', ...(part.refusal && { refusal: true }) };
    case 'thinking':
      return { kind: 'thinking' };
    case 'sealed-thinking':
      return { kind: 'sealed-thinking', seal: part.seal };
    case 'tool-call':
      return { kind: 'tool-call', id: part.id, name: part.name, ...(part.seal && { seal: part.seal }) };
    case 'server-tool':
      return { kind: 'server-tool', tool: part.tool, id: part.id };
  }
}
