// Pure. What a node decides about the slices it holds: what may be spent, what is accepted, what goes back.
import type { LeaseAsk, LeaseGrant, LeaseReport, LeaseState } from './lease.ts';
import { purseName } from './purse.ts';
import type { Purse } from './purse.ts';

/** What must outlive a crash. */
export interface LeaseMemory {
  /** Written when it returns, or when the promise is kept; throws or rejects when it cannot be. */
  granted(grant: LeaseGrant): void | Promise<void>;
  leaseClosed(leaseId: string, nowMs: number): void;
}

/** A lease that is closed for good, as it was told last: what a database that is restored to an older state may have forgotten. */
export interface ClosedLease extends RecoveredLease { closedAtMs: number }

/** Closed leases are kept for so long, and so many of them: those that nothing was spent from, never. */
export const closedKeptMs = 24 * 3_600_000;
export const closedKeptMost = 2_000;

/** A lease as recovered from the journal. */
export interface RecoveredLease { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }

/** A slice in a node's hands. `ending`: nothing more is spent from it, and it is reported as final. */
export interface Held { readonly grant: LeaseGrant; readonly grantedNano: bigint; spentNano: bigint; excessNano: bigint; reservedNano: bigint; idleSinceMs: number; ending: boolean }

/** An amount set aside on a slice; settled once, whatever happens. `leaseId` is the ledger's, also of a loan. `low`: less than half of the slice is left. `uncovered`: nothing covers it, so all of it is excess. */
export interface Slice { leaseId: string; amountNano: bigint; low: boolean; uncovered?: true; /** Where the slice is a neighbour's. */ loan?: { loanId: string; lenderId: string }; settle(costNano: bigint, excessNano: bigint): void }

/** With the tick at which nodes report and the way there, what lies idle is back within two seconds. */
const idleMs = 1_250;
/**
 * When a lost ask is hardly under way to the control plane any more; when its signature is too old to be heard; and when
 * even what was granted then is older than any list under way, which is what frees a slice of a boot whose clock was ahead.
 */
const lateMs = [30_000, 310_000, 910_000] as const;

/** What is left of a slice. */
export function freeNano(held: Held): bigint {
  return held.grantedNano - held.spentNano - held.reservedNano;
}

/** The decisions that keep a slice; nodes and the simulation both act on these. */
export const holderRules = {
  /** A grant is taken only for the ask under way: an earlier one's slice has been given up. */
  accepts: (grant: LeaseGrant, ask: LeaseAsk | undefined): boolean => ask !== undefined && grant.bootId === ask.bootId && grant.reqSeq === ask.reqSeq && grant.holderId === ask.holderId && grant.unit === ask.unit,
  /** A slice that ends, or whose window is over, takes no more. */
  isUsable: (held: Held, nowMs: number): boolean => !held.ending && (held.grant.usableUntil === undefined || held.grant.usableUntil > nowMs),
  /** Never more than the slice has left, what is reserved counted as spent. */
  fits: (held: Held, amountNano: bigint): boolean => freeNano(held) >= amountNano,
  /** A slice ends only when nothing is reserved on it. */
  mayEnd: (held: Held): boolean => held.reservedNano === 0n,
  /** A slice of an earlier boot is only wound up. */
  isOver: (_recovered: RecoveredLease): boolean => true,
  /** A list is complete only when all that was ever granted is known. */
  isComplete: (whole: boolean): boolean => whole,
  /** A neighbour gets at most half of what is free, and nothing when that is less than it needs. What was lent to this node it does not lend on. */
  lends: (held: Held, needNano: bigint, wantNano: bigint): bigint => {
    if (held.grant.loan !== undefined) return 0n;
    const most = freeNano(held) / 2n;
    return most < needNano ? 0n : most < wantNano ? most : wantNano;
  },
};

/** The decisions of a holder; the simulation takes one away at a time. */
export type HolderRules = typeof holderRules;

