import type { Prisma } from '@fairlead/prisma';
import { idPrefixes, ulid } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import type { LabelFilter } from '../billing/labelled.ts';
import type { Domain } from '../domain.ts';

/** Which exchanges are wanted. */
export interface ExchangeFilter extends LabelFilter { keyId?: string | null | undefined; outcome?: string | null | undefined; model?: string | null | undefined; tenantId?: string | null | undefined; since?: Date | null | undefined; until?: Date | null | undefined }

/** The exchanges a reader may see and wants. */
export function visibleExchanges(actor: Actor, filter: ExchangeFilter = {}): Prisma.ExchangeWhereInput {
  return {
    AND: [
      tenantFilter(actor, 'exchanges:read'),
      filter.tenantId ? { tenantId: filter.tenantId } : {},
      filter.keyId ? { keyId: filter.keyId } : {},
      filter.outcome ? { outcome: filter.outcome } : {},
      filter.model ? { model: filter.model } : {},
      filter.sessionId ? { sessionId: filter.sessionId } : {},
      filter.repo ? { repo: filter.repo } : {},
      filter.branch ? { branch: filter.branch } : {},
      filter.ticket ? { ticket: filter.ticket } : {},
      spanIds(filter),
      filter.since || filter.until ? { startedAt: { ...(filter.since ? { gte: filter.since } : {}), ...(filter.until ? { lt: filter.until } : {}) } } : {},
    ],
  };
}

// An id is made when its request arrives; its first attempt may begin much later, and never before but for a clock that was set.
const longestWaitMs = 3_600_000;
const clockSlackMs = 60_000;

/** Where in the log a span of time lies: an id begins with its time, so that an index finds it. */
export function spanIds({ since, until }: Pick<ExchangeFilter, 'since' | 'until'>): Prisma.ExchangeWhereInput {
  return since || until ? { id: { ...(since ? { gte: idAt(since.getTime() - longestWaitMs) } : {}), ...(until ? { lt: idAt(until.getTime() + clockSlackMs) } : {}) } } : {};
}

/** What stands before every id of an instant. */
function idAt(ms: number): string {
  return `${idPrefixes.exchange}_${ulid(Math.max(ms, 0)).slice(0, 10)}`;
}

/** The usage events a reader may see. */
export function visibleCharges(actor: Actor): Prisma.UsageEventWhereInput {
  return tenantFilter(actor, 'exchanges:read');
}

/** The id of every exchange that ends from now on and fits; a stream for as long as the reader stays. */
export async function* streamExchanges(domain: Domain, actor: Actor, filter: ExchangeFilter, signal?: AbortSignal) {
  const scope = tenantFilter(actor, 'exchanges:read');
  for await (const { id, tenantId } of domain.exchanges.listen(signal)) {
    if (scope.tenantId !== undefined && scope.tenantId !== tenantId) continue;
    const row = await domain.db.client.exchange.findFirst({ where: { AND: [visibleExchanges(actor, filter), { id }] }, select: { id: true } });
    if (row) yield row;
  }
}
