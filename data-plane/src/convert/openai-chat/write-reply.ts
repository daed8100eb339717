// Pure. A Reply to a whole Chat Completions reply.
import type { ChatReply, ChatToolCall } from '@fairlead/shared/wire/openai-chat.ts';
import type { JsonObject } from '@fairlead/shared/wire/json.ts';
import type { ReplyFacts } from '../hub/events.ts';
import { createLossList, type Written } from '../hub/loss.ts';
import type { Reply } from '../hub/reply.ts';
import { packSeal } from '../hub/seal.ts';
import { annotationWord } from './citations.ts';
import { logprobWords } from './logprobs.ts';
import { sealDetail, sealOnCall } from './seals.ts';
import { writeStop } from './stop-reasons.ts';
import { writeUsage } from './usage-words.ts';

/** The body for a client. */
export function writeReply(reply: Reply, facts: ReplyFacts): Written<ChatReply> {
  const losses = createLossList();
  const free = new Set(facts.asked.tools.filter((tool) => tool.free).map((tool) => tool.name));
  const texts = reply.parts.filter((part) => part.kind === 'text');
  const text = texts.filter((part) => !part.refusal).map((part) => part.text).join('');
  const refusal = texts.filter((part) => part.refusal).map((part) => part.text).join('');
  const thinking = reply.parts.flatMap((part) => (part.kind === 'thinking' ? [part.text] : [])).join('');
  const details: JsonObject[] = [];
  const calls: ChatToolCall[] = [];
  for (const part of reply.parts) {
    // Each is sealed with its words, since several become one text here.
    if (part.kind === 'thinking' && part.seal) details.push(sealDetail({ ...part.seal, text: part.text }, details.length));
    if (part.kind === 'sealed-thinking') details.push(sealDetail(part.seal, details.length));
    if (part.kind === 'server-tool') losses.add('server tool: what it found');
    if (part.kind !== 'tool-call') continue;
    if (free.has(part.name)) calls.push({ id: part.id, type: 'custom', custom: { name: part.name, input: part.input } });
    else calls.push({ id: part.id, type: 'function', function: { name: part.name, arguments: part.input }, ...(part.seal && { extra_content: sealOnCall(packSeal(part.seal)) }) });
  }
  let from = 0;
  const annotations = texts.filter((part) => !part.refusal).flatMap((part) => {
    const start = from;
    from += part.text.length;
    return (part.citations ?? []).map((citation) => annotationWord(citation, start, from));
  });
  const logprobs = texts.flatMap((part) => part.logprobs ?? []);
  const message = {
    role: 'assistant' as const, content: text === '' ? null : text, refusal: refusal === '' ? null : refusal,
    ...(thinking !== '' && { reasoning_content: thinking }), ...(details.length > 0 && { reasoning_details: details }), ...(annotations.length > 0 && { annotations }), ...(calls.length > 0 && { tool_calls: calls }),
  };
  const value: ChatReply = {
    id: reply.id || facts.replyId,
    object: 'chat.completion',
    created: facts.createdS,
    model: facts.model,
    choices: [{ index: 0, message, logprobs: logprobs.length > 0 ? { content: logprobWords(logprobs) } : null, finish_reason: writeStop(reply.stop, calls.length > 0) }],
    ...(reply.reading && { usage: writeUsage(reply.reading) }),
  };
  return { value, losses: losses.list() };
}
