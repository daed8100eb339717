// Pure. The control plane of a simulation: rows in memory, moved by the real rules, one transaction at a time.
import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '../lease.ts';
import { ledgerRules } from '../ledger.ts';
import type { ClosedBy, LedgerBudget, LedgerLease, LedgerRules } from '../ledger.ts';
import type { Purse } from '../purse.ts';

/** A lease with what it binds. */
export interface LeaseRow extends LedgerLease, Purse { id: string; budgets: readonly string[]; closedBy: ClosedBy | undefined }

/** A budget with what upstreams charged beyond it. */
export interface BudgetRow extends LedgerBudget { id: string; endsAtMs: number | undefined; excessNano: bigint }

/** What the database has on disk. */
export interface LedgerState { leases: Map<string, LeaseRow>; budgets: Map<string, BudgetRow>; heard: Map<string, string> }

/** What the ledger keeps to beside its rules, and a simulation may take away: how a transaction is put together. */
export interface LedgerHabits {
  /** The same wish gets the same lease. */
  sameLeaseForSameWish: boolean;
  /** A slice is granted by every budget or by none. */
  allOrNone: boolean;
  /** What the database has lost is taken back from the node's word. */
  adoptsUnknown: boolean;
  /** No timer closes a lease; with one, after so long. */
  timerMs: number | undefined;
  /** A lease stays in the window that it was granted in. */
  staysInItsWindow: boolean;
  /** A database that does not know what a node has closed grants it nothing, closes no orphans and lets it forget nothing, before it is told. */
  asksWhatIsClosed: boolean;
}

/** As it is. */
export const ledgerHabits: LedgerHabits = { sameLeaseForSameWish: true, allOrNone: true, adoptsUnknown: true, timerMs: undefined, staysInItsWindow: true, asksWhatIsClosed: true };

/** What a simulation wants to see as it happens. */
export interface LedgerWatch { granted(lease: LeaseRow): void; closed(lease: LeaseRow): void; denied(budgetsOfPurse: readonly BudgetRow[], needNano: bigint): void }

/** The control plane of one history. */
export class LedgerModel {
  state: LedgerState = { leases: new Map(), budgets: new Map(), heard: new Map() };
  readonly revoked = new Set<string>();
  #ids = 0;
  readonly #windowsOf: (purse: Purse, nowMs: number) => readonly BudgetRow[];
  readonly #liveNodes: number;
  readonly #watch: LedgerWatch;
  readonly #rules: LedgerRules;
  readonly #habits: LedgerHabits;

  /** `windowsOf` names the budgets that bind a purse now; those that are not there yet are made. */
  constructor(parts: { windowsOf: (purse: Purse, nowMs: number) => readonly BudgetRow[]; liveNodes: number; watch: LedgerWatch; rules?: LedgerRules; habits?: LedgerHabits }) {
    this.#windowsOf = parts.windowsOf;
    this.#liveNodes = parts.liveNodes;
    this.#watch = parts.watch;
    this.#rules = parts.rules ?? ledgerRules;
    this.#habits = parts.habits ?? ledgerHabits;
  }

