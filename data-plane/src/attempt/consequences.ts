// Pure. What follows from an outcome: what to do next, who is hurt, how long to wait.
import type { Outcome } from './classify.ts';

/** What to do next, and which parts should rest. */
export interface Consequence {
  /** `stop`: tell the client. `next`: another candidate, and this one not again. `later`: another candidate, and this one again in a later round. */
  then: 'stop' | 'next' | 'later';
  /** Whom it speaks against: nobody, the credential (it rests), or the model at its upstream (the breaker counts it). */
  hurts: 'nobody' | 'credential' | 'upstream';
  /** How long a credential rests when the upstream does not say. Doubled with each further time, up to an hour. */
  restMs: number;
  /** The request itself may be the cause: when two upstreams fail so, nobody is hurt. */
  maybePoison: boolean;
}

/** One row for each outcome. */
export const consequences: Record<Outcome, Consequence> = {
  'ok': { then: 'stop', hurts: 'nobody', restMs: 0, maybePoison: false },
  'client-input': { then: 'stop', hurts: 'nobody', restMs: 0, maybePoison: false },
  'client-left': { then: 'stop', hurts: 'nobody', restMs: 0, maybePoison: false },
  'hedge-lost': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
  'held-back': { then: 'later', hurts: 'nobody', restMs: 0, maybePoison: false },
  'over-quota': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
  'credential': { then: 'next', hurts: 'credential', restMs: 60_000, maybePoison: false },
  'credential-spent': { then: 'next', hurts: 'credential', restMs: 600_000, maybePoison: false },
  'model-missing': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
  'limited': { then: 'later', hurts: 'credential', restMs: 2_000, maybePoison: false },
  'overloaded': { then: 'later', hurts: 'upstream', restMs: 0, maybePoison: false },
  'failed': { then: 'later', hurts: 'upstream', restMs: 0, maybePoison: true },
  'unreachable': { then: 'later', hurts: 'upstream', restMs: 0, maybePoison: false },
  'stalled': { then: 'later', hurts: 'upstream', restMs: 0, maybePoison: false },
  'address': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
  'broke-off': { then: 'later', hurts: 'upstream', restMs: 0, maybePoison: true },
  'lossy': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
  'node': { then: 'next', hurts: 'nobody', restMs: 0, maybePoison: false },
};

/** A credential never rests longer by our own guess. */
export const longestRestMs = 3_600_000;
