import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { UsageOutcome } from '@fairlead/shared/usage/event.ts';
import type { Candidate } from './candidate.ts';

/** Budget held while an exchange runs; freed exactly once. */
export interface Grant {
  /** Reserves the upper bound of one attempt, asking for more when what is held is not enough. Throws a quota Fault. */
  reserve(amountNano: bigint): Reservation | Promise<Reservation>;
  /** Told what an attempt used, for what is counted in tokens; absent when nothing is. */
  used?: (reading: Reading) => void;
  /** What an attempt draws on besides: the key's purses of tokens and requests. Absent when nothing binds it in these. */
  draw?: ((candidate: Candidate) => Promise<Drawable[]>) | undefined;
  /** Frees what is held and not used. Calling it again does nothing. */
  close(): void;
}

/** Money set aside for one attempt. */
export interface Reservation {
  leaseId: string | undefined;
  amountNano: bigint;
  /** Nothing covers it, since the control plane cannot be reached and its owner lets it go on: all of it is excess. */
  uncovered?: true | undefined;
  /** A neighbour lent it. */
  loan?: { loanId: string; lenderId: string } | undefined;
  /** Books what it cost against the lease and frees the rest, once. */
  settle(costNano: bigint, excessNano: bigint): void;
}

/** An amount set aside in a purse beside the key's dollars. */
export interface Drawable {
  unit: QuotaUnit;
  leaseId: string;
  /** In the purse's unit. */
  amount: bigint;
  /** The upper bound where nothing covers it: then the amount is none, and all that is used is excess. */
  unheld?: bigint | undefined;
  /** A neighbour lent it. */
  loan?: { loanId: string; lenderId: string } | undefined;
  /** Books what was used and frees the rest, once. */
  settle(spent: bigint, excess: bigint): void;
}

/** The purses of upstreams and credentials. */
export interface CalleePurses {
  /** What a call of this candidate draws on; of all purses or of none. Throws `upstream.over-quota`. */
  draw(candidate: Candidate, signal: Signal): Promise<Drawable[]>;
}

/** How an attempt ended. `reading` is absent when nothing is known of what it used. */
export interface AttemptEnd { outcome: UsageOutcome; httpStatus?: number; reading?: Reading; estimated?: boolean }

/** The open account of one attempt: a reserve record is on disk already. */
export interface AttemptAccount {
  /** What people should read of how it is paid. */
  readonly note?: string | undefined;
  /** Writes the durable usage event, once; later calls do nothing. A promise when that is not yet done. */
  settle(end: AttemptEnd): void | Promise<void>;
  /** What it was charged, in nano-USD; undefined before it is settled, and where no price is known. */
  charged?: () => bigint | undefined;
}

/** Opens accounts for the attempts of one exchange. */
export interface Accounts { open(candidate: Candidate, attempt: number): Promise<AttemptAccount> }
