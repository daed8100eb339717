import type { Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { ledgerRules } from '@fairlead/shared/lease/ledger.ts';
import type { ClosedBy } from '@fairlead/shared/lease/ledger.ts';
import type { Domain } from '../domain.ts';
import { addPart, isRolling } from '../quotas/rolling.ts';
import { noteThresholds } from '../quotas/thresholds.ts';

/** Closes an open lease once: its slice leaves escrow, what was spent stays. Returns whether it was closed here. */
export async function settleLease(domain: Domain, tx: Tx, id: string, by: ClosedBy): Promise<boolean> {
  // Closed first and looked at then: what a transaction has written it reads as it is, in every database and isolation.
  const closed = await tx.lease.updateMany({ where: { id, open: true }, data: { open: false, closedBy: by, closedAt: new Date(domain.clock.now()) } });
  if (closed.count !== 1) return false;
  const lease = await tx.lease.findUniqueOrThrow({ where: { id }, include: { budgets: { orderBy: { budgetId: 'asc' }, include: { budget: { select: { quota: { select: { window: true } } } } } } } });
  const left = ledgerRules.closing({ ...lease, open: true }, by);
  if (!left) {
    await tx.lease.update({ where: { id }, data: { open: true, closedBy: null, closedAt: null } });
    return false;
  }
  if (left.spentNano !== lease.spentNano) await tx.lease.update({ where: { id }, data: { spentNano: left.spentNano } });
  for (const { budgetId, budget } of lease.budgets) {
    await sql(domain.db.provider).executeRaw(
      tx, 'UPDATE budget SET escrow_nano = escrow_nano - ?, spent_nano = spent_nano + ?, excess_nano = excess_nano + ? WHERE id = ?',
      [lease.grantedNano, left.spentNano, left.excessNano, budgetId],
    );
    if (isRolling(budget.quota)) await addPart(domain, tx, budgetId, left.spentNano);
    if (left.spentNano > 0n) await noteThresholds(domain, tx, budgetId);
  }
  return true;
}
