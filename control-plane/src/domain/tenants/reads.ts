import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** A tenant: the reader's own, or for an operator any; null when it is not there for this reader. */
export async function readTenant(domain: Domain, actor: Actor, id?: string | null) {
  const member = requireMember(actor, 'tenants:read');
  const wanted = id ?? member.tenantId;
  if (wanted !== member.tenantId && !member.operator) return null;
  return domain.db.client.tenant.findUnique({ where: { id: wanted } });
}

/** The tenants a reader may see, newest first. */
export function listTenants(domain: Domain, actor: Actor, page: Page, search?: string | null) {
  const member = requireMember(actor, 'tenants:read');
  const text = search?.trim();
  const where = { ...(member.operator ? {} : { id: member.tenantId }), ...(text ? { OR: [{ name: { contains: text } }, { slug: { contains: text } }] } : {}) };
  return pageOf(page, (after, take) => domain.db.client.tenant.findMany({ where: { AND: [where, after] }, take, orderBy: { id: 'desc' } }));
}
