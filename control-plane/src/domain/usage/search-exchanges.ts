import type { Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { spanIds, visibleExchanges } from './exchanges.ts';
import type { ExchangeFilter } from './exchanges.ts';

/** Which part of the request log is wanted. */
export interface ExchangePage { first: number; after?: string | null | undefined }

/** A page, newest first. It may be short although there is more: then `searched` says how far back was looked. */
export interface FoundExchanges<Row> { rows: Row[]; more: boolean; searched: { id: string; at: Date | null } | null }

/** Reads rows, newest first. */
export type ReadExchanges<Row> = (where: Prisma.ExchangeWhereInput, take: number) => Promise<Row[]>;

const windowRows = 4_000;
const longestMs = 100;

/**
 * Finds a page of exchanges. What indexes tell (tenant, key) is read at once. For anything else the log is looked through
 * a window at a time, until the page is full, the log ends, or it takes long: a filter that fits nothing would else read
 * millions of rows. Whoever goes on behind what was searched misses nothing.
 *
 * A page within the log is a window of its own size: MariaDB would else read a tenant's rows from the newest on.
 */
export async function searchExchanges<Row extends { id: string }>(domain: Domain, actor: Actor, filter: ExchangeFilter, { first, after }: ExchangePage, read: ReadExchanges<Row>, size = windowRows): Promise<FoundExchanges<Row>> {
  const wanted = visibleExchanges(actor, filter);
  const { keyId, tenantId, ...rest } = filter;
  const free = Object.values(rest).some(Boolean);
  // Where the windows lie: the rows that indexes find, of which the filter picks some.
  const scope = free ? { AND: [visibleExchanges(actor, { keyId, tenantId }), spanIds(filter)] } : wanted;
  const rows: Row[] = [];
  const began = domain.clock.now();
  for (let before = after || undefined; ;) {
    const behind = before === undefined ? {} : { id: { lt: before } };
    const last = free || before !== undefined ? await domain.db.client.exchange.findFirst({ where: { AND: [scope, behind] }, orderBy: { id: 'desc' }, skip: free ? size - 1 : first, select: { id: true } }) : null;
    rows.push(...await read({ AND: [wanted, behind, last ? { id: { gte: last.id } } : {}] }, first + 1 - rows.length));
    if (rows.length > first) return { rows: rows.slice(0, first), more: true, searched: null };
    if (!last) return { rows, more: false, searched: null };
    if (domain.clock.now() - began >= longestMs) return { rows, more: true, searched: { id: last.id, at: await startOf(domain, last.id) } };
    before = last.id;
  }
}

/** When an exchange began; asked for by itself, so that ids alone are read on the way to it. */
async function startOf(domain: Domain, id: string): Promise<Date | null> {
  return (await domain.db.client.exchange.findUnique({ where: { id }, select: { startedAt: true } }))?.startedAt ?? null;
}
