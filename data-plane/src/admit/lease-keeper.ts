import { createAppetite } from '@fairlead/shared/lease/appetite.ts';
import { createHoldings, freeNano } from '@fairlead/shared/lease/holdings.ts';
import type { ClosedLease, Held, Holdings, LeaseMemory, RecoveredLease } from '@fairlead/shared/lease/holdings.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '@fairlead/shared/lease/lease.ts';
import { purseName } from '@fairlead/shared/lease/purse.ts';
import type { Purse, QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import { newId } from '@fairlead/shared/id.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import type { Reservation } from '../journey/account.ts';
import type { Borrowing } from './borrowing.ts';

/** The control plane cannot be reached, or is not itself: nobody has refused anything. */
export class Unreached extends Error {}

/** Where leases come from: the control plane. `ask` throws Unreached when it cannot be reached, and something else when it refuses this node. */
export interface LeaseSource {
  ask(ask: LeaseAsk, signal: AbortSignal): Promise<LeaseGrant | LeaseDenial>;
  /** Resolves to the ids of leases that are closed for good. */
  report(report: LeaseReport, signal: AbortSignal): Promise<string[]>;
}

/** Keeps the slices this node may spend, by purse. */
export interface LeaseKeeper {
  /**
   * Sets an amount aside for one attempt, of a holder's dollars unless told otherwise; throws `quota.spent` or
   * `quota.unavailable`. `goesOn`: where the control plane cannot be reached it is let go on uncovered instead.
   */
  reserve(holderId: string, amountNano: bigint, signal: Signal, unit?: QuotaUnit, goesOn?: boolean): Reservation | Promise<Reservation>;
  /** Tells the control plane how the leases stand and gives idle ones back. */
  report(signal: AbortSignal): Promise<void>;
  /** The control plane was lost: once it is back it is told of everything anew, since its database may be an older one. */
  lost(): void;
  /** The lease that was closed last with something spent. */
  lastClosed(): string | undefined;
  /**
   * Whether the control plane knows that this lease was closed. If not, its database is an older one and is told of
   * everything anew: once, until it knows of it.
   */
  heardOf(leaseId: string, known: boolean): void;
  /** Gives everything unreserved back, for an orderly stop. */
  release(signal: AbortSignal): Promise<void>;
  /** How many slices of any purse, and what they hold of dollars. */
  held(): { leases: number; grantedNano: bigint; spentNano: bigint };
}

/** A keeper whose slices may be lent on. */
export interface LendingKeeper extends LeaseKeeper { readonly slices: Pick<Holdings, 'lend' | 'couldLend' | 'lentBefore'> }

const askTimeoutMs = 5_000;
/** Whoever can borrow leaves a neighbour the time to answer. */
const askBeforeBorrowingMs = 3_500;
/** Whoever can go on without the control plane (uncovered, or on what a neighbour lends) does not wait for an ask each time, only once in so long. */
const askAgainMs = 2_000;
/** A purse that is this busy is asked for again when half of its lease is left, so that its requests never wait for the answer. */
const busySlices = 32n;

/**
 * A keeper for one boot: brings what the holdings decide to the control plane, one ask or report at a time, and lets
 * requests wait for it. Nothing is ever reclaimed by a timer.
 */
export function createLeaseKeeper(parts: { bootId: string; source: LeaseSource; memory: LeaseMemory; clock: Clock; recovered: Iterable<RecoveredLease>; closed?: Iterable<ClosedLease>; /** Whether all that was ever granted is known here: only then may a list be called complete. */ complete: boolean; /** Where there are neighbours to borrow from. */ borrowing?: Borrowing | undefined }): LendingKeeper {
  const { bootId, source, memory, clock, borrowing } = parts;
  const holdings = createHoldings({ bootId, now: () => clock.now(), memory, recovered: parts.recovered, closed: parts.closed ?? [], whole: parts.complete });
  const appetite = createAppetite();
  let line: Promise<unknown> = Promise.resolve();
  // Whether the control plane was heard last: a slice is not given up to one that may not hear it.
  let reachable = true;
  let unreachedAtMs = -Infinity;
  let awayAtMs = -Infinity;
  let forgottenId: string | undefined;

  /** One after another: the control plane may only ever see one of our asks or reports at a time. */
  const inLine = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = line.then(work, work);
    line = turn.catch(() => undefined);
    return turn;
  };

  const take = (name: string, holderId: string, unit: QuotaUnit, amountNano: bigint): Reservation | undefined => {
    const slice = holdings.take(name, amountNano);
    if (slice?.low) askAhead({ holderId, unit }, amountNano);
    return slice ?? borrowing?.take(name, amountNano);
  };
  const takeOf = (purse: Purse, amountNano: bigint) => take(purseName(purse.holderId, purse.unit), purse.holderId, purse.unit, amountNano);

  /** What the control plane is asked to know: not what it did not take when it was told. */
  const closedLast = (): { closedLeaseId?: string } => {
    const closedLeaseId = holdings.lastClosed();
    return closedLeaseId === undefined || closedLeaseId === forgottenId ? {} : { closedLeaseId };
  };

  const send = async (signal: AbortSignal, mayClose: (held: Held) => boolean): Promise<void> => {
    const report = { ...holdings.report(mayClose), ...closedLast() };
    const sentAtMs = clock.now();
    let closed: string[];
    try {
      closed = await source.report(report, signal);
      reachable = true;
    } catch (cause) {
      holdings.unreported();
      holdings.retell();
      reachable = false;
      throw cause;
    }
    holdings.reported(sentAtMs, closed);
  };

  const askForMore = async (purse: Purse, amountNano: bigint): Promise<Reservation | LeaseDenial> => {
    const again = takeOf(purse, amountNano);
    if (again) return again;
    const limit = AbortSignal.timeout(borrowing ? askBeforeBorrowingMs : askTimeoutMs);
    const first = await request(purse, amountNano, limit);
    if (!('code' in first)) return first;
    // The budget may be short only because slices lie idle here or were granted unheard: give them back and ask once more.
    // The same for a database that has to be told first what it forgot.
    const short = holdings.doubts() || holdings.of(purseName(purse.holderId, purse.unit)).some((held) => held.reservedNano === 0n && freeNano(held) > 0n);
    if (!short && first.code !== 'ledger.behind') return first;
    await send(limit, (held) => held.grant.holderId === purse.holderId && held.grant.unit === purse.unit);
    return request(purse, amountNano, limit);
  };

  /** Asks in line for the control plane; a neighbour where that cannot be reached, or has granted everything already. One that refuses this node is reached. */
  const cover = async (purse: Purse, amountNano: bigint, isLeft: () => boolean): Promise<Reservation> => {
    const awayMs = clock.now() - awayAtMs;
    const early = borrowing && awayMs >= 0 && awayMs < askAgainMs ? await borrowing.borrow(purse, amountNano) : undefined;
    if (early) return early;
    let answer: Reservation | LeaseDenial;
    try {
      answer = await inLine(async () => {
        if (isLeft()) throw new Error('nobody waits for it any more');
        const got = await askForMore(purse, amountNano);
        // Freed in its turn, so that the next one finds it.
        if (isLeft() && !('code' in got)) got.settle(0n, 0n);
        return got;
      });
    } catch (cause) {
      if (!(cause instanceof Unreached)) throw cause;
      awayAtMs = clock.now();
      const lent = await borrowing?.borrow(purse, amountNano);
      if (lent) return lent;
      throw cause;
    }
    if (!('code' in answer)) return answer;
    const lent = answer.code === 'quota.spent' ? await borrowing?.borrow(purse, amountNano) : undefined;
    if (lent) return lent;
    throw spent(answer, purse, amountNano, clock.now());
  };

  /** Waits for a turn and an answer no longer than the client does, nor than the limit; an ask under way goes on, since its grant must be known. */
  const waitInLine = async (purse: Purse, amountNano: bigint, signal: Signal): Promise<Reservation> => {
    const over = new Stop();
    let leave = (): void => undefined;
    let left = false;
    const turn = cover(purse, amountNano, () => left);
    const gone = new Promise<never>((_, reject) => {
      clock.sleep(askTimeoutMs, over.signal).then(() => reject(new Unreached('no answer in time')), () => undefined);
      if (signal.aborted) reject(new Fault('client.left'));
      leave = () => reject(new Fault('client.left'));
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      return await Promise.race([turn, gone]);
    } catch (cause) {
      left = true;
      turn.then((late) => late.settle(0n, 0n), () => undefined);
      if (cause instanceof Fault) throw cause;
      if (cause instanceof Unreached) unreachedAtMs = clock.now();
      throw new Fault('quota.unavailable', { detail: `lease for ${purseName(purse.holderId, purse.unit)}`, retryAfterMs: 2_000, cause });
    } finally {
      signal.removeEventListener('abort', leave);
      over.abort();
    }
  };

  const ahead = new Set<string>();
  /** Asks before there is need; a refusal is left for the request that it hits. */
  const askAhead = (purse: Purse, amountNano: bigint): void => {
    const name = purseName(purse.holderId, purse.unit);
    if ((appetite.last(name) ?? 0n) < busySlices || ahead.has(name) || !reachable) return;
    const mostly = holdings.of(name).some((held) => holdings.isUsable(held) && freeNano(held) * 2n >= held.grantedNano);
    if (mostly) return;
    ahead.add(name);
    inLine(() => request(purse, amountNano, AbortSignal.timeout(askTimeoutMs))).then((answer) => {
      if ('code' in answer) appetite.refused(name, clock.now());
      else answer.settle(0n, 0n);
    }, () => undefined).finally(() => ahead.delete(name));
  };

  /** One that the control plane will not take, since its budget is gone, is not told for ever. */
  const forgotten = (leaseId: string): void => {
    if (leaseId === forgottenId) return;
    forgottenId = leaseId;
    holdings.retell();
  };

  const request = async (purse: Purse, amountNano: bigint, signal: AbortSignal): Promise<Reservation | LeaseDenial> => {
    const ask = { ...holdings.ask(purse, amountNano, amountNano * appetite.next(purseName(purse.holderId, purse.unit), clock.now())), ...closedLast() };
    let answer: LeaseGrant | LeaseDenial;
    try {
      answer = await source.ask(ask, signal);
      reachable = true;
      if (!('code' in answer)) await holdings.granted(answer);
    } catch (cause) {
      reachable = false;
      holdings.unheard();
      if (cause instanceof Unreached) holdings.retell();
      throw cause;
    }
    if ('code' in answer) {
      if (answer.code === 'ledger.behind' && ask.closedLeaseId !== undefined) forgotten(ask.closedLeaseId);
      return answer;
    }
    const reservation = takeOf(purse, amountNano);
    if (!reservation) throw new Error('the granted lease is smaller than what was needed');
    return reservation;
  };

  const goOn = async (purse: Purse): Promise<Reservation> => {
    try {
      return await holdings.goOn(purse, newId('lease', clock.now()));
    } catch (cause) {
      // What cannot be written down is not begun.
      throw new Fault('quota.unavailable', { detail: `nothing can be noted for ${purseName(purse.holderId, purse.unit)}`, retryAfterMs: 2_000, cause });
    }
  };

  /** As `waitInLine`, and uncovered where nobody can be asked. */
  const coveredOrNot = async (purse: Purse, amountNano: bigint, signal: Signal): Promise<Reservation> => {
    const sinceMs = clock.now() - unreachedAtMs;
    if (sinceMs >= 0 && sinceMs < askAgainMs) return goOn(purse);
    try {
      return await waitInLine(purse, amountNano, signal);
    } catch (cause) {
      if (!(cause instanceof Fault) || !(cause.cause instanceof Unreached)) throw cause;
      return goOn(purse);
    }
  };

  return {
    reserve(holderId, amountNano, signal, unit = 'USD', goesOn = false) {
      const held = take(purseName(holderId, unit), holderId, unit, amountNano);
      if (held) return held;
      return goesOn ? coveredOrNot({ holderId, unit }, amountNano, signal) : waitInLine({ holderId, unit }, amountNano, signal);
    },
    async report(signal) {
      if (!holdings.isDue()) return;
      await inLine(() => send(signal, (held) => !holdings.isUsable(held) || (reachable && holdings.isIdle(held))));
    },
    slices: holdings,
    lost() {
      reachable = false;
      holdings.retell();
    },
    lastClosed: () => holdings.lastClosed(),
    heardOf(leaseId, known) {
      if (!known) forgotten(leaseId);
      else if (leaseId === forgottenId) forgottenId = undefined;
    },
    async release(signal) {
      if (holdings.all().length > 0) await inLine(() => send(signal, () => true));
    },
    held() {
      const all = holdings.all();
      const list = all.filter(({ grant }) => grant.unit === 'USD');
      return { leases: all.length, grantedNano: list.reduce((sum, held) => sum + held.grantedNano, 0n), spentNano: list.reduce((sum, held) => sum + held.spentNano, 0n) };
    },
  };
}

function spent(denial: LeaseDenial, { unit }: Purse, amountNano: bigint, now: number): Fault {
  const what = unit === 'USD' ? '' : `It is a limit of ${unit.toLowerCase()}. `;
  const resets = denial.resetsAt === undefined ? '' : `It starts anew at ${new Date(denial.resetsAt).toISOString()}.`;
  const hint = `${what}${resets}`.trim();
  return new Fault('quota.spent', {
    detail: `${denial.subject}: ${unit === 'USD' ? usdText(amountNano) : amountNano} ${unit} could not be held (${denial.code})`,
    ...(hint ? { hint } : {}),
    ...(denial.resetsAt === undefined ? {} : { retryAfterMs: Math.max(0, denial.resetsAt - now) }),
  });
}
