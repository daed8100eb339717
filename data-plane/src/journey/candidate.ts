import type { Price, Times } from '@fairlead/shared/money/price.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import type { Choice, LeftOut, Sticky } from '@fairlead/shared/plan/plan.ts';
import type { SnapshotCredential } from '@fairlead/shared/snapshot/snapshot.ts';

/** One upstream, model and credential to try, with what it may cost at most. */
export interface Candidate extends Choice {
  credential: SnapshotCredential;
  price: Price | undefined;
  /** What multiplies its charges; absent = nothing. */
  times?: Times | undefined;
  /** The most output tokens that may be asked for. */
  outputCap: number;
  /** True when the key has a budget or an output limit, so that the cap must be kept. */
  bounded: boolean;
  /** Whether a request that cannot be carried whole is not sent at all. */
  strict?: boolean;
  /** Upper bound of the charge in nano-USD; 0 when unpriced or not metered. */
  reserveNano: bigint;
  /** Upper bound of its tokens, input and output together. */
  tokensMost: number;
}

/** Ordered candidates and what was left out, with reasons. */
export interface Plan {
  /** The name of the route that decided. */
  route: string | undefined;
  candidates: Candidate[];
  leftOut: LeftOut[];
  /** A second upstream is asked when no content has come after this long; absent = never. */
  hedgeAfterMs?: number | undefined;
  /** Streams that the client leaves are kept and replayed to the same request. */
  replay?: boolean | undefined;
}

/** A Plan with what it was made from: with the same table and health it can be made again. */
export interface MadePlan extends Plan {
  routeId: string | undefined;
  facts: AskFacts;
  seed: string;
  sticky: Sticky;
  /** Routes that did not fit, with why. */
  passedOver: { route: string; reason: string }[];
}
