// Pure. A Reply to a whole Chat Completions reply.
import type { ChatReply, ChatToolCall } from '@fairlead/shared/wire/openai-chat.ts';
import type { StreamFacts } from '../hub/events.ts';
import { createLossList, type Written } from '../hub/loss.ts';
import type { Reply } from '../hub/reply.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';

/** The body for a client. */
export function writeReply(reply: Reply, facts: StreamFacts): Written<ChatReply> {
  const losses = createLossList();
  const text = reply.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const thinking = reply.parts.flatMap((part) => (part.kind === 'thinking' ? [part.text] : [])).join('');
  const calls = reply.parts.flatMap((part): ChatToolCall[] => (part.kind === 'tool-call' ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.input } }] : []));
  for (const part of reply.parts) {
    if (part.kind === 'sealed-thinking') losses.add('thinking: sealed');
    if (part.kind === 'thinking' && part.signature !== undefined) losses.add('thinking: signature');
  }
  const message = { role: 'assistant' as const, content: text === '' ? null : text, refusal: null, ...(thinking !== '' && { reasoning_content: thinking }), ...(calls.length > 0 && { tool_calls: calls }) };
  const value: ChatReply = {
    id: reply.id || facts.replyId,
    object: 'chat.completion',
    created: facts.createdS,
    model: facts.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: writeStop(reply.stop, calls.length > 0) }],
    ...(reply.reading && { usage: writeUsage(reply.reading) }),
  };
  return { value, losses: losses.list() };
}
