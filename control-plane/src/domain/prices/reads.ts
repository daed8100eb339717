// Pure. Which models and prices a reader may see.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';

/** The known models; only those with a text in their name when it is given. */
export function visibleModels(actor: Actor, search?: string | null): Prisma.ModelWhereInput {
  requireMember(actor, 'models:read');
  const text = search?.trim().toLowerCase();
  return text ? { name: { contains: text } } : {};
}

/** The prices a reader may see: everyone's, and those of upstreams of the own tenant. */
export function visiblePrices(actor: Actor, modelName?: string | null): Prisma.PriceWhereInput {
  const member = requireMember(actor, 'models:read');
  return {
    AND: [
      member.operator ? {} : { OR: [{ upstreamId: null }, { upstream: { OR: [{ tenantId: null }, { tenantId: member.tenantId }] } }] },
      modelName ? { modelName } : {},
    ],
  };
}
