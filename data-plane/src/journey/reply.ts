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

/**
 * What an exchange answers with, not yet metered. A client that is kept waiting gets it before any upstream has
 * answered: then who serves it, and what it uses, is known only while its bytes come.
 */
export interface Reply extends Answer {
  /** Who serves it; undefined while nobody does, and for a refusal in the vendor's own words. */
  readonly candidate: Candidate | undefined;
  readonly account: AttemptAccount | undefined;
  readonly watch: Watch;
  /** Epoch ms of the first content; 0 while there is none. */
  readonly firstContentAtMs: number;
  /** The attempts so far; the duration of the one that serves is filled in at the end. */
  readonly attempts: TraceAttempt[];
  /** How the stream ended; asked after the last byte. */
  ended(): StreamEnd;
}

/** The end of an answer: whole, or broken with what the log may say. */
export interface StreamEnd { outcome: 'OK' | 'FAILED' | 'LEFT'; detail?: string; /** The code of our own fault, when nobody could serve it. */ faultCode?: string }
