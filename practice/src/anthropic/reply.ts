// Pure. Writes whole replies and errors of the Messages API.
import type { ContentBlock, MessagesError, MessagesReply, MessagesStopReason, MessagesUsage } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { Answer } from '../answer.ts';
import type { Refusal, Spoken } from '../dialect.ts';
import type { Tokens } from '../tokens.ts';
import { signThinking } from './signature.ts';

/** The whole reply. */
export function messagesReply(spoken: Spoken): MessagesReply {
  return {
    id: spoken.newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: spoken.prompt.model,
    content: blocksOf(spoken),
    stop_reason: STOP_REASONS[spoken.answer.stop],
    stop_sequence: spoken.answer.stopSequence,
    usage: usageOf(spoken.tokens),
  };
}

/** The blocks of a reply in their order: thinking, text, calls. */
export function blocksOf(spoken: Spoken): ContentBlock[] {
  const { answer, prompt } = spoken;
  const thinking: ContentBlock[] =
    answer.thinking === '' ? [] : [{ type: 'thinking', thinking: prompt.thinking === 'shown' ? answer.thinking : '', signature: signThinking(answer.thinking) }];
  const text: ContentBlock[] = answer.pieces.length === 0 ? [] : [{ type: 'text', text: answer.pieces.join('') }];
  const calls = answer.calls.map((call): ContentBlock => ({ type: 'tool_use', id: spoken.newId('toolu_'), name: call.tool.name, input: JSON.parse(JSON.stringify(call.input)) }));
  return [...thinking, ...text, ...calls];
}

/** Why an answer stopped, in the vendor's words. */
export const STOP_REASONS: Readonly<Record<Answer['stop'], MessagesStopReason>> = { end: 'end_turn', tools: 'tool_use', length: 'max_tokens', 'stop-sequence': 'stop_sequence' };

/** The vendor's form of a token count. */
export function usageOf(tokens: Tokens): MessagesUsage {
  return {
    input_tokens: tokens.input,
    cache_creation_input_tokens: tokens.cacheWrite5m + tokens.cacheWrite1h,
    cache_read_input_tokens: tokens.cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: tokens.cacheWrite5m, ephemeral_1h_input_tokens: tokens.cacheWrite1h },
    output_tokens: tokens.output,
    ...(tokens.reasoning > 0 && { output_tokens_details: { thinking_tokens: tokens.reasoning } }),
  };
}

const TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error', 401: 'authentication_error', 402: 'billing_error', 403: 'permission_error', 404: 'not_found_error',
  413: 'request_too_large', 429: 'rate_limit_error', 504: 'timeout_error', 529: 'overloaded_error',
};

/** An error body. */
export function messagesError(refusal: Refusal, newId: (prefix: string) => string): MessagesError {
  const type = TYPES[refusal.status] ?? (refusal.status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message: refusal.message }, request_id: newId('req_') };
}
