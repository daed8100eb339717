import { isId, kindOf } from '@fairlead/shared/id.ts';
import type { Actor } from './actor.ts';
import { AccessDenied, isOperator, may, tenantFilter } from './actor.ts';
import type { Scope } from './actor.ts';
import type { Domain } from './domain.ts';
import { readKeyRow } from './keys/reads.ts';
import { readTenant } from './tenants/reads.ts';
import { readExchange } from './usage/exchanges.ts';
import { mayInspect, readUpstream } from './upstreams/reads.ts';

/** Finds whatever has this id; null when there is nothing, or nothing that this reader may see. */
export async function findById(domain: Domain, actor: Actor, id: string): Promise<{ id: string } | null> {
  const kind = kindOf(id);
  if (!kind || !isId(kind, id) || (actor.kind !== 'MEMBER' && actor.kind !== 'TOKEN')) return null;
  const { client } = domain.db;
  const own = (scope: Scope) => ({ id, ...tenantFilter(actor, scope) });
  const shared = { OR: [{ tenantId: actor.tenantId }, { tenantId: null }] };
  const forOperators = (scope: Scope) => isOperator(actor) && may(actor, scope);
  try {
    switch (kind) {
      case 'tenant': return await readTenant(domain, actor, id);
      case 'member': return await client.member.findFirst({ where: own('members:read') });
      case 'key': return await readKeyRow(domain, actor, id);
      case 'exchange': return await readExchange(domain, actor, id);
      case 'upstream': return await readUpstream(domain, actor, id);
      case 'quota': return await client.quota.findFirst({ where: own('quotas:read') });
      case 'audit': return await client.auditEntry.findFirst({ where: own('audit:read') });
      case 'managementToken': return may(actor, 'tokens:read') ? await client.managementToken.findFirst({ where: { id, memberId: actor.memberId } }) : null;
      case 'route': return may(actor, 'routes:read') ? await client.route.findFirst({ where: isOperator(actor) ? { id } : { AND: [{ id }, shared] } }) : null;
      case 'model': return may(actor, 'models:read') ? await client.model.findUnique({ where: { id } }) : null;
      case 'campaign': return forOperators('campaigns:read') ? await client.campaign.findUnique({ where: { id } }) : null;
      case 'pool': return forOperators('pools:read') ? await client.pool.findUnique({ where: { id } }) : null;
      case 'fleetNode': return forOperators('nodes:read') ? await client.fleetNode.findUnique({ where: { id } }) : null;
      case 'credential': {
        const row = may(actor, 'upstreams:read') ? await client.credential.findUnique({ where: { id }, include: { upstream: true } }) : null;
        return row && mayInspect(actor, row.upstream) ? row : null;
      }
      case 'price': {
        const row = may(actor, 'models:read') ? await client.price.findUnique({ where: { id }, include: { upstream: true } }) : null;
        return row && (!row.upstream?.tenantId || mayInspect(actor, row.upstream)) ? row : null;
      }
      default: return null;
    }
  } catch (cause) {
    if (cause instanceof AccessDenied) return null;
    throw cause;
  }
}
