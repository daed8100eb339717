// Pure.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';

/** The audit entries a reader may see. */
export function visibleAudit(actor: Actor): Prisma.AuditEntryWhereInput {
  return tenantFilter(actor, 'audit:read');
}
