import type { Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { rollingMs } from '@fairlead/shared/time/window.ts';
import { writeAudit } from '../command.ts';
import type { Domain } from '../domain.ts';
import { isRolling } from './rolling.ts';

/** At how many hundredths of a limit people are told. */
export const thresholds = [50, 75, 95, 100] as const;

/** The hundredths of a limit that this spending has reached. Pure. */
function reachedBy(spentNano: bigint, limitNano: bigint): number[] {
  return thresholds.filter((percent) => limitNano > 0n && spentNano * 100n >= limitNano * BigInt(percent));
}

/**
 * Notes, in the transaction that spends, which thresholds a budget has reached: one row and one audit entry for each in
 * a window, whoever else spends at the same time. A rolling window has no beginning: there it is one in five hours.
 */
export async function noteThresholds(domain: Domain, tx: Tx, budgetId: string): Promise<void> {
  const budget = await tx.budget.findUnique({ where: { id: budgetId }, include: { quota: true, thresholds: true } });
  if (!budget) return;
  const now = new Date(domain.clock.now());
  const span = isRolling(budget.quota) ? String(Math.floor(now.getTime() / rollingMs)) : '';
  for (const percent of reachedBy(budget.spentNano, budget.limitNano)) {
    if (budget.thresholds.some((known) => known.percent === percent && known.span === span)) continue;
    const inserted = await sql(domain.db.provider).insertIgnore(
      tx, 'budget_threshold', ['id', 'budget_id', 'percent', 'span', 'spent_nano', 'limit_nano', 'reached_at'],
      [[newId('threshold', now.getTime()), budgetId, percent, span, budget.spentNano, budget.limitNano, now]],
    );
    if (inserted === 0) continue;
    await writeAudit(tx, { kind: 'SYSTEM' }, now, {
      action: 'quota.threshold', objectId: budget.quotaId, tenantId: budget.quota.tenantId,
      detail: {
        percent, subject: budget.quota.subjectId, window: budget.windowKey,
        ...(budget.quota.unit === 'USD' ? { spentNano: String(budget.spentNano), limitNano: String(budget.limitNano) } : { unit: budget.quota.unit, spent: String(budget.spentNano), limit: String(budget.limitNano) }),
      },
    });
  }
}
