import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { UsageOutcome } from '@fairlead/shared/usage/event.ts';
import type { Candidate } from './candidate.ts';

/** Budget held while an exchange runs; freed exactly once. */
export interface Grant {
  /** Reserves the upper bound of one attempt, asking for more when what is held is not enough. Throws a quota Fault. */
  reserve(amountNano: bigint): Reservation | Promise<Reservation>;
  /** Frees what is held and not used. Calling it again does nothing. */
  close(): void;
}

/** Money set aside for one attempt. */
export interface Reservation {
  leaseId: string | undefined;
  amountNano: bigint;
  /** Books what it cost against the lease and frees the rest, once. */
  settle(costNano: bigint, excessNano: bigint): void;
}

/** How an attempt ended. `reading` is absent when nothing is known of what it used. */
export interface AttemptEnd { outcome: UsageOutcome; httpStatus?: number; reading?: Reading; estimated?: boolean }

/** The open account of one attempt: a reserve record is on disk already. */
export interface AttemptAccount {
  /** Writes the durable usage event, once; later calls do nothing. A promise when that is not yet done. */
  settle(end: AttemptEnd): void | Promise<void>;
}

/** Opens accounts for the attempts of one exchange. */
export interface Accounts { open(candidate: Candidate, attempt: number): Promise<AttemptAccount> }
