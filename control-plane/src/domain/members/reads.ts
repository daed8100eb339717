// Pure. Which members and management tokens a reader may see.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember, tenantFilter } from '../actor.ts';

/** The members a reader may see. */
export function visibleMembers(actor: Actor): Prisma.MemberWhereInput {
  return tenantFilter(actor, 'members:read');
}

/** The members of the reader's own tenant. */
export function ownMembers(actor: Actor): Prisma.MemberWhereInput {
  return { tenantId: requireMember(actor, 'members:read').tenantId };
}

/** The reader's own tokens. */
export function ownManagementTokens(actor: Actor): Prisma.ManagementTokenWhereInput {
  return { memberId: requireMember(actor, 'tokens:read').memberId };
}

/** The reader's own tokens; owners and admins see those of the tenant. */
export function visibleManagementTokens(actor: Actor): Prisma.ManagementTokenWhereInput {
  const member = requireMember(actor, 'tokens:read');
  return member.role === 'OWNER' || member.role === 'ADMIN' ? { member: { tenantId: member.tenantId } } : { memberId: member.memberId };
}
