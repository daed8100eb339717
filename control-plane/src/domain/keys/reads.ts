import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** Which keys are wanted. */
export interface KeyFilter { status?: string | null | undefined; campaignId?: string | null | undefined; tenantId?: string | null | undefined; search?: string | null | undefined }

/** The keys a reader may see, newest first. */
export function listKeys(domain: Domain, actor: Actor, page: Page, filter: KeyFilter = {}) {
  const scope = tenantFilter(actor, 'keys:read');
  const search = filter.search?.trim();
  const where = {
    AND: [
      scope,
      filter.tenantId ? { tenantId: filter.tenantId } : {},
      filter.status ? { status: filter.status } : {},
      filter.campaignId ? { campaignId: filter.campaignId } : {},
      search ? { OR: [{ name: { contains: search } }, { hint: { startsWith: search.slice(0, 14) } }] } : {},
    ],
  };
  return pageOf(page, (after, take) => domain.db.client.key.findMany({ where: { ...where, ...after }, take, orderBy: { id: 'desc' } }));
}

/** One key, or null when it is not there for this reader. */
export function readKeyRow(domain: Domain, actor: Actor, id: string) {
  return domain.db.client.key.findFirst({ where: { id, ...tenantFilter(actor, 'keys:read') } });
}
