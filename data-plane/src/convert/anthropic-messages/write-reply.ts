// Pure. A Reply to a whole Messages reply.
import type { ContentBlock, MessagesReply } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isLoose, parseJson, type JsonObject } from '@fairlead/shared/wire/json.ts';
import { plainJson } from '../plain-json.ts';
import type { ReplyFacts } from '../hub/events.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import type { Reply, ReplyPart } from '../hub/reply.ts';
import { packSeal } from '../hub/seal.ts';
import { citationWord } from './citations.ts';
import { serverToolBlocks } from './server-tool-blocks.ts';
import { writeStop } from './stop-reasons.ts';
import { createToolIds, type ToolIds } from './tool-ids.ts';
import { writeUsage } from './usage-words.ts';

/** The body for a client. */
export function writeReply(reply: Reply, facts: ReplyFacts): Written<MessagesReply> {
  const losses = createLossList();
  const ids = createToolIds();
  const value: MessagesReply = {
    id: reply.id || facts.replyId,
    type: 'message',
    role: 'assistant',
    model: facts.model,
    content: textLast(reply.parts).flatMap((part, at) => blocksOf(part, at, ids, losses)),
    stop_reason: writeStop(reply.stop, reply.parts.some((part) => part.kind === 'tool-call')),
    stop_sequence: reply.stop.sequence ?? null,
    usage: writeUsage(reply.reading),
  };
  return { value, losses: losses.list() };
}

/** Parts with thinking that follows the last text put before it: behind it, it would hide the text from clients. */
function textLast(parts: readonly ReplyPart[]): readonly ReplyPart[] {
  const last = parts.findLastIndex((part) => part.kind !== 'thinking' && part.kind !== 'sealed-thinking');
  if (last < 0 || last === parts.length - 1 || parts[last]?.kind !== 'text') return parts;
  return [...parts.slice(0, last), ...parts.slice(last + 1), ...parts.slice(last, last + 1)];
}

function blocksOf(part: ReplyPart, at: number, ids: ToolIds, losses: LossList): ContentBlock[] {
  switch (part.kind) {
    case 'text':
      if (part.logprobs) losses.add('logprobs');
      return part.text === '' ? [] : [{ type: 'text', text: part.text, ...(part.citations && { citations: part.citations.map(citationWord) }) }];
    case 'thinking':
      // Clients take thinking without a signature; it is taken out again before it could reach a vendor.
      return [{ type: 'thinking', thinking: part.text, signature: part.seal ? packSeal(part.seal) : '' }];
    case 'sealed-thinking':
      return [{ type: 'redacted_thinking', data: packSeal(part.seal) }];
    case 'tool-call': {
      const id = ids.give(part.id);
      const call: ContentBlock = { type: 'tool_use', id, name: part.name, input: inputOf(part.input, losses) };
      // This dialect seals no calls: what another sealed travels before it as thinking that nobody can read.
      return part.seal ? [{ type: 'redacted_thinking', data: packSeal({ ...part.seal, callId: id }) }, call] : [call];
    }
    case 'server-tool':
      return serverToolBlocks(part, at);
  }
}

/** The input of a call as the object that this dialect demands. */
export function inputOf(text: string, losses: LossList): JsonObject {
  const read = text === '' ? {} : parseJson(text);
  if (isLoose(read)) return plainJson(read);
  losses.add('tool-call: input that is no object');
  return { input: text };
}
