// Pure. What a node decides about the parts of its slices that it lends to neighbours. To a borrower it is what the
// control plane is to it: it grants, takes in reports, and takes back what was never heard of.
import { closedKeptMost, closedKeptMs } from './holdings.ts';
import type { Holdings, Slice } from './holdings.ts';
import type { LeaseAsk, LeaseGrant, LeaseReport, LeaseState } from './lease.ts';
import { ledgerRules } from './ledger.ts';
import type { LedgerLease } from './ledger.ts';
import { purseName } from './purse.ts';
import type { Purse } from './purse.ts';

/** A part of a slice that is lent: an amount (in the unit of its purse) reserved until its borrower's final word. `bootId` and `reqSeq` are those of the borrower's ask. */
export interface Loan extends Purse { loanId: string; leaseId: string; borrowerId: string; bootId: string; reqSeq: number; grantedNano: string; usableUntil?: number }

/** A loan that is over, and what it came to. */
export interface ClosedLoan { loan: Loan; spentNano: bigint; excessNano: bigint; closedAtMs: number }

/** What must outlive a crash of the lender; both throw or reject when it cannot be written, and the act must not happen then. */
export interface LoanMemory {
  lent(loan: Loan): void | Promise<void>;
  /** Books what these came to on their leases; those that are booked already, not again. */
  loansClosed(closed: readonly ClosedLoan[]): void | Promise<void>;
}

/** The decisions that keep what is lent; nodes and the simulation both act on these. */
export const loanRules = {
  /** What was lent before a start stays reserved. */
  staysLent: (_loan: Loan): boolean => true,
  /** Whether a loan that its borrower's complete list leaves out never arrived: only when the list is newer than the ask. Ids of starts rise. */
  isOrphan: (loan: Pick<Loan, 'bootId' | 'reqSeq'>, list: Pick<LeaseReport, 'bootId' | 'reqSeq'>): boolean => (loan.bootId === list.bootId ? loan.reqSeq < list.reqSeq : loan.bootId < list.bootId),
  /** Only its borrower speaks for a loan. */
  isHis: (loan: Loan, borrowerId: string): boolean => loan.borrowerId === borrowerId,
  /** A final word ends a loan; nothing else does, and no timer. */
  ends: (told: LeaseState): boolean => told.final,
  /** What is written off counts as spent: it may have been. */
  writtenOffNano: (loan: Loan): bigint => BigInt(loan.grantedNano),
};

/** The decisions of a lender; the simulation takes one away at a time. */
export type LoanRules = typeof loanRules;

/** What one boot of a node has lent. It sends nothing; whoever owns it hands in one message at a time. */
export interface LoanBook {
  /** A part of a slice for this neighbour, reserved and written down; nothing when there is none to spare. */
  ask(borrowerId: string, ask: LeaseAsk): LeaseGrant | undefined | Promise<LeaseGrant | undefined>;
  /** Takes in how a neighbour's loans stand. Returns those that are over for good. */
  report(borrowerId: string, report: LeaseReport): string[] | Promise<string[]>;
  /** This neighbour was shut out, and will not be heard again: what it has counts as spent. */
  writeOff(borrowerId: string): void | Promise<void>;
  open(): Loan[];
}

/** What a book of loans needs. `recovered` and `closed` are those of earlier boots. */
export interface LoanBookParts { lenderId: string; holdings: Pick<Holdings, 'lend' | 'lentBefore'>; memory: LoanMemory; recovered: Iterable<Loan>; closed: Iterable<ClosedLoan>; now: () => number; newLoanId: () => string; rules?: LoanRules }

interface Row { loan: Loan; slice: Slice | undefined; spentNano: bigint; excessNano: bigint }

