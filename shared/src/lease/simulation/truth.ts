// Pure. What really happened, told by nobody: what every validator is held against.

/** A broken promise, with the step at which it was seen. */
export class Broken extends Error {}

/** What really became of one lease. */
export interface TrueLease {
  id: string; nodeId: string; grantedNano: bigint; spentNano: bigint; excessNano: bigint; reservations: number; budgets: readonly string[];
  /** Whether a node, or its disk, still has it. */
  held: boolean;
  /** How the ledger closed it. */
  closedBy: 'FINAL' | 'ORPHAN' | 'WRITE_OFF' | undefined;
  /** Nobody may be left who could tell the ledger of it, should it forget: its node heard that it is closed, or lost its disk. */
  untold: boolean;
  /** The database forgot what it was told of it, and nobody is left to tell it again. */
  excused: boolean;
  /** A part of it that was lent to a node that was shut out counts as spent. */
  partWrittenOff?: true;
}

/** What a budget may come to: its limit, what was held above it when it was lowered, and what a restore made the ledger forget. */
export interface TrueBudget { boundNano: bigint; forgottenNano: bigint; spentNano: bigint }

/** What really happened. */
export interface Truth { leases: Map<string, TrueLease>; budgets: Map<string, TrueBudget>; liars: Set<string> }

/** Nothing has happened yet. */
export function createTruth(): Truth {
  return { leases: new Map(), budgets: new Map(), liars: new Set() };
}

/** Books what one reservation really cost. */
export function bookTruth(truth: Truth, leaseId: string, costNano: bigint, excessNano: bigint): void {
  const lease = truth.leases.get(leaseId);
  if (!lease) throw new Broken(`money was spent on ${leaseId}, which nobody granted`);
  lease.spentNano += costNano;
  lease.excessNano += excessNano;
  for (const id of lease.budgets) {
    const budget = truth.budgets.get(id);
    if (!budget) continue;
    budget.spentNano += costNano;
    if (budget.spentNano > budget.boundNano + budget.forgottenNano) throw new Broken(`overspend: ${leaseId} ${id} has spent ${budget.spentNano} of ${budget.boundNano}`);
  }
}