/** The slices of one boot of a node. It sends nothing: whoever owns it sends one ask or report at a time. */
export interface Holdings {
  /** Sets an amount aside, when a slice of this purse (`purseName`) has it. */
  take(purse: string, amountNano: bigint): Slice | undefined;
  /** Lets a request go on that no slice covers, on a lease of nothing with this id: the ledger takes it in when it is told of it, and what it cost is excess. */
  goOn(purse: Purse, leaseId: string): Slice | Promise<Slice>;
  /** Sets an amount aside for a neighbour, at least what it needs and at most what it wants; nothing when no slice has as much to spare. */
  lend(purse: string, needNano: bigint, wantNano: bigint): (Slice & { usableUntil: number | undefined }) | undefined;
  /** Whether `lend` would. */
  couldLend(purse: string, needNano: bigint): boolean;
  /** Sets aside what was lent of this slice before the node's last start; nothing when it is not held any more. */
  lentBefore(leaseId: string, amountNano: bigint): Slice | undefined;
  /** The slices of one purse. */
  of(purse: string): readonly Held[];
  all(): Held[];
  isUsable(held: Held): boolean;
  /** Whether nothing was spent from it for a while. */
  isIdle(held: Held): boolean;
  /** The next ask; those before it are over. */
  ask(purse: Purse, needNano: bigint, wantNano: bigint): LeaseAsk;
  /** Takes the grant of the ask under way, written down before it can be spent; throws when it was not asked for. Where writing takes time it may be spent when the promise is kept. */
  granted(grant: LeaseGrant): void | Promise<void>;
  /** The ask under way is over without a grant that we know of: a complete list is due now, and again when it can no longer be under way. */
  unheard(): void;
  /** Whether a slice may have been granted in our name that we do not know. */
  doubts(): boolean;
  /** Whether a report would tell something new. */
  isDue(): boolean;
  /** How all slices stand; those that may close and have nothing reserved end with it. */
  report(mayClose: (held: Held) => boolean): LeaseReport;
  /** The report of that time was taken in, and these leases are closed for good. */
  reported(sentAtMs: number, closed: readonly string[]): void;
  /** The report was not heard, as far as we know. */
  unreported(): void;
  /** The control plane was lost for a while, and may be an older one when it is back: the next report tells of closed leases too. */
  retell(): void;
  /** The lease that was closed last with something spent: a control plane that does not know that it is closed was restored to an older state. */
  lastClosed(): string | undefined;
}

/** What the slices of a boot need. `whole`: all that was ever granted to this node is known here. */
export interface HoldingParts { bootId: string; now: () => number; memory: LeaseMemory; recovered: Iterable<RecoveredLease>; /** Closed ones of earlier boots. */ closed?: Iterable<ClosedLease>; whole: boolean; rules?: HolderRules }

