import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** Who changed what, newest first. */
export function listAudit(domain: Domain, actor: Actor, page: Page) {
  const where = tenantFilter(actor, 'audit:read');
  return pageOf(page, (after, take) => domain.db.client.auditEntry.findMany({ where: { ...where, ...after }, take, orderBy: { id: 'desc' } }));
}
