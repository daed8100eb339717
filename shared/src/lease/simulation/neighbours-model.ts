// Pure. What one boot of a simulated node lends to others and has borrowed from them, through a messenger that loses,
// repeats, delays and reorders, and may be away.
import { slicesLeast } from '../appetite.ts';
import { createHoldings } from '../holdings.ts';
import type { HolderRules, Holdings, LeaseMemory, RecoveredLease, Slice } from '../holdings.ts';
import type { LeaseAsk, LeaseGrant, LeaseReport } from '../lease.ts';
import { createLoanBook } from '../loan.ts';
import type { ClosedLoan, Loan, LoanBook, LoanRules } from '../loan.ts';
import type { Purse } from '../purse.ts';

/** The way from one node to another: lets a word arrive once, twice, late or never; to a node that is down, never. */
export interface Messenger { send(fromId: string, toId: string, arrive: (there: NeighboursModel) => void): void; /** What a liar makes of a report. */ told(fromId: string, report: LeaseReport): LeaseReport }

/** What of loans outlives a crash of the lender. */
export interface LoanDisk { loans: Map<string, Loan>; closedLoans: Map<string, ClosedLoan> }

/** What a boot's loans are made of. `whenAwake` and `after` only act while this boot lives. */
export interface NeighbourParts {
  nodeId: string; bootId: string; now: () => number; whole: boolean; holdings: Holdings; memory: LeaseMemory; recovered: RecoveredLease[]; disk: LoanDisk;
  rules: HolderRules; loanRules: LoanRules; writesLoansDown: boolean; messenger: Messenger; newLoanId(): string; whenAwake(run: () => void): void; after(ms: number, run: () => void): void;
  /** What a loan came to is booked on its lease. */
  booked(one: ClosedLoan): void;
  lent(): void;
}

interface Lender { holdings: Holdings; underWay: LeaseAsk | LeaseReport | undefined }

const answerMs = 1_000;
const tellEveryMs = 3_000;

/** The neighbours' side of one boot. */
export class NeighboursModel {
  readonly book: LoanBook;
  readonly #lenders = new Map<string, Lender>();
  readonly #parts: NeighbourParts;
  #toldAtMs = 0;

  /** Loans of earlier boots are reserved, or wound up. */
  constructor(parts: NeighbourParts) {
    this.#parts = parts;
    const { disk, nodeId } = parts;
    this.book = createLoanBook({
      lenderId: nodeId, holdings: parts.holdings, now: parts.now, newLoanId: () => parts.newLoanId(), recovered: disk.loans.values(), closed: disk.closedLoans.values(), rules: parts.loanRules,
      memory: {
        lent: (loan) => { if (parts.writesLoansDown) disk.loans.set(loan.loanId, loan); },
        loansClosed: (closed) => {
          for (const one of closed) {
            disk.loans.delete(one.loan.loanId);
            disk.closedLoans.set(one.loan.loanId, one);
            parts.booked(one);
          }
        },
      },
    });
    for (const { grant } of parts.recovered) if (grant.loan) this.#lenderOf(grant.loan.lenderId);
  }

  couldLend(purse: string, needNano: bigint): boolean { return this.#parts.holdings.couldLend(purse, needNano); }

  take(purse: string, amountNano: bigint): Slice | undefined {
    for (const { holdings } of this.#lenders.values()) {
      const slice = holdings.take(purse, amountNano);
      if (slice) return slice;
    }
    return undefined;
  }

  /** Asks this neighbour; `then` runs when it has lent. */
  borrow(lenderId: string, purse: Purse, needNano: bigint, then: () => void): void {
    const { messenger, nodeId, whenAwake } = this.#parts;
    const lender = this.#lenderOf(lenderId);
    if (lender.underWay) return;
    const ask = lender.holdings.ask(purse, needNano, needNano * slicesLeast);
    lender.underWay = ask;
    messenger.send(nodeId, lenderId, (there) => there.#asked(nodeId, ask, (here, grant) => whenAwake(() => {
      if (here !== this) return;
      if (grant) try { void lender.holdings.granted(grant); then(); } catch { return; }
      if (lender.underWay === ask) lender.underWay = undefined;
    })));
    this.#afterSilence(lender, ask, () => lender.holdings.unheard());
  }

  /** Gives idle loans back; asks silent borrowers how theirs stand. */
  tick(): void {
    const { now, messenger, nodeId } = this.#parts;
    for (const [id, { holdings }] of this.#lenders) if (holdings.isDue()) this.#reportTo(id);
    if (Math.abs(now() - this.#toldAtMs) < tellEveryMs) return;
    this.#toldAtMs = now();
    for (const id of new Set(this.book.open().map(({ borrowerId }) => borrowerId))) messenger.send(nodeId, id, (there) => there.#parts.whenAwake(() => there.#reportTo(nodeId)));
  }

  #asked(borrowerId: string, ask: LeaseAsk, answer: (there: NeighboursModel, grant: LeaseGrant | undefined) => void): void {
    this.#parts.whenAwake(() => {
      const grant = this.book.ask(borrowerId, ask);
      // What is simulated is written down at once.
      if (grant instanceof Promise) throw new Error('a simulated node does not wait for its memory');
      if (grant) this.#parts.lent();
      this.#parts.messenger.send(this.#parts.nodeId, borrowerId, (there) => answer(there, grant));
    });
  }

  #reported(borrowerId: string, report: LeaseReport, answer: (there: NeighboursModel, over: readonly string[]) => void): void {
    this.#parts.whenAwake(() => {
      const over = this.book.report(borrowerId, report);
      if (over instanceof Promise) throw new Error('a simulated node does not wait for its memory');
      this.#parts.messenger.send(this.#parts.nodeId, borrowerId, (there) => answer(there, over));
    });
  }

  #reportTo(lenderId: string): void {
    const { messenger, nodeId, now, whenAwake } = this.#parts;
    const lender = this.#lenderOf(lenderId);
    const { holdings } = lender;
    if (lender.underWay) return;
    const report = holdings.report((held) => !holdings.isUsable(held) || holdings.isIdle(held));
    const sentAtMs = now();
    lender.underWay = report;
    const told = messenger.told(nodeId, report);
    messenger.send(nodeId, lenderId, (there) => there.#reported(nodeId, told, (here, over) => whenAwake(() => {
      if (here !== this || lender.underWay !== report) return;
      lender.underWay = undefined;
      holdings.reported(sentAtMs, over);
    })));
    this.#afterSilence(lender, report, () => holdings.unreported());
  }

  #afterSilence(lender: Lender, message: LeaseAsk | LeaseReport, run: () => void): void {
    this.#parts.after(answerMs, () => {
      if (lender.underWay !== message) return;
      lender.underWay = undefined;
      run();
    });
  }

  #lenderOf(id: string): Lender {
    const known = this.#lenders.get(id);
    if (known) return known;
    const { bootId, now, memory, whole, rules, recovered } = this.#parts;
    const made: Lender = { holdings: createHoldings({ bootId, now, memory, whole, rules, recovered: recovered.filter(({ grant }) => grant.loan?.lenderId === id) }), underWay: undefined };
    this.#lenders.set(id, made);
    return made;
  }
}
