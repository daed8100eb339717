// Pure. What the records of a journal come to, wherever they are kept.
import { closedKeptMost, closedKeptMs } from '@fairlead/shared/lease/holdings.ts';
import type { ClosedLease } from '@fairlead/shared/lease/holdings.ts';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { ClosedLoan, Loan } from '@fairlead/shared/lease/loan.ts';
import type { UsageDrawn, UsageEvent, UsageHold } from '@fairlead/shared/usage/event.ts';
import { grantOf, loanClosed, reservedText, settledText, textOf } from './journal-records.ts';
import type { Entry, Open, OpenReserve } from './journal-records.ts';

/** A lease as the journal knows it. Amounts in the unit of its purse. */
export interface HeldLease { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }

/** An event on its way to the control plane: kept as the text that is sent, since hundreds of objects that wait cost the garbage collector more than all else that an exchange leaves. */
export interface PendingEvent { boot: string; seq: number; endedAt: number; text: string; sizeBytes: number }

/** The living state of a journal, one record after another. */
export interface JournalState {
  readonly leases: ReadonlyMap<string, HeldLease>;
  readonly closed: ReadonlyMap<string, ClosedLease>;
  /** What neighbours have of these leases: reserved until they are closed. */
  readonly loans: ReadonlyMap<string, Loan>;
  readonly closedLoans: ReadonlyMap<string, ClosedLoan>;
  /** The open reserve of this id. */
  reserve(id: string): Open | undefined;
  openReserves(): readonly OpenReserve[];
  readonly pending: readonly PendingEvent[];
  /** What the events that wait come to as text. */
  readonly pendingBytes: number;
  /** Whether records were ever lost. */
  readonly lost: boolean;
  /** One more record; `text` is the reserve's or the event's when it is at hand already. */
  take(entry: Entry, text?: string): void;
  /** Records were lost here: of leases nothing is said any more. */
  damaged(): void;
  /** The records that say all of this anew. */
  texts(): string[];
}

