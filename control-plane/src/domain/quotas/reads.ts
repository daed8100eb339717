import type { Budget, Quota } from '@fairlead/prisma';
import { windowAt, windowKinds } from '@fairlead/shared/time/window.ts';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** How a quota stands in the window that is open now. */
export interface Standing { limitNano: bigint; spentNano: bigint; escrowNano: bigint; excessNano: bigint; startsAt: Date; resetsAt: Date | null }

/** The quotas a reader may see, newest first. */
export function listQuotas(domain: Domain, actor: Actor, page: Page, subjectId?: string | null) {
  const where = { ...tenantFilter(actor, 'quotas:read'), ...(subjectId ? { subjectId } : {}) };
  return pageOf(page, (after, take) => domain.db.client.quota.findMany({ where: { ...where, ...after }, take, orderBy: { id: 'desc' } }));
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

/** The standing of a quota beside the row of its open window. Pure. */
export function standing(quota: Quota, window: { startsAt: number; endsAt: number | null }, row: Budget | null): Standing {
  return {
    limitNano: row?.limitNano ?? quota.limitNano, spentNano: row?.spentNano ?? 0n, escrowNano: row?.escrowNano ?? 0n, excessNano: row?.excessNano ?? 0n,
    startsAt: new Date(window.startsAt), resetsAt: window.endsAt === null ? null : new Date(window.endsAt),
  };
}

/** The quotas that limit one subject. */
export function quotasOf(domain: Domain, subjectKind: string, subjectId: string) {
  return domain.db.client.quota.findMany({ where: { subjectKind, subjectId }, orderBy: { id: 'asc' } });
}
