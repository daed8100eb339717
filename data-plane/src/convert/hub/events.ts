// Pure. A streamed answer, event by event, whatever dialect it came in.
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import type { Citation } from './citation.ts';
import type { Conversation, ServerTool } from './conversation.ts';
import type { Loss } from './loss.ts';
import type { Logprob } from './reply.ts';
import type { Seal } from './seal.ts';
import type { Stop } from './stop-reason.ts';

/** What a block of an answer is. */
export type BlockKind =
  | { readonly kind: 'text'; readonly refusal?: true }
  | { readonly kind: 'thinking' }
  | { readonly kind: 'sealed-thinking'; readonly seal: Seal }
  | { readonly kind: 'tool-call'; readonly id: string; readonly name: string; readonly seal?: Seal }
  | { readonly kind: 'server-tool'; readonly tool: ServerTool['kind']; readonly id: string };

/**
 * One event. Blocks are numbered from 0 in the order of their start, every one ends once, and several may be
 * open together. `stop` comes at most once, `end` only for an answer that its vendor called whole, and
 * nothing follows `end` or `fault`. The deltas of a server tool's block are its input.
 */
export type ReplyEvent =
  | { readonly kind: 'start'; readonly id: string; readonly model: string }
  | { readonly kind: 'block-start'; readonly index: number; readonly block: BlockKind }
  | { readonly kind: 'block-delta'; readonly index: number; readonly text: string }
  | { readonly kind: 'seal'; readonly index: number; readonly seal: Seal }
  | { readonly kind: 'citation'; readonly index: number; readonly citation: Citation }
  | { readonly kind: 'logprobs'; readonly index: number; readonly logprobs: readonly Logprob[] }
  | { readonly kind: 'found'; readonly index: number; readonly found: readonly Citation[]; readonly output: string | undefined }
  | { readonly kind: 'block-end'; readonly index: number }
  | { readonly kind: 'reading'; readonly reading: Reading }
  | { readonly kind: 'keep-alive' }
  | { readonly kind: 'stop'; readonly stop: Stop }
  | { readonly kind: 'end' }
  | { readonly kind: 'fault'; readonly status: number; readonly message: string };

/** What a frame without a meaning comes to. */
export const unreadableFrame: ReplyEvent = { kind: 'fault', status: 502, message: 'The upstream sent a frame that cannot be read.' };

/** What an end before the end comes to. */
export const brokenOff: ReplyEvent = { kind: 'fault', status: 502, message: 'The upstream broke off in the middle of its answer.' };

/** Reads a vendor's frames. */
export type StreamReader = {
  push(frame: SseFrame): ReplyEvent[];
  /** What the end of the bytes means: nothing more, an end that needs no frame of its own, or a fault. */
  end(): ReplyEvent[];
  /** What was in the answer so far and has no event. */
  losses?(): readonly Loss[];
};

/** Writes a client's frames. */
export type StreamWriter = {
  push(event: ReplyEvent): SseFrame[];
  /** What could not be carried so far. */
  losses(): readonly Loss[];
};

/** Who answers. */
export type ReplySource = {
  /** Whose seals these are: equal for all that can read each other's. */
  readonly issuer: string;
};

/** What the vendor's answer does not tell, or tells too late: given, since this code has no clock and no randomness. */
export type ReplyFacts = {
  readonly replyId: string;
  /** The model as the client named it. */
  readonly model: string;
  /** Seconds since 1970. */
  readonly createdS: number;
  /** Whether the client asked for the usage of a stream, where that is a choice. */
  readonly reportUsage: boolean;
  /** What was asked: some dialects repeat it in the answer, and calls go back in the form that their tools were offered in. */
  readonly asked: Conversation;
};
