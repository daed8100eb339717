import type { CostCentre, LedgerEntry, UsageEvent } from '@fairlead/prisma';
import { usdText } from '@fairlead/shared/money/charge.ts';
import type { Domain } from '../domain.ts';
import { textList } from '../upstreams/stored.ts';
import { filterColumns } from './labelled.ts';
import type { LabelFilter } from './labelled.ts';

/** One entry as it is exported: texts, and amounts in dollars. */
export interface JournalRow {
  id: string; at: string; kind: string; payer: string; amount: string; excess: string; currency: 'USD';
  member: string; key: string; upstream: string; credential: string; campaign: string; pool: string; model: string; tags: string; repo: string; branch: string; ticket: string; session: string; exchange: string; outcome: string;
  inputTokens: string; outputTokens: string; cacheReadTokens: string; cacheWrite5mTokens: string; cacheWrite1hTokens: string;
  price: string; estimated: string; unpriced: string; reference: string; note: string; region: string; node: string;
}

/** Which entries: of one tenant, within [from, to). */
export interface JournalQuery { tenantId: string; from: Date; to: Date; /** Only the charges that were for these; movements are for nothing. */ only?: LabelFilter | null | undefined; /** Go on behind this one. */ after?: { at: Date; id: string } | undefined }

const pageSize = 500;
const mostCentres = 5_000;

/**
 * Reads the entries of a tenant in the order of time and id, a page at a time: it holds no more however many there are.
 * What was charged is negative, as it is on the payer's account.
 */
export async function* readJournal(domain: Domain, query: JournalQuery): AsyncGenerator<JournalRow & { atMs: number }> {
  const centres = new Map<string, CostCentre>();
  const charges = chargesOf(domain, query, centres);
  const movements = movementsOf(domain, query);
  let charge = await charges.next(), movement = await movements.next();
  while (!charge.done || !movement.done) {
    const chargeFirst = !charge.done && (movement.done || charge.value.atMs < movement.value.atMs || (charge.value.atMs === movement.value.atMs && charge.value.id < movement.value.id));
    if (chargeFirst && !charge.done) { yield charge.value; charge = await charges.next(); continue; }
    if (!movement.done) { yield movement.value; movement = await movements.next(); }
  }
}

/** Rows behind a cursor, in the order of a time and the id. */
const behind = (column: 'startedAt' | 'createdAt', query: JournalQuery, after: JournalQuery['after']) => ({
  tenantId: query.tenantId, [column]: { gte: after && after.at > query.from ? after.at : query.from, lt: query.to },
  ...(after ? { OR: [{ [column]: { gt: after.at } }, { [column]: after.at, id: { gt: after.id } }] } : {}),
});

async function* chargesOf(domain: Domain, query: JournalQuery, centres: Map<string, CostCentre>) {
  const { client } = domain.db;
  const { repo, branch, ticket, sessionId } = query.only ?? {};
  const only = { ...(repo ? { repo } : {}), ...(branch ? { branch } : {}), ...(ticket ? { ticket } : {}), ...(sessionId ? { sessionId } : {}) };
  for (let after = query.after; ;) {
    const rows = await client.usageEvent.findMany({ where: { ...behind('startedAt', query, after), ...only }, orderBy: [{ startedAt: 'asc' }, { id: 'asc' }], take: pageSize });
    await load(domain, centres, rows);
    const sessions = await olderSessions(domain, query.tenantId, rows);
    for (const row of rows) yield chargeRow(row, centres.get(row.centreId ?? ''), row.sessionId ?? sessions.get(row.exchangeId) ?? '');
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = { at: last.startedAt, id: last.id };
  }
}

/** Charges from before they knew their session: it is told as long as the request log has it. */
async function olderSessions(domain: Domain, tenantId: string, rows: readonly UsageEvent[]): Promise<Map<string, string | null>> {
  const ids = rows.flatMap((row) => (row.sessionId === null ? [row.exchangeId] : []));
  const found = ids.length === 0 ? [] : await domain.db.client.exchange.findMany({ where: { id: { in: ids }, tenantId, sessionId: { not: null } }, select: { id: true, sessionId: true } });
  return new Map(found.map((row) => [row.id, row.sessionId]));
}

async function load(domain: Domain, centres: Map<string, CostCentre>, rows: readonly UsageEvent[]): Promise<void> {
  const missing = [...new Set(rows.flatMap((row) => (row.centreId === null || centres.has(row.centreId) ? [] : [row.centreId])))];
  if (missing.length === 0) return;
  if (centres.size > mostCentres) centres.clear();
  const wanted = centres.size === 0 ? [...new Set(rows.flatMap((row) => (row.centreId === null ? [] : [row.centreId])))] : missing;
  for (const row of await domain.db.client.costCentre.findMany({ where: { id: { in: wanted } } })) centres.set(row.id, row);
}

async function* movementsOf(domain: Domain, query: JournalQuery) {
  if (filterColumns(query.only ?? {}).length > 0) return;
  for (let after = query.after; ;) {
    const rows = await domain.db.client.ledgerEntry.findMany({ where: behind('createdAt', query, after), orderBy: [{ createdAt: 'asc' }, { id: 'asc' }], take: pageSize });
    for (const row of rows) yield movementRow(row);
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    after = { at: last.createdAt, id: last.id };
  }
}

const empty = { excess: '0.00', currency: 'USD' as const, member: '', key: '', upstream: '', credential: '', campaign: '', pool: '', model: '', tags: '', repo: '', branch: '', ticket: '', session: '', exchange: '', outcome: '', inputTokens: '', outputTokens: '', cacheReadTokens: '', cacheWrite5mTokens: '', cacheWrite1hTokens: '', price: '', estimated: '', unpriced: '', reference: '', note: '', region: '', node: '' };

function chargeRow(row: UsageEvent, centre: CostCentre | undefined, session: string): JournalRow & { atMs: number } {
  return {
    ...empty, atMs: row.startedAt.getTime(), id: row.id, at: row.startedAt.toISOString(), kind: 'CHARGE', payer: centre?.payer ?? (row.poolId === null ? 'TENANT' : 'POOL'), amount: usdText(-row.costNano), excess: usdText(row.excessNano),
    member: centre?.memberId ?? '', key: row.keyId, upstream: row.upstreamId, credential: row.credentialId ?? '', campaign: row.campaignId ?? '', pool: row.poolId ?? '', model: row.modelUsed, tags: (textList(centre?.tags) ?? []).join(' '), repo: row.repo ?? '', branch: row.branch ?? '', ticket: row.ticket ?? '', session, exchange: row.exchangeId, outcome: row.outcome,
    inputTokens: String(row.inputTokens), outputTokens: String(row.outputTokens), cacheReadTokens: String(row.cacheReadTokens), cacheWrite5mTokens: String(row.cacheWrite5mTokens), cacheWrite1hTokens: String(row.cacheWrite1hTokens),
    price: row.priceId ?? '', estimated: row.estimated ? 'yes' : '', unpriced: row.unpriced ? 'yes' : '', region: row.region, node: row.nodeId,
  };
}

function movementRow(row: LedgerEntry): JournalRow & { atMs: number } {
  return { ...empty, atMs: row.createdAt.getTime(), id: row.id, at: row.createdAt.toISOString(), kind: row.kind, payer: 'WALLET', amount: usdText(row.amountNano), member: row.memberId ?? '', exchange: row.chargeId ?? '', reference: row.reference, note: row.note ?? '' };
}
