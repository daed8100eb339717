import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { AttemptAccount } from './account.ts';
import type { Candidate } from './candidate.ts';

/** What the client gets: status, headers, and bytes whole or as they come. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** What is known of an answer's tokens while it passes; `reading` may grow until the end. */
export interface Watch {
  reading(): Reading | undefined;
  /** Bytes of content seen, for an estimate when no usage was reported. */
  contentBytes(): number;
}

/** An upstream's answer after Commit, not yet metered. */
export interface Reply extends Answer {
  candidate: Candidate;
  account: AttemptAccount | undefined;
  watch: Watch;
  /** Epoch ms of the first content. */
  firstContentAtMs: number;
  /** The attempts so far, this one last; its duration is filled in at the end. */
  attempts: TraceAttempt[];
  /** How the stream ended; asked after the last byte. */
  ended(): StreamEnd;
}

/** The end of an answer: whole, or broken with what the log may say. */
export interface StreamEnd { outcome: 'OK' | 'FAILED'; detail?: string }