/** Loans of earlier boots are reserved again on their slices. */
export function createLoanBook({ lenderId, holdings, memory, recovered, closed, now, newLoanId, rules = loanRules }: LoanBookParts): LoanBook {
  const rows = new Map<string, Row>();
  const gone = new Map([...closed].map((one) => [one.loan.loanId, one]));
  for (const loan of recovered) {
    const slice = rules.staysLent(loan) ? holdings.lentBefore(loan.leaseId, BigInt(loan.grantedNano)) : undefined;
    rows.set(loan.loanId, { loan, slice, spentNano: 0n, excessNano: 0n });
  }

  const keepClosed = (one: ClosedLoan) => {
    gone.set(one.loan.loanId, one);
    for (const [id, { closedAtMs }] of gone) {
      if (gone.size <= closedKeptMost && now() - closedAtMs < closedKeptMs) break;
      gone.delete(id);
    }
  };

  /** What the borrower's word makes of its loan. */
  const told = (row: Row, state: LeaseState) => {
    const { spentNano, excessNano, loan } = row;
    const known: LedgerLease = { nodeId: loan.borrowerId, bootId: loan.bootId, reqSeq: loan.reqSeq, grantedNano: BigInt(loan.grantedNano), spentNano, excessNano, open: true, createdAtMs: 0 };
    const verdict = ledgerRules.judge(known, loan.borrowerId, { bootId: loan.bootId, reqSeq: loan.reqSeq, grantedNano: known.grantedNano, spentNano: BigInt(state.spentNano), excessNano: BigInt(state.excessNano), final: state.final }, now());
    if (verdict.is === 'raise') { row.spentNano = verdict.spentNano; row.excessNano = verdict.excessNano; }
  };

  /** Ends these once that is written down. Returns what is over, with what was over before. */
  const close = (closing: readonly Row[], strange: readonly ClosedLoan[], over: string[]): string[] | Promise<string[]> => {
    if (closing.length + strange.length === 0) return over;
    const closed = closing.map(({ loan, spentNano, excessNano }): ClosedLoan => ({ loan, spentNano, excessNano, closedAtMs: now() }));
    const end = () => {
      for (const { loan, slice, spentNano, excessNano } of closing) {
        rows.delete(loan.loanId);
        slice?.settle(spentNano, excessNano);
        over.push(loan.loanId);
      }
      for (const one of closed) keepClosed(one);
      for (const { loan } of strange) over.push(loan.loanId);
      return over;
    };
    const written = memory.loansClosed([...closed, ...strange]);
    return written instanceof Promise ? written.then(end) : end();
  };

  return {
    ask(borrowerId, ask) {
      for (const { loan } of rows.values()) if (isSameWish(loan, borrowerId, ask)) return grantOf(loan, lenderId);
      for (const { loan } of gone.values()) if (isSameWish(loan, borrowerId, ask)) return undefined;
      const part = holdings.lend(purseName(ask.holderId, ask.unit), BigInt(ask.needNano), BigInt(ask.wantNano));
      if (!part) return undefined;
      const loan: Loan = {
        loanId: newLoanId(), leaseId: part.leaseId, holderId: ask.holderId, unit: ask.unit, borrowerId, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: String(part.amountNano),
        ...(part.usableUntil === undefined ? {} : { usableUntil: part.usableUntil }),
      };
      const keep = () => {
        rows.set(loan.loanId, { loan, slice: part, spentNano: 0n, excessNano: 0n });
        return grantOf(loan, lenderId);
      };
      try {
        const written = memory.lent(loan);
        return written instanceof Promise ? written.then(keep, (cause: unknown) => { part.settle(0n, 0n); throw cause; }) : keep();
      } catch (cause) {
        part.settle(0n, 0n);
        throw cause;
      }
    },
    report(borrowerId, report) {
      const over: string[] = [];
      const closing: Row[] = [];
      // What is not in the book is over: a loan is in it before its borrower hears of it, and a book that was damaged says
      // no more of the lease either, which stays with the ledger until it is written off. But only whoever can still write
      // this book knows what is in it; so that is tried, and books nothing.
      const strange: ClosedLoan[] = [];
      const named = new Set<string>();
      for (const state of report.leases) {
        named.add(state.leaseId);
        const row = rows.get(state.leaseId);
        if (row && !rules.isHis(row.loan, borrowerId)) continue;
        if (row) told(row, state);
        if (!rules.ends(state)) continue;
        if (row) closing.push(row);
        else if (gone.has(state.leaseId)) over.push(state.leaseId);
        else strange.push(strangerOf(borrowerId, state, now()));
      }
      if (report.complete) {
        for (const row of rows.values()) {
          if (row.loan.borrowerId === borrowerId && !named.has(row.loan.loanId) && row.spentNano + row.excessNano === 0n && rules.isOrphan(row.loan, report)) closing.push(row);
        }
      }
      return close(closing, strange, over);
    },
    writeOff(borrowerId) {
      const his = [...rows.values()].filter(({ loan }) => loan.borrowerId === borrowerId);
      if (his.length === 0) return undefined;
      const written = close(his.map((row) => ({ ...row, spentNano: rules.writtenOffNano(row.loan) })), [], []);
      return written instanceof Promise ? written.then(() => undefined) : undefined;
    },
    open: () => [...rows.values()].map(({ loan }) => loan),
  };
}

/** A wish that comes twice gets the same loan. */
function isSameWish(loan: Loan, borrowerId: string, ask: LeaseAsk): boolean {
  return loan.borrowerId === borrowerId && loan.bootId === ask.bootId && loan.reqSeq === ask.reqSeq && loan.holderId === ask.holderId && loan.unit === ask.unit;
}

/** A loan that nobody here remembers, as its borrower tells of it. */
function strangerOf(borrowerId: string, { leaseId, holderId, unit, bootId, reqSeq, grantedNano }: LeaseState, nowMs: number): ClosedLoan {
  return { loan: { loanId: leaseId, leaseId: '', holderId, unit, borrowerId, bootId, reqSeq, grantedNano }, spentNano: 0n, excessNano: 0n, closedAtMs: nowMs };
}

function grantOf({ loanId, leaseId, holderId, unit, bootId, reqSeq, grantedNano, usableUntil }: Loan, lenderId: string): LeaseGrant {
  return { leaseId: loanId, holderId, unit, bootId, reqSeq, grantedNano, ...(usableUntil === undefined ? {} : { usableUntil }), loan: { lenderId, leaseId } };
}
