import type { Budget, BudgetThreshold, Prisma, Quota } from '@fairlead/prisma';
import { quotaUnits } from '@fairlead/shared/lease/purse.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import { windowAt, windowKinds } from '@fairlead/shared/time/window.ts';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { isRolling, rollingSpent } from './rolling.ts';
import type { SpentPart } from './rolling.ts';

type BudgetSums = Pick<Budget, 'windowKey' | 'limitNano' | 'spentNano' | 'escrowNano' | 'excessNano'> & { parts: readonly SpentPart[] };

/** How a quota stands in the window that is open now. Amounts count in its unit. */
export interface Standing { unit: QuotaUnit; limitNano: bigint; spentNano: bigint; escrowNano: bigint; excessNano: bigint; startsAt: Date; resetsAt: Date | null }

/** The quotas a reader may see; of one subject when it is named. */
export function visibleQuotas(actor: Actor, subjectId?: string | null): Prisma.QuotaWhereInput {
  return { ...tenantFilter(actor, 'quotas:read'), ...(subjectId ? { subjectId } : {}) };
}

/** The window of a quota that holds an instant. Pure. */
export function windowOf(quota: Pick<Quota, 'window' | 'timeZone'>, atMs: number) {
  return windowAt(windowKinds.find((kind) => kind === quota.window) ?? 'TOTAL', atMs, quota.timeZone);
}

/** How a quota stands; a window in which nothing was asked for yet has no row and stands at zero. */
export async function standingOf(domain: Domain, quota: Quota): Promise<Standing> {
  const window = windowOf(quota, domain.clock.now());
  const row = await domain.db.client.budget.findFirst({ where: { quotaId: quota.id, windowKey: window.key }, include: { parts: true } });
  return standing(quota, window, row, domain.clock.now());
}

// Further than any two time zones are apart: a quota's zone may have changed since the row of its window was made.
const zonesApartMs = 2 * 86_400_000;

/** Which budgets of a quota can be of the window that is open at this instant. Pure. */
export function maybeOpen(atMs: number): Prisma.BudgetWhereInput {
  return { OR: [{ endsAt: null }, { endsAt: { gt: new Date(atMs - zonesApartMs) } }] };
}

/** How a quota stands, told from rows that hold the one of its open window, if there is one. Pure. */
export function standingAmong(quota: Pick<Quota, 'window' | 'timeZone' | 'limitNano' | 'unit'>, rows: readonly BudgetSums[], atMs: number): Standing {
  const window = windowOf(quota, atMs);
  return standing(quota, window, rows.find((row) => row.windowKey === window.key) ?? null, atMs);
}

/** The thresholds that were reached in the window that is open now, told from the rows of its budgets. Pure. */
export function reachedIn(quota: Pick<Quota, 'window' | 'timeZone'>, rows: readonly { windowKey: string; thresholds: BudgetThreshold[] }[], atMs: number): BudgetThreshold[] {
  const { key, startsAt } = windowOf(quota, atMs);
  return rows.filter((row) => row.windowKey === key).flatMap((row) => row.thresholds).filter((one) => !isRolling(quota) || one.reachedAt.getTime() > startsAt);
}

function standing(quota: Pick<Quota, 'window' | 'limitNano' | 'unit'>, window: { startsAt: number; endsAt: number | null }, row: BudgetSums | null, atMs: number): Standing {
  return {
    unit: unitOf(quota), limitNano: row?.limitNano ?? quota.limitNano, spentNano: !row ? 0n : isRolling(quota) ? rollingSpent(row.parts, atMs) : row.spentNano, escrowNano: row?.escrowNano ?? 0n, excessNano: row?.excessNano ?? 0n,
    startsAt: new Date(window.startsAt), resetsAt: window.endsAt === null ? null : new Date(window.endsAt),
  };
}

/** What a quota counts. Pure. */
export function unitOf(quota: Pick<Quota, 'unit'>): QuotaUnit {
  return quotaUnits.find((unit) => unit === quota.unit) ?? 'USD';
}

/** The quotas of dollars that limit one subject. */
export function dollarQuotasOf(domain: Domain, subjectKind: string, subjectId: string) {
  return domain.db.client.quota.findMany({ where: { subjectKind, subjectId, unit: 'USD' }, orderBy: { id: 'asc' } });
}
