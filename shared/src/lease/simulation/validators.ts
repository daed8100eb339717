// Pure. What must hold after every message that the ledger took in, and when everything has come to rest.
import type { LedgerModel, LedgerState } from './ledger-model.ts';
import type { NodeModel } from './node-model.ts';
import { Broken } from './truth.ts';
import type { Truth } from './truth.ts';

/** The sums of a budget are those of its leases; it never holds and has spent more than it may. */
export function ledgerAddsUp(state: LedgerState, truth: Truth): void {
  const sums = new Map<string, [escrow: bigint, spent: bigint, excess: bigint]>();
  for (const lease of state.leases.values()) {
    for (const id of lease.budgets) {
      let sum = sums.get(id);
      if (!sum) sums.set(id, (sum = [0n, 0n, 0n]));
      if (lease.open) sum[0] += lease.grantedNano;
      else { sum[1] += lease.spentNano; sum[2] += lease.excessNano; }
    }
    if (lease.spentNano > lease.grantedNano) throw new Broken(`${lease.id} has spent ${lease.spentNano} of ${lease.grantedNano}`);
  }
  for (const budget of state.budgets.values()) {
    const [escrow, spent, excess] = sums.get(budget.id) ?? [0n, 0n, 0n];
    if (budget.escrowNano !== escrow || budget.spentNano !== spent || budget.excessNano !== excess) throw new Broken(`${budget.id} has ${budget.escrowNano}, ${budget.spentNano}, ${budget.excessNano}; its leases have ${escrow}, ${spent}, ${excess}`);
    const may = truth.budgets.get(budget.id);
    // A lease that is taken back may be booked in a later window than the one it was granted in: what was forgotten anywhere counts.
    if (may && spent + escrow > may.boundNano + forgotten(truth)) throw new Broken(`${budget.id} has spent ${spent} and holds ${escrow} of ${may.boundNano}`);
  }
}

function forgotten(truth: Truth): bigint {
  let sum = 0n;
  for (const budget of truth.budgets.values()) sum += budget.forgottenNano;
  return sum;
}

/** Every slice of a node that is whole is back by itself; all others are when they are written off; nothing spent is lost or doubled. */
export function atRest(ledger: LedgerModel, truth: Truth, nodes: readonly NodeModel[], nowMs: number): void {
  const whole = new Set(nodes.filter((node) => node.up && node.bootsWhole && !ledger.revoked.has(node.id) && !truth.liars.has(node.id)).map(({ id }) => id));
  // A part of it is lent to a node that lost its books, or is gone.
  const pinned = new Set(nodes.flatMap(({ neighbours }) => neighbours?.book.open() ?? []).filter(({ borrowerId }) => !ledger.revoked.has(borrowerId) && !nodes.some(({ id, up, bootsWhole }) => id === borrowerId && up && bootsWhole)).map(({ leaseId }) => leaseId));
  for (const row of ledger.state.leases.values()) {
    if (pinned.has(row.id)) continue;
    if (row.open && whole.has(row.nodeId) && !truth.leases.get(row.id)?.excused) throw new Broken(`escrow of ${row.id} never came back from ${row.nodeId}, which holds nothing`);
  }
  for (const id of new Set([...ledger.state.leases.values()].filter((row) => row.open).map((row) => row.nodeId))) ledger.revoke(id, nowMs);
  ledgerAddsUp(ledger.state, truth);
  for (const budget of ledger.state.budgets.values()) if (budget.escrowNano !== 0n) throw new Broken(`${budget.id} still holds ${budget.escrowNano}`);
  for (const lease of truth.leases.values()) {
    if (lease.excused || truth.liars.has(lease.nodeId)) continue;
    const row = ledger.state.leases.get(lease.id);
    // Forgotten by a restore, and the node that could tell it again is shut out or has lost it too.
    if (!row && (lease.spentNano + lease.excessNano === 0n || ledger.revoked.has(lease.nodeId) || lease.untold)) continue;
    if (!row) throw new Broken(`${lease.id} spent ${lease.spentNano}, and the ledger knows nothing of it`);
    if (row.closedBy === 'WRITE_OFF') {
      if (row.spentNano !== lease.grantedNano) throw new Broken(`${row.id} was written off with ${row.spentNano} of ${lease.grantedNano}`);
    } else if (lease.partWrittenOff) {
      if (row.spentNano < lease.spentNano) throw new Broken(`${row.id} has ${row.spentNano} in the ledger; ${lease.spentNano} were spent, part of it by a node that was shut out`);
    } else if (row.spentNano !== lease.spentNano || row.excessNano !== lease.excessNano) throw new Broken(`${row.id} has ${row.spentNano} and ${row.excessNano} in the ledger; ${lease.spentNano} and ${lease.excessNano} were spent`);
  }
}
