import { isId, kindOf } from '@fairlead/shared/id.ts';
import type { Actor } from './actor.ts';
import { AccessDenied } from './actor.ts';
import { visibleAudit } from './audit/reads.ts';
import type { Domain } from './domain.ts';
import { visibleErrorRules } from './error-rules/reads.ts';
import { visibleCampaigns, visiblePools } from './experience/reads.ts';
import { visibleKeys } from './keys/reads.ts';
import { ownManagementTokens, visibleMembers } from './members/reads.ts';
import { visibleNodes } from './nodes/reads.ts';
import { visibleModels, visiblePrices } from './prices/reads.ts';
import { visibleQuotas } from './quotas/reads.ts';
import { visibleRoutes } from './routes/reads.ts';
import { visibleTenants } from './tenants/reads.ts';
import { visibleCredentials, visibleUpstreams } from './upstreams/reads.ts';
import { visibleExchanges } from './usage/exchanges.ts';

/** Finds whatever has this id, with at least the columns of `query`; null when there is nothing, or nothing that this reader may see. */
export async function findById({ db: { client } }: Domain, actor: Actor, id: string, query: { select: { id: true } }): Promise<{ id: string } | null> {
  const kind = kindOf(id);
  if (!kind || !isId(kind, id) || (actor.kind !== 'MEMBER' && actor.kind !== 'TOKEN')) return null;
  try {
    switch (kind) {
      case 'tenant': return await client.tenant.findFirst({ ...query, where: { AND: [visibleTenants(actor), { id }] } });
      case 'member': return await client.member.findFirst({ ...query, where: { AND: [visibleMembers(actor), { id }] } });
      case 'managementToken': return await client.managementToken.findFirst({ ...query, where: { AND: [ownManagementTokens(actor), { id }] } });
      case 'key': return await client.key.findFirst({ ...query, where: { AND: [visibleKeys(actor), { id }] } });
      case 'upstream': return await client.upstream.findFirst({ ...query, where: { AND: [visibleUpstreams(actor), { id }] } });
      case 'credential': return await client.credential.findFirst({ ...query, where: { AND: [visibleCredentials(actor), { id }] } });
      case 'model': return await client.model.findFirst({ ...query, where: { AND: [visibleModels(actor), { id }] } });
      case 'price': return await client.price.findFirst({ ...query, where: { AND: [visiblePrices(actor), { id }] } });
      case 'route': return await client.route.findFirst({ ...query, where: { AND: [visibleRoutes(actor), { id }] } });
      case 'errorRule': return await client.errorRule.findFirst({ ...query, where: { AND: [visibleErrorRules(actor), { id }] } });
      case 'quota': return await client.quota.findFirst({ ...query, where: { AND: [visibleQuotas(actor), { id }] } });
      case 'campaign': return await client.campaign.findFirst({ ...query, where: { AND: [visibleCampaigns(actor), { id }] } });
      case 'pool': return await client.pool.findFirst({ ...query, where: { AND: [visiblePools(actor), { id }] } });
      case 'exchange': return await client.exchange.findFirst({ ...query, where: { AND: [visibleExchanges(actor), { id }] } });
      case 'fleetNode': return await client.fleetNode.findFirst({ ...query, where: { AND: [visibleNodes(actor), { id }] } });
      case 'audit': return await client.auditEntry.findFirst({ ...query, where: { AND: [visibleAudit(actor), { id }] } });
      default: return null;
    }
  } catch (cause) {
    if (cause instanceof AccessDenied) return null;
    throw cause;
  }
}