  request(nodeId: string, ask: LeaseAsk, nowMs: number): LeaseGrant | LeaseDenial | undefined {
    if (this.revoked.has(nodeId)) return undefined;
    if (this.#habits.asksWhatIsClosed && !this.knowsClosed(nodeId, ask.closedLeaseId)) return { code: 'ledger.behind', subject: 'NODE' };
    const needNano = BigInt(ask.needNano);
    const wantNano = BigInt(ask.wantNano);
    const budgets = this.#open(ask, nowMs);
    for (const size of [this.#rules.sizeOf(budgets, needNano, wantNano, this.#liveNodes), needNano]) {
      const lease = this.#grant(nodeId, ask, size, budgets, nowMs);
      if (lease?.open) {
        const ends = lease.budgets.flatMap((id) => this.state.budgets.get(id)?.endsAtMs ?? []);
        return { leaseId: lease.id, holderId: ask.holderId, unit: ask.unit, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: String(lease.grantedNano), ...(ends.length > 0 ? { usableUntil: Math.min(...ends) } : {}) };
      }
      if (lease) return { code: 'quota.missing', subject: ask.holderId };
    }
    this.#watch.denied(budgets, needNano);
    return { code: 'quota.spent', subject: ask.holderId };
  }

  /** Whether a lease that its node knows to be closed is closed here too. */
  knowsClosed(nodeId: string, leaseId: string | undefined): boolean {
    const row = leaseId === undefined ? undefined : this.state.leases.get(leaseId);
    return leaseId === undefined || (row?.nodeId === nodeId && !row.open);
  }

  report(nodeId: string, report: LeaseReport, nowMs: number): string[] | undefined {
    if (this.revoked.has(nodeId)) return undefined;
    const closed: string[] = [];
    const held = new Set<string>();
    for (const state of report.leases) {
      held.add(state.leaseId);
      if (this.#take(nodeId, state, nowMs)) closed.push(state.leaseId);
    }
    // After the leases: a list that tells of closed ones anew has taught by then what was forgotten.
    if (this.#habits.asksWhatIsClosed && !this.knowsClosed(nodeId, report.closedLeaseId)) return [];
    if (report.complete) {
      const list = { bootId: report.bootId, reqSeq: report.reqSeq, heardBootId: this.state.heard.get(nodeId) ?? report.bootId, nowMs };
      for (const row of this.state.leases.values()) if (row.nodeId === nodeId && !held.has(row.id) && this.#rules.isOrphan(row, list)) this.close(row, 'ORPHAN', nowMs);
    }
    return closed;
  }

  heartbeat(nodeId: string, bootId: string, nowMs: number): void {
    this.state.heard.set(nodeId, bootId);
    const { timerMs } = this.#habits;
    if (timerMs !== undefined) for (const row of this.state.leases.values()) if (row.open && nowMs - row.createdAtMs > timerMs) this.close(row, 'FINAL', nowMs);
  }

  /** Shuts a node out and writes off what it holds. */
  revoke(nodeId: string, nowMs: number): void {
    this.revoked.add(nodeId);
    for (const row of this.state.leases.values()) if (row.nodeId === nodeId) this.close(row, 'WRITE_OFF', nowMs);
  }

  close(row: LeaseRow, by: ClosedBy, nowMs: number): void {
    const left = this.#rules.closing(row, by);
    if (!left) return;
    row.open = false;
    row.closedBy = by;
    row.spentNano = left.spentNano;
    const into = this.#habits.staysInItsWindow ? row.budgets : this.#open(row, nowMs).map(({ id }) => id);
    for (const id of into) {
      const budget = this.state.budgets.get(id);
      if (!budget) continue;
      budget.escrowNano -= row.grantedNano;
      budget.spentNano += left.spentNano;
      budget.excessNano += left.excessNano;
    }
    this.#watch.closed(row);
  }

  copy(): LedgerState {
    const rows = <T extends object>(map: Map<string, T>) => new Map([...map].map(([id, row]) => [id, { ...row }]));
    return { leases: rows(this.state.leases), budgets: rows(this.state.budgets), heard: new Map(this.state.heard) };
  }

  #open(purse: Purse, nowMs: number): BudgetRow[] {
    return this.#windowsOf(purse, nowMs).map((window) => {
      const there = this.state.budgets.get(window.id);
      if (there) return there;
      const made = { ...window };
      this.state.budgets.set(made.id, made);
      return made;
    });
  }

  #grant(nodeId: string, ask: LeaseAsk, size: bigint, budgets: readonly BudgetRow[], nowMs: number): LeaseRow | undefined {
    if (this.#habits.sameLeaseForSameWish) {
      for (const row of this.state.leases.values()) if (row.nodeId === nodeId && row.bootId === ask.bootId && row.reqSeq === ask.reqSeq && row.holderId === ask.holderId && row.unit === ask.unit) return row;
    }
    for (const [at, budget] of budgets.entries()) {
      budget.escrowNano += size;
      if (this.#rules.holds(budget)) continue;
      budget.escrowNano -= size;
      if (this.#habits.allOrNone) for (const taken of budgets.slice(0, at)) taken.escrowNano -= size;
      return undefined;
    }
    this.#ids += 1;
    const lease: LeaseRow = {
      id: `lse_${this.#ids}`, holderId: ask.holderId, unit: ask.unit, nodeId, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: size, spentNano: 0n, excessNano: 0n, open: true, createdAtMs: nowMs,
      budgets: budgets.map(({ id }) => id), closedBy: undefined,
    };
    this.state.leases.set(lease.id, lease);
    this.#watch.granted(lease);
    return lease;
  }

  #take(nodeId: string, state: LeaseReport['leases'][number], nowMs: number): boolean {
    const told = { bootId: state.bootId, reqSeq: state.reqSeq, grantedNano: BigInt(state.grantedNano), spentNano: BigInt(state.spentNano), excessNano: BigInt(state.excessNano), final: state.final };
    const known = this.state.leases.get(state.leaseId);
    if (!known && !this.#habits.adoptsUnknown) return state.final;
    const verdict = this.#rules.judge(known, nodeId, told, nowMs);
    if (verdict.is === 'foreign') return false;
    if (verdict.is === 'late') {
      if (!known) return false;
      known.excessNano += verdict.moreNano;
      for (const id of known.budgets) {
        const budget = this.state.budgets.get(id);
        if (budget) budget.excessNano += verdict.moreNano;
      }
      return state.final;
    }
    let row = known;
    if (verdict.is === 'adopt') {
      const budgets = this.#open(state, nowMs);
      row = { ...verdict.lease, id: state.leaseId, holderId: state.holderId, unit: state.unit, budgets: budgets.map(({ id }) => id), closedBy: undefined };
      this.state.leases.set(row.id, row);
      for (const budget of budgets) budget.escrowNano += row.grantedNano;
    } else if (row) {
      row.spentNano = verdict.spentNano;
      row.excessNano = verdict.excessNano;
    }
    if (!row || !state.final) return false;
    this.close(row, 'FINAL', nowMs);
    return true;
  }
}
