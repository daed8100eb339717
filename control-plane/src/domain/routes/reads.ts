// Pure.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';

/** The routes that count for the reader, the operator's among them; operators see all. */
export function visibleRoutes(actor: Actor): Prisma.RouteWhereInput {
  const member = requireMember(actor, 'routes:read');
  return member.operator ? {} : { OR: [{ tenantId: member.tenantId }, { tenantId: null }] };
}
