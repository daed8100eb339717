// Pure.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';

/** Which keys are wanted. */
export interface KeyFilter { status?: string | null | undefined; campaignId?: string | null | undefined; tenantId?: string | null | undefined; search?: string | null | undefined }

/** The keys a reader may see and wants. */
export function visibleKeys(actor: Actor, filter: KeyFilter = {}): Prisma.KeyWhereInput {
  const search = filter.search?.trim();
  return {
    AND: [
      tenantFilter(actor, 'keys:read'),
      filter.tenantId ? { tenantId: filter.tenantId } : {},
      filter.status ? { status: filter.status } : {},
      filter.campaignId ? { campaignId: filter.campaignId } : {},
      search ? { OR: [{ name: { contains: search } }, { hint: { startsWith: search.slice(0, 14) } }] } : {},
    ],
  };
}
