import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { isId } from '@fairlead/shared/id.ts';
import type { KeyHolder } from '../domain/billing/cost-centre.ts';
import type { Domain } from '../domain/domain.ts';
import { textList } from '../domain/upstreams/stored.ts';

/** What is known of the key of an event: who may pay for it, and by what else its charges are told apart. */
export interface Holder extends KeyHolder { payers: ReadonlySet<string> }

/** Whose each key is: its tenant's and, as a claim moves a key while it is in use, the tenant's that issued it. Unknown keys are absent. */
export async function holdersOf(domain: Domain, events: readonly Pick<UsageEvent, 'keyId'>[]): Promise<Map<string, Holder>> {
  const ids = [...new Set(events.map((event) => event.keyId))];
  const holders = new Map<string, Holder>();
  for (let at = 0; at < ids.length; at += 500) {
    const rows = await domain.db.client.key.findMany({
      where: { id: { in: ids.slice(at, at + 500).filter((id) => isId('key', id)) } },
      select: { id: true, tenantId: true, memberId: true, tags: true, campaign: { select: { tenantId: true } } },
    });
    for (const row of rows) {
      holders.set(row.id, { tenantId: row.tenantId, memberId: row.memberId, tags: (textList(row.tags) ?? []).toSorted(), payers: new Set([row.tenantId, ...(row.campaign ? [row.campaign.tenantId] : [])]) });
    }
  }
  return holders;
}
