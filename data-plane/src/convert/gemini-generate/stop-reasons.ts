// Pure.
import type { Stop, StopReason } from '../hub/stop-reason.ts';

/** What a reason of this vendor means; `broken` is an answer that is none, whatever came before it. */
type Meaning = StopReason | 'broken';

const READ: Readonly<Record<string, Meaning>> = {
  STOP: 'end', MAX_TOKENS: 'length',
  SAFETY: 'refusal', RECITATION: 'refusal', LANGUAGE: 'refusal', BLOCKLIST: 'refusal', PROHIBITED_CONTENT: 'refusal', SPII: 'refusal', MODEL_ARMOR: 'refusal',
  IMAGE_SAFETY: 'refusal', IMAGE_PROHIBITED_CONTENT: 'refusal', IMAGE_RECITATION: 'refusal',
  // The model wrote a call that nobody can read, or one that it may not make: a call must not be made up from it.
  MALFORMED_FUNCTION_CALL: 'broken', UNEXPECTED_TOOL_CALL: 'broken', TOO_MANY_TOOL_CALLS: 'broken', MALFORMED_RESPONSE: 'broken', MISSING_THOUGHT_SIGNATURE: 'broken',
  OTHER: 'unknown', NO_IMAGE: 'unknown', IMAGE_OTHER: 'unknown', FINISH_REASON_UNSPECIFIED: 'unknown',
};

const WRITE: Readonly<Record<StopReason, string>> = {
  end: 'STOP', tools: 'STOP', length: 'MAX_TOKENS', 'stop-sequence': 'STOP', refusal: 'SAFETY', pause: 'STOP', 'context-full': 'MAX_TOKENS', unknown: 'STOP',
};

/** Whether an answer that ends for this reason is none. */
export function isBroken(raw: unknown): boolean {
  return typeof raw === 'string' && Object.hasOwn(READ, raw) && READ[raw] === 'broken';
}

/** The reason that this dialect's word stands for; it has none of its own for calls. Undefined where the answer is broken. */
export function readStop(raw: string | undefined, hasCalls: boolean): Stop | undefined {
  const meaning = raw !== undefined && Object.hasOwn(READ, raw) ? (READ[raw] ?? 'unknown') : 'unknown';
  if (meaning === 'broken') return undefined;
  return { reason: hasCalls && meaning === 'end' ? 'tools' : meaning, raw, sequence: undefined };
}

/** This dialect's word. */
export function writeStop(stop: Stop): string {
  return WRITE[stop.reason];
}
