import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { SnapshotKey } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Drawable, Reservation } from '../journey/account.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** What a call of a candidate may need of a purse at most. */
export function needOf(candidate: Candidate, unit: QuotaUnit): bigint {
  switch (unit) {
    case 'USD': return candidate.reserveNano;
    case 'TOKENS': return BigInt(candidate.tokensMost);
    case 'REQUESTS': return 1n;
  }
}

/** What an exchange holds of its key's purses beside dollars. */
export interface KeyPurses {
  /** What one attempt draws on: for the first what admission held, for later ones anew; of all purses or of none. */
  draw(candidate: Candidate): Promise<Drawable[]>;
  close(): void;
}

/** Holds of each purse what the candidate needs that needs most of it, or nothing at all. Throws a quota Fault. */
export async function holdKeyPurses(at: { key: SnapshotKey; units: readonly QuotaUnit[]; candidates: readonly Candidate[]; signal: Signal }, leases: LeaseKeeper): Promise<KeyPurses> {
  const { key, units, candidates, signal } = at;
  const reserve = async (unit: QuotaUnit, amount: bigint): Promise<Drawable> => {
    return drawableOf(unit, amount, await leases.reserve(key.id, amount, signal, unit, key.goesOn?.includes(unit)));
  };
  let held = await allOrNone(units, (unit) => reserve(unit, candidates.reduce((most, candidate) => larger(most, needOf(candidate, unit)), 0n)));
  const close = () => {
    for (const one of held) one.settle(0n, 0n);
    held = [];
  };
  return {
    draw(candidate) {
      const mine = held;
      held = [];
      if (mine.length > 0 && mine.every((one) => one.unheld !== undefined || one.amount >= needOf(candidate, one.unit))) return Promise.resolve(mine);
      for (const one of mine) one.settle(0n, 0n);
      return allOrNone(units, (unit) => reserve(unit, needOf(candidate, unit)));
    },
    close,
  };
}

/** A reservation as what an attempt draws on. */
export function drawableOf(unit: QuotaUnit, most: bigint, { leaseId = '', amountNano, uncovered, loan, settle }: Reservation): Drawable {
  return uncovered ? { unit, leaseId, amount: 0n, unheld: most, settle } : { unit, leaseId, amount: amountNano, loan, settle };
}

/** Takes one after another; when one cannot be had, those before it go back. */
export async function allOrNone<T>(wanted: readonly T[], take: (one: T) => Promise<Drawable | undefined>): Promise<Drawable[]> {
  const taken: Drawable[] = [];
  try {
    for (const one of wanted) {
      const drawable = await take(one);
      if (drawable) taken.push(drawable);
    }
    return taken;
  } catch (cause) {
    for (const one of taken) one.settle(0n, 0n);
    throw cause;
  }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
