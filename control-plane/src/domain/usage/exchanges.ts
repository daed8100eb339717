import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { pageOf } from '../page.ts';
import type { Page } from '../page.ts';

/** Which exchanges are wanted. */
export interface ExchangeFilter { keyId?: string | null | undefined; outcome?: string | null | undefined; model?: string | null | undefined; tenantId?: string | null | undefined; since?: Date | null | undefined; until?: Date | null | undefined }

/** The exchanges a reader may see, newest first. */
export function listExchanges(domain: Domain, actor: Actor, page: Page, filter: ExchangeFilter = {}) {
  const where = whereOf(actor, filter);
  return pageOf(page, (after, take) => domain.db.client.exchange.findMany({ where: { AND: [where, after] }, take, orderBy: { id: 'desc' } }));
}

/** One exchange, or null when it is not there for this reader. */
export function readExchange(domain: Domain, actor: Actor, id: string, filter: ExchangeFilter = {}) {
  return domain.db.client.exchange.findFirst({ where: { AND: [whereOf(actor, filter), { id }] } });
}

/** The usage events behind the cost of an exchange. */
export function listCharges(domain: Domain, actor: Actor, exchangeId: string) {
  return domain.db.client.usageEvent.findMany({ where: { exchangeId, ...tenantFilter(actor, 'exchanges:read') }, orderBy: [{ attempt: 'asc' }, { id: 'asc' }] });
}

/** Every exchange that ends from now on and fits; a stream for as long as the reader stays. */
export async function* streamExchanges(domain: Domain, actor: Actor, filter: ExchangeFilter, signal?: AbortSignal) {
  const scope = tenantFilter(actor, 'exchanges:read');
  for await (const { id, tenantId } of domain.exchanges.listen(signal)) {
    if (scope.tenantId !== undefined && scope.tenantId !== tenantId) continue;
    const row = await readExchange(domain, actor, id, filter);
    if (row) yield row;
  }
}

function whereOf(actor: Actor, filter: ExchangeFilter) {
  return {
    AND: [
      tenantFilter(actor, 'exchanges:read'),
      filter.tenantId ? { tenantId: filter.tenantId } : {},
      filter.keyId ? { keyId: filter.keyId } : {},
      filter.outcome ? { outcome: filter.outcome } : {},
      filter.model ? { model: filter.model } : {},
      filter.since || filter.until ? { startedAt: { ...(filter.since ? { gte: filter.since } : {}), ...(filter.until ? { lt: filter.until } : {}) } } : {},
    ],
  };
}
