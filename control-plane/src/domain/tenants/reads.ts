// Pure.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';

/** The tenants a reader may see: the own one, or for an operator every one; only those with a text in name or slug when it is given. */
export function visibleTenants(actor: Actor, search?: string | null): Prisma.TenantWhereInput {
  const member = requireMember(actor, 'tenants:read');
  const text = search?.trim();
  return { ...(member.operator ? {} : { id: member.tenantId }), ...(text ? { OR: [{ name: { contains: text } }, { slug: { contains: text } }] } : {}) };
}

/** One tenant; the reader's own when no id is given. */
export function visibleTenant(actor: Actor, id?: string | null): Prisma.TenantWhereInput {
  return { AND: [visibleTenants(actor), { id: id ?? requireMember(actor, 'tenants:read').tenantId }] };
}
