// Pure.
import type { ChatFinishReason } from '@fairlead/shared/wire/openai-chat.ts';
import type { Stop, StopReason } from '../hub/stop-reason.ts';

const READ: Readonly<Record<ChatFinishReason, StopReason>> = { stop: 'end', length: 'length', tool_calls: 'tools', function_call: 'tools', content_filter: 'refusal' };

const WRITE: Readonly<Record<StopReason, ChatFinishReason>> = {
  end: 'stop', tools: 'tool_calls', length: 'length', 'stop-sequence': 'stop', refusal: 'content_filter', pause: 'stop', 'context-full': 'length', unknown: 'stop',
};

/** The reason that this dialect's word stands for. */
export function readStop(raw: string | undefined): Stop {
  const known = Object.entries(READ).find(([word]) => word === raw);
  return { reason: known ? known[1] : 'unknown', raw, sequence: undefined };
}

/** This dialect's word; an answer that ends with calls has stopped for them, whatever its vendor says. */
export function writeStop(stop: Stop, hasCalls: boolean): ChatFinishReason {
  return hasCalls && (stop.reason === 'end' || stop.reason === 'unknown') ? 'tool_calls' : WRITE[stop.reason];
}
