import type { Price } from '@fairlead/shared/money/charge.ts';
import type { Choice, LeftOut } from '@fairlead/shared/plan/plan.ts';
import type { SnapshotCredential } from '@fairlead/shared/snapshot/snapshot.ts';

/** One upstream, model and credential to try, with what it may cost at most. */
export interface Candidate extends Choice {
  credential: SnapshotCredential;
  price: Price | undefined;
  /** The most output tokens that may be asked for. */
  outputCap: number;
  /** True when the key has a budget or an output limit, so that the cap must be kept. */
  bounded: boolean;
  /** Upper bound of the charge in nano-USD; 0 when unpriced or not metered. */
  reserveNano: bigint;
}

/** Ordered candidates and what was left out, with reasons. */
export interface Plan { route: string | undefined; candidates: Candidate[]; leftOut: LeftOut[]; /** A second candidate is called when no content has come after this long. */ hedgeAfterMs?: number | undefined; /** Streams that clients leave are kept and replayed to the same request. */ replay?: boolean | undefined }
