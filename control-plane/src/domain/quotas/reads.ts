import type { Budget, Prisma, Quota } from '@fairlead/prisma';
import { windowAt, windowKinds } from '@fairlead/shared/time/window.ts';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';

type BudgetSums = Pick<Budget, 'windowKey' | 'limitNano' | 'spentNano' | 'escrowNano' | 'excessNano'>;

/** How a quota stands in the window that is open now. */
export interface Standing { limitNano: bigint; spentNano: bigint; escrowNano: bigint; excessNano: bigint; startsAt: Date; resetsAt: Date | null }

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
  const row = await domain.db.client.budget.findFirst({ where: { quotaId: quota.id, windowKey: window.key } });
  return standing(quota, window, row);
}

// Further than any two time zones are apart: a quota's zone may have changed since the row of its window was made.
const zonesApartMs = 2 * 86_400_000;

/** Which budgets of a quota can be of the window that is open at this instant. Pure. */
export function maybeOpen(atMs: number): Prisma.BudgetWhereInput {
  return { OR: [{ endsAt: null }, { endsAt: { gt: new Date(atMs - zonesApartMs) } }] };
}

/** How a quota stands, told from rows that hold the one of its open window, if there is one. Pure. */
export function standingAmong(quota: Pick<Quota, 'window' | 'timeZone' | 'limitNano'>, rows: readonly BudgetSums[], atMs: number): Standing {
  const window = windowOf(quota, atMs);
  return standing(quota, window, rows.find((row) => row.windowKey === window.key) ?? null);
}

function standing(quota: Pick<Quota, 'limitNano'>, window: { startsAt: number; endsAt: number | null }, row: BudgetSums | null): Standing {
  return {
    limitNano: row?.limitNano ?? quota.limitNano, spentNano: row?.spentNano ?? 0n, escrowNano: row?.escrowNano ?? 0n, excessNano: row?.excessNano ?? 0n,
    startsAt: new Date(window.startsAt), resetsAt: window.endsAt === null ? null : new Date(window.endsAt),
  };
}

/** The quotas that limit one subject. */
export function quotasOf(domain: Domain, subjectKind: string, subjectId: string) {
  return domain.db.client.quota.findMany({ where: { subjectKind, subjectId }, orderBy: { id: 'asc' } });
}
