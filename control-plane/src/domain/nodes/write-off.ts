import type { Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';

/**
 * Closes every lease of a node that will never report again. What it was granted counts as spent: it may have been, and
 * a budget may rather be used up too early than be passed. Returns how many there were.
 */
export async function writeOffLeases(domain: Domain, tx: Tx, nodeId: string, now: Date): Promise<number> {
  const open = await tx.lease.findMany({ where: { nodeId, open: true }, include: { budgets: true }, orderBy: { id: 'asc' } });
  let count = 0;
  for (const lease of open) {
    const closed = await tx.lease.updateMany({ where: { id: lease.id, open: true }, data: { open: false, closedBy: 'WRITE_OFF', closedAt: now, spentNano: lease.grantedNano } });
    if (closed.count !== 1) continue;
    count++;
    const { excessNano } = await tx.lease.findUniqueOrThrow({ where: { id: lease.id } });
    for (const { budgetId } of [...lease.budgets].sort((a, b) => (a.budgetId < b.budgetId ? -1 : 1))) {
      await sql(domain.db.provider).executeRaw(
        tx, 'UPDATE budget SET escrow_nano = escrow_nano - ?, spent_nano = spent_nano + ?, excess_nano = excess_nano + ? WHERE id = ?',
        [lease.grantedNano, lease.grantedNano, excessNano, budgetId],
      );
    }
  }
  return count;
}
