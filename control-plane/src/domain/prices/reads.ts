// Which models and prices a reader may see.
import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import type { Domain } from '../domain.ts';
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

/** Of the prices a reader may see those that count now, or will: earlier ones are left out. */
export async function currentPrices(domain: Domain, actor: Actor, modelName?: string | null): Promise<Prisma.PriceWhereInput> {
  const visible = visiblePrices(actor, modelName);
  const now = domain.clock.now();
  const rows = await domain.db.client.price.findMany({ where: visible, select: { id: true, modelName: true, upstreamId: true, effectiveAt: true }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const newest = new Map<string, string>();
  const coming: string[] = [];
  for (const row of rows) {
    if (row.effectiveAt.getTime() > now) coming.push(row.id);
    else newest.set(`${row.modelName}\n${row.upstreamId ?? ''}`, row.id);
  }
  return { AND: [visible, { id: { in: [...newest.values(), ...coming] } }] };
}
