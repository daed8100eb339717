// Pure. Writes streamed replies of the Chat Completions API in the vendor's order.
import { CHAT_DONE, type ChatChunk, type ChatDelta } from '@fairlead/shared/wire/openai-chat.ts';
import { writeSseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Spoken, Step } from '../dialect.ts';
import type { BrokenEnding } from '../misbehaviour.ts';
import { NO_TOKENS } from '../bill.ts';
import { chatCalls, chatUsage, FINISH_REASONS } from './reply.ts';

const ARGUMENT_CHARACTERS = 24;

/** All chunks of a reply. */
export function chatSteps(spoken: Spoken): Step[] {
  const { answer, prompt, tokens } = spoken;
  const base = { id: spoken.newId('chatcmpl-'), object: 'chat.completion.chunk', created: spoken.atS, model: prompt.model } as const;
  const usage = prompt.reportUsage ? { usage: null } : {};
  const chunk = (delta: ChatDelta, finish: ChatChunk['choices'][number]['finish_reason'] = null): Step =>
    step({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage });
  const calls = chatCalls(spoken);
  const steps: Step[] = [{ ...chunk({ role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }), tokens: NO_TOKENS }];
  if (answer.thinking !== '') steps.push(chunk({ reasoning_content: answer.thinking }));
  for (const content of answer.pieces) steps.push(chunk({ content }));
  for (const [index, call] of calls.entries()) {
    steps.push(chunk({ tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.function.name, arguments: '' } }] }));
    for (let at = 0; at < call.function.arguments.length; at += ARGUMENT_CHARACTERS) {
      steps.push(chunk({ tool_calls: [{ index, function: { arguments: call.function.arguments.slice(at, at + ARGUMENT_CHARACTERS) } }] }));
    }
  }
  steps.push({ ...chunk({}, FINISH_REASONS[answer.stop]), ending: true });
  if (prompt.reportUsage) steps.push({ ...step({ ...base, choices: [], usage: chatUsage(tokens) }), tokens, ending: true });
  // A client that asks for no usage is billed all the same: the vendor knows what it sent.
  steps.push({ text: writeSseFrame({ data: CHAT_DONE }), tokens, ending: true });
  return steps;
}

/** The chunk with which a stream fails on the way. */
export function chatBroken(ending: BrokenEnding): Step {
  return { text: writeSseFrame({ data: JSON.stringify({ error: { message: ending.message ?? 'The server had an error while processing your request.', type: ending.type ?? 'server_error', param: null, code: null } }) }) };
}

function step(chunk: ChatChunk): Step {
  return { text: writeSseFrame({ data: JSON.stringify(chunk) }) };
}
