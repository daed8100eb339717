import type { Tx } from '@fairlead/prisma';
import { windowOf } from '../quotas/reads.ts';
import { isRolling, rollingSpent } from '../quotas/rolling.ts';

/** What a pool can still give: the least that any of its caps leaves, and when that cap opens anew. */
export interface PoolLeft { nano: bigint; reopensAt: Date | null; paused: boolean }

/** Reads what a pool can still give. A pool without any cap gives nothing: money has a bound or is not given. */
export async function poolLeft(tx: Pick<Tx, 'quota' | 'budget' | 'pool'>, poolId: string, now: Date): Promise<PoolLeft> {
  const pool = await tx.pool.findUnique({ where: { id: poolId } });
  const quotas = await tx.quota.findMany({ where: { subjectKind: 'POOL', subjectId: poolId, unit: 'USD' } });
  let least: PoolLeft | undefined;
  for (const quota of quotas) {
    const window = windowOf(quota, now.getTime());
    const row = await tx.budget.findFirst({ where: { quotaId: quota.id, windowKey: window.key }, include: { parts: true } });
    const spentNano = row && isRolling(quota) ? rollingSpent(row.parts, now.getTime()) : (row?.spentNano ?? 0n);
    const nano = row ? row.limitNano - spentNano - row.escrowNano : quota.limitNano;
    if (!least || nano < least.nano) least = { nano, reopensAt: window.endsAt === null ? null : new Date(window.endsAt), paused: false };
  }
  return { ...(least ?? { nano: 0n, reopensAt: null }), paused: pool?.status !== 'ACTIVE' };
}
