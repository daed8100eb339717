// Pure. A streamed answer, event by event, whatever dialect it came in.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Loss } from './loss.ts';
import type { Stop } from './stop-reason.ts';

/** What a block of an answer is. */
export type BlockKind =
  | { readonly kind: 'text' }
  | { readonly kind: 'thinking' }
  | { readonly kind: 'sealed-thinking'; readonly data: string }
  | { readonly kind: 'tool-call'; readonly id: string; readonly name: string };

/**
 * One event. Blocks are numbered from 0 in the order of their start, every one ends once, and several may be
 * open together. `stop` comes at most once, `end` only for an answer that its vendor called whole, and
 * nothing follows `end` or `fault`.
 */
export type ReplyEvent =
  | { readonly kind: 'start'; readonly id: string; readonly model: string }
  | { readonly kind: 'block-start'; readonly index: number; readonly block: BlockKind }
  | { readonly kind: 'block-delta'; readonly index: number; readonly text: string }
  | { readonly kind: 'signature'; readonly index: number; readonly signature: string }
  | { readonly kind: 'block-end'; readonly index: number }
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'keep-alive' }
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly status: number; readonly message: string };

/** Reads a vendor's frames. */
export type StreamReader = {
  push(frame: SseFrame): ReplyEvent[];
  /** What the end of the bytes means: nothing more, an end that needs no frame of its own, or a fault. */
  end(): ReplyEvent[];
};

/** Writes a client's frames. */
export type StreamWriter = {
  push(event: ReplyEvent): SseFrame[];
  /** What could not be carried so far. */
  losses(): readonly Loss[];
};

/** What the vendor's stream does not tell, or tells too late: given, since this code has no clock and no randomness. */
export type StreamFacts = {
  readonly replyId: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdS: number;
  /** Whether the client asked for the usage of a stream, where that is a choice. */
  readonly reportUsage: boolean;
};
