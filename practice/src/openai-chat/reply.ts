// Pure. Writes whole replies of the Chat Completions API.
import type { ChatFinishReason, ChatReply, ChatToolCall, ChatUsage } from '@fairlead/shared/wire/openai-chat.ts';
import type { Answer } from '../answer.ts';
import type { Spoken } from '../dialect.ts';
import type { Tokens } from '../tokens.ts';

/** The whole reply. */
export function chatReply(spoken: Spoken): ChatReply {
  const { answer, prompt } = spoken;
  const calls = chatCalls(spoken);
  return {
    id: spoken.newId('chatcmpl-'),
    object: 'chat.completion',
    created: spoken.atS,
    model: prompt.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: answer.pieces.length > 0 ? answer.pieces.join('') : null,
          refusal: null,
          ...(answer.thinking !== '' && { reasoning_content: answer.thinking }),
          ...(calls.length > 0 && { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: FINISH_REASONS[answer.stop],
      },
    ],
    usage: chatUsage(spoken.tokens),
  };
}

/** The calls of an answer; free tools have no place here, so their input is wrapped. */
export function chatCalls(spoken: Spoken): Extract<ChatToolCall, { type: 'function' }>[] {
  return spoken.answer.calls.map((call) => ({
    id: spoken.newId('call_'),
    type: 'function',
    function: { name: call.tool.name, arguments: JSON.stringify(typeof call.input === 'string' ? { input: call.input } : call.input) },
  }));
}

/** Why an answer stopped, in the vendor's words. */
export const FINISH_REASONS: Readonly<Record<Answer['stop'], ChatFinishReason>> = { end: 'stop', tools: 'tool_calls', length: 'length', 'stop-sequence': 'stop' };

/** The vendor's form of a token count: the prompt includes what was cached. */
export function chatUsage(tokens: Tokens): ChatUsage {
  const prompt = tokens.input + tokens.cacheRead;
  return {
    prompt_tokens: prompt,
    completion_tokens: tokens.output,
    total_tokens: prompt + tokens.output,
    prompt_tokens_details: { cached_tokens: tokens.cacheRead },
    completion_tokens_details: { reasoning_tokens: tokens.reasoning },
  };
}
