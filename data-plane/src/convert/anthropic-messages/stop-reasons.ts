// Pure.
import type { MessagesStopReason } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { Stop, StopReason } from '../hub/stop-reason.ts';

const READ: Readonly<Record<MessagesStopReason, StopReason>> = {
  end_turn: 'end', tool_use: 'tools', max_tokens: 'length', stop_sequence: 'stop-sequence', refusal: 'refusal', pause_turn: 'pause', model_context_window_exceeded: 'context-full',
};

const WRITE: Readonly<Record<StopReason, MessagesStopReason>> = {
  end: 'end_turn', tools: 'tool_use', length: 'max_tokens', 'stop-sequence': 'stop_sequence', refusal: 'refusal', pause: 'pause_turn', 'context-full': 'model_context_window_exceeded', unknown: 'end_turn',
};

/** The reason that this dialect's word stands for. */
export function readStop(raw: string | undefined, sequence: string | undefined): Stop {
  const known = Object.entries(READ).find(([word]) => word === raw);
  return { reason: known ? known[1] : 'unknown', raw, sequence };
}

/** This dialect's word; an answer that ends with calls has stopped for them, whatever its vendor says. */
export function writeStop(stop: Stop, hasCalls: boolean): MessagesStopReason {
  return hasCalls && (stop.reason === 'end' || stop.reason === 'unknown') ? 'tool_use' : WRITE[stop.reason];
}