/** Slices of one boot; those of earlier ones are wound up. */
export function createHoldings({ bootId, now, memory, recovered, closed = [], whole, rules = holderRules }: HoldingParts): Holdings {
  const byPurse = new Map<string, Held[]>();
  let reqSeq = 0;
  let underWay: LeaseAsk | undefined;
  let changed = true;
  // When complete lists are due because a slice may be held in our name that we do not know: an earlier boot's, or a lost answer's.
  let doubts: number[] = [];

  const add = (held: Held) => {
    const purse = purseName(held.grant.holderId, held.grant.unit);
    const list = byPurse.get(purse);
    if (list) list.push(held);
    else byPurse.set(purse, [held]);
  };
  const hold = (grant: LeaseGrant): Held => {
    const held: Held = { grant, grantedNano: BigInt(grant.grantedNano), spentNano: 0n, excessNano: 0n, reservedNano: 0n, idleSinceMs: now(), ending: false };
    add(held);
    return held;
  };
  const kept = new Map([...closed].map((one) => [one.grant.leaseId, one]));
  let lastClosed = [...kept.values()].reduce<ClosedLease | undefined>((last, one) => (last === undefined || one.closedAtMs >= last.closedAtMs ? one : last), undefined)?.grant.leaseId;
  let retelling = kept.size > 0;
  const doubt = () => { doubts = [now(), ...lateMs.map((ms) => now() + ms)]; };
  doubt();
  for (const one of recovered) {
    add({ grant: one.grant, grantedNano: BigInt(one.grant.grantedNano), spentNano: one.spentNano, excessNano: one.excessNano, reservedNano: 0n, idleSinceMs: 0, ending: rules.isOver(one) });
  }
  const all = () => [...byPurse.values()].flat();
  /** Closed for good: only its last word is kept. */
  const forget = ({ grant, spentNano, excessNano }: Held) => {
    memory.leaseClosed(grant.leaseId, now());
    if (spentNano + excessNano === 0n) return;
    kept.set(grant.leaseId, { grant, spentNano, excessNano, closedAtMs: now() });
    lastClosed = grant.leaseId;
    const [oldest] = kept.keys();
    if (kept.size > closedKeptMost && oldest !== undefined) kept.delete(oldest);
  };
  let told = false;
  const isDoubtDue = () => {
    const nowMs = now();
    // A clock that was set back by days must not make a doubt wait for days.
    doubts = doubts.map((at) => Math.min(at, nowMs + lateMs[2]));
    return doubts.some((at) => at <= nowMs);
  };
  const isUsable = (held: Held) => rules.isUsable(held, now());
  // Leases of nothing that are being written down, by purse: requests that come meanwhile share one.
  const beginning = new Map<string, Promise<Held>>();
  const setAside = (held: Held, amountNano: bigint): Slice => {
    held.reservedNano += amountNano;
    let open = true;
    const { leaseId, loan } = held.grant;
    const settle = (costNano: bigint, excessNano: bigint) => {
      if (!open) return;
      open = false;
      held.reservedNano -= amountNano;
      held.spentNano += costNano;
      held.excessNano += excessNano;
      held.idleSinceMs = now();
      changed = true;
    };
    const low = freeNano(held) * 2n < held.grantedNano;
    return loan === undefined ? { leaseId, amountNano, low, settle } : { leaseId: loan.leaseId, amountNano, low, loan: { loanId: leaseId, lenderId: loan.lenderId }, settle };
  };
  const lender = (purse: string, needNano: bigint, wantNano: bigint) => byPurse.get(purse)?.find((held) => isUsable(held) && rules.lends(held, needNano, wantNano) > 0n);
  const uncovered = (held: Held): Slice => {
    // Not an amount: one for each request under way, so that it does not end before them.
    held.reservedNano += 1n;
    let open = true;
    return {
      leaseId: held.grant.leaseId, amountNano: 0n, low: false, uncovered: true,
      settle(costNano, excessNano) {
        if (!open) return;
        open = false;
        held.reservedNano -= 1n;
        held.excessNano += costNano + excessNano;
        held.idleSinceMs = now();
        changed = true;
      },
    };
  };
  const isIdle = (held: Held) => {
    if (held.idleSinceMs > now()) held.idleSinceMs = now(); // the clock was set back
    return held.reservedNano === 0n && now() - held.idleSinceMs >= idleMs;
  };

  return {
    take(purse, amountNano) {
      const held = byPurse.get(purse)?.find((candidate) => isUsable(candidate) && rules.fits(candidate, amountNano));
      return held && setAside(held, amountNano);
    },
    lend(purse, needNano, wantNano) {
      const held = lender(purse, needNano, wantNano);
      return held && { ...setAside(held, rules.lends(held, needNano, wantNano)), usableUntil: held.grant.usableUntil };
    },
    couldLend: (purse, needNano) => lender(purse, needNano, needNano) !== undefined,
    lentBefore(leaseId, amountNano) {
      const held = all().find(({ grant }) => grant.leaseId === leaseId);
      return held && setAside(held, amountNano);
    },
    goOn(purse, leaseId) {
      const name = purseName(purse.holderId, purse.unit);
      const held = byPurse.get(name)?.find((candidate) => candidate.grantedNano === 0n && !candidate.ending);
      if (held) return uncovered(held);
      const begun = beginning.get(name);
      if (begun) return begun.then(uncovered);
      reqSeq += 1;
      const grant: LeaseGrant = { leaseId, holderId: purse.holderId, unit: purse.unit, bootId, reqSeq, grantedNano: '0' };
      const begin = () => hold(grant);
      const written = memory.granted(grant);
      if (!(written instanceof Promise)) return uncovered(begin());
      const soon = written.then(begin).finally(() => beginning.delete(name));
      beginning.set(name, soon);
      return soon.then(uncovered);
    },
    of: (purse) => byPurse.get(purse) ?? [],
    all, isUsable, isIdle,
    ask({ holderId, unit }, needNano, wantNano) {
      reqSeq += 1;
      underWay = { bootId, reqSeq, holderId, unit, needNano: String(needNano), wantNano: String(wantNano) };
      return underWay;
    },
    granted(grant) {
      if (!rules.accepts(grant, underWay)) throw new Error('the control plane granted something that was not asked for');
      underWay = undefined;
      const written = memory.granted(grant);
      if (written instanceof Promise) return written.then(() => void hold(grant));
      hold(grant);
      return undefined;
    },
    unheard() {
      underWay = undefined;
      doubt();
    },
    doubts: () => doubts.length > 0,
    isDue: () => retelling || isDoubtDue() || (byPurse.size > 0 && (changed || all().some((held) => isIdle(held) || (held.reservedNano === 0n && !isUsable(held))))),
    report(mayClose) {
      const leases: LeaseState[] = [];
      for (const held of all()) {
        // One of an earlier start ends from the beginning, but not while a part of it is lent.
        const isFinal = rules.mayEnd(held) && (held.ending || mayClose(held));
        if (isFinal) held.ending = true;
        leases.push(stateOf(held, isFinal));
      }
      if (retelling) for (const one of kept.values()) if (now() - one.closedAtMs < closedKeptMs) leases.push(stateOf(one, true));
      told = retelling;
      if (doubts.length > 0) {
        // Newer than any ask that was lost; whatever is granted for one of those comes too late.
        reqSeq += 1;
        underWay = undefined;
      }
      changed = false;
      return { bootId, reqSeq, complete: rules.isComplete(whole), leases };
    },
    reported(sentAtMs, ids) {
      doubts = doubts.filter((at) => at > sentAtMs);
      const gone = new Set(ids);
      if (told) retelling = false;
      for (const [purse, list] of byPurse) {
        const rest = list.filter((held) => !gone.has(held.grant.leaseId));
        for (const held of list) if (gone.has(held.grant.leaseId)) forget(held);
        if (rest.length > 0) byPurse.set(purse, rest);
        else byPurse.delete(purse);
      }
    },
    unreported() { changed = true; },
    retell() {
      retelling = kept.size > 0 || byPurse.size > 0;
      // An older database may also hold slices of this node that were given back since: only complete lists free those.
      doubt();
    },
    lastClosed: () => lastClosed,
  };
}

function stateOf({ grant, spentNano, excessNano }: RecoveredLease, final: boolean): LeaseState {
  return { leaseId: grant.leaseId, holderId: grant.holderId, unit: grant.unit, bootId: grant.bootId, reqSeq: grant.reqSeq, grantedNano: grant.grantedNano, spentNano: String(spentNano), excessNano: String(excessNano), final };
}
