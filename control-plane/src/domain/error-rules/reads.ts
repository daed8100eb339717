// Pure.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';

/** The error rules that count for the reader, the operator's among them; operators see all. */
export function visibleErrorRules(actor: Actor): Prisma.ErrorRuleWhereInput {
  const member = requireMember(actor, 'routes:read');
  return member.operator ? {} : { OR: [{ tenantId: member.tenantId }, { tenantId: null }] };
}