/** A state without a record. */
export function createJournalState(): JournalState {
  const leases = new Map<string, HeldLease>();
  const closed = new Map<string, ClosedLease>();
  const loans = new Map<string, Loan>();
  const closedLoans = new Map<string, ClosedLoan>();
  // No Map: what comes and goes in one by the thousand is kept from the garbage collector, because a table that it
  // has outgrown points to the next one, and so to everything that ever was in it, until a full collection.
  let reserves = noReserves();
  let pending: PendingEvent[] = [];
  let pendingBytes = 0;
  let lost = false;

  const book = (boot: string, event: UsageEvent, text: string, counted: boolean | undefined) => {
    delete reserves[event.id];
    pending.push({ boot, seq: event.seq, endedAt: event.endedAt, text, sizeBytes: text.length });
    pendingBytes += text.length;
    const lease = counted ? undefined : leases.get(event.loanId ?? event.leaseId ?? '');
    if (lease) { lease.spentNano += BigInt(event.costNano); lease.excessNano += BigInt(event.excessNano); }
    if (event.holds !== undefined && !counted) bookHolds(event.holds, event.drawn ?? []);
  };

  /** Ids of leases follow time, and so does this map: the oldest go first. */
  const keepClosed = (leaseId: string, atMs: number | undefined) => {
    const lease = leases.get(leaseId);
    // Of a loan its lender keeps what the ledger may have to be told.
    if (!lease || lease.grant.loan !== undefined || atMs === undefined || lease.spentNano + lease.excessNano === 0n) return;
    closed.set(leaseId, { ...lease, closedAtMs: atMs });
    for (const [id, { closedAtMs }] of closed) {
      if (closed.size <= closedKeptMost && atMs - closedAtMs < closedKeptMs) break;
      closed.delete(id);
    }
  };

  /** What a loan came to counts on its lease once; who closes it again, as after a write that was left without an answer, changes nothing. */
  const bookLoan = (one: ClosedLoan, counted: boolean | undefined) => {
    const { loan, spentNano, excessNano, closedAtMs } = one;
    if (!loans.delete(loan.loanId) && !counted) return;
    const lease = counted ? undefined : leases.get(loan.leaseId);
    if (lease) { lease.spentNano += spentNano; lease.excessNano += excessNano; }
    closedLoans.set(loan.loanId, one);
    for (const [id, old] of closedLoans) {
      if (closedLoans.size <= closedKeptMost && closedAtMs - old.closedAtMs < closedKeptMs) break;
      closedLoans.delete(id);
    }
  };

  const bookHolds = (holds: readonly UsageHold[], drawn: readonly UsageDrawn[]) => {
    for (const [at, { leaseId, loanId, amount }] of holds.entries()) {
      const lease = leases.get(loanId ?? leaseId);
      if (!lease) continue;
      lease.spentNano += BigInt(drawn[at]?.spent ?? amount);
      lease.excessNano += BigInt(drawn[at]?.excess ?? 0);
    }
  };

  const take = (entry: Entry, text?: string) => {
    switch (entry.t) {
      // A checkpoint: what follows is the whole state, whatever stood before it.
      case 'C': lost ||= entry.lost ?? false; leases.clear(); closed.clear(); loans.clear(); closedLoans.clear(); reserves = noReserves(); pending = []; pendingBytes = 0; break;
      case 'G': leases.set(entry.grant.leaseId, { grant: grantOf(entry.grant), spentNano: BigInt(entry.spent ?? 0), excessNano: BigInt(entry.excess ?? 0) }); break;
      case 'R': reserves[entry.reserve.id] = { reserve: entry.reserve, text: text ?? JSON.stringify(entry.reserve) }; break;
      case 'S': book(entry.boot, entry.event, text ?? JSON.stringify(entry.event), entry.counted); break;
      // As earlier versions wrote it: a settlement that names its reserve and does not repeat it.
      case 'E': {
        const open = reserves[entry.id];
        if (open) {
          const event = { ...open.reserve, ...entry.end };
          book(entry.boot, event, JSON.stringify(event), false);
        } else lost = true;
        break;
      }
      // A reserve whose request was refused before anybody knew that it is written.
      case 'V': delete reserves[entry.id]; break;
      case 'F': keepClosed(entry.lease, entry.at); leases.delete(entry.lease); break;
      case 'D': closed.set(entry.closed.grant.leaseId, { grant: grantOf(entry.closed.grant), spentNano: BigInt(entry.closed.spent), excessNano: BigInt(entry.closed.excess), closedAtMs: entry.closed.at }); break;
      case 'L': loans.set(entry.loan.loanId, entry.loan); break;
      case 'M': bookLoan({ loan: entry.loan, spentNano: BigInt(entry.spent), excessNano: BigInt(entry.excess), closedAtMs: entry.at }, entry.counted); break;
      case 'K': {
        // Those of one boot stand together, their seq rising: what is acknowledged is one run of them.
        const from = pending.findIndex(({ boot }) => boot === entry.boot);
        if (from < 0) break;
        let to = from;
        for (let at = pending[to]; at !== undefined && at.boot === entry.boot && at.seq <= entry.seq; at = pending[to]) {
          pendingBytes -= at.sizeBytes;
          to += 1;
        }
        pending.splice(from, to - from);
        break;
      }
    }
  };

  return {
    leases,
    closed,
    loans,
    closedLoans,
    reserve: (id) => reserves[id],
    openReserves: () => Object.values(reserves).map(({ reserve }) => reserve),
    get pending() { return pending; },
    get pendingBytes() { return pendingBytes; },
    get lost() { return lost; },
    take,
    damaged() {
      lost = true;
      // More was spent from these than is told here, or less is held: nothing is said of them until they are written off.
      leases.clear();
      closed.clear();
      loans.clear();
      closedLoans.clear();
    },
    texts: () => [
      textOf(lost ? { t: 'C', lost } : { t: 'C' }),
      ...[...leases.values()].map(({ grant, spentNano, excessNano }) => textOf({ t: 'G', grant, spent: String(spentNano), excess: String(excessNano) })),
      ...[...closed.values()].map(({ grant, spentNano, excessNano, closedAtMs }) => textOf({ t: 'D', closed: { grant, spent: String(spentNano), excess: String(excessNano), at: closedAtMs } })),
      ...[...loans.values()].map((loan) => textOf({ t: 'L', loan })),
      ...[...closedLoans.values()].map((one) => textOf(loanClosed(one, true))),
      ...Object.values(reserves).map(({ text }) => reservedText(text)),
      // A settled event is already inside its lease's `spent` here: it must not be added a second time.
      ...pending.map(({ boot, text }) => settledText(boot, text, true)),
    ],
  };
}

function noReserves(): Record<string, Open> {
  return Object.create(null) as Record<string, Open>;
}
