// Pure. Which upstreams and credentials a reader may see.
import type { Prisma, Upstream } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { isOperator, requireMember } from '../actor.ts';

/** The upstreams that serve the reader, the operator's among them; operators see all. */
export function visibleUpstreams(actor: Actor): Prisma.UpstreamWhereInput {
  const member = requireMember(actor, 'upstreams:read');
  return member.operator ? {} : { OR: [{ tenantId: member.tenantId }, { tenantId: null }] };
}

/** The credentials of upstreams that the reader may inspect. */
export function visibleCredentials(actor: Actor): Prisma.CredentialWhereInput {
  const member = requireMember(actor, 'upstreams:read');
  return member.operator ? {} : { upstream: { tenantId: member.tenantId } };
}

/** Whether the reader may see an upstream's address and credentials, not only that it serves. */
export function mayInspect(actor: Actor, row: Pick<Upstream, 'tenantId'>): boolean {
  if (isOperator(actor)) return true;
  return (actor.kind === 'MEMBER' || actor.kind === 'TOKEN') && row.tenantId === actor.tenantId;
}
