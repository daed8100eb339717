import type { Upstream } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { isOperator, requireMember } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** The upstreams that serve the reader, the operator's among them; newest first. Operators see all. */
export function listUpstreams(domain: Domain, actor: Actor, page: Page) {
  const member = requireMember(actor, 'upstreams:read');
  const where = member.operator ? {} : { OR: [{ tenantId: member.tenantId }, { tenantId: null }] };
  return pageOf(page, (after, take) => domain.db.client.upstream.findMany({ where: { AND: [where, after] }, take, orderBy: { id: 'desc' } }));
}

/** One upstream, or null when it is not there for this reader. */
export async function readUpstream(domain: Domain, actor: Actor, id: string) {
  const member = requireMember(actor, 'upstreams:read');
  const row = await domain.db.client.upstream.findUnique({ where: { id } });
  return row && serves(member, row) ? row : null;
}

/** Whether an upstream serves the reader, who may then know its name. */
export function serves(actor: Actor, row: Pick<Upstream, 'tenantId'>): boolean {
  return row.tenantId === null || mayInspect(actor, row);
}

/** Whether the reader may see an upstream's address and credentials, not only that it serves. */
export function mayInspect(actor: Actor, row: Pick<Upstream, 'tenantId'>): boolean {
  if (isOperator(actor)) return true;
  return (actor.kind === 'MEMBER' || actor.kind === 'TOKEN') && row.tenantId === actor.tenantId;
}

/** The credentials of an upstream, for who may see them. */
export function listCredentials(domain: Domain, actor: Actor, row: Pick<Upstream, 'id' | 'tenantId'>) {
  return mayInspect(actor, row) ? domain.db.client.credential.findMany({ where: { upstreamId: row.id }, orderBy: { id: 'asc' } }) : [];
}
