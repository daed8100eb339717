import type { Tx, UsageEvent } from '@fairlead/prisma';
import { json, sql } from '@fairlead/prisma';
import { exactOf, partsOf, roundedOf } from '@fairlead/shared/money/charge.ts';
import { compilePrices } from '@fairlead/shared/snapshot/price-book.ts';
import type { PriceBook } from '@fairlead/shared/snapshot/price-book.ts';
import { postLater } from '../billing/post-later.ts';
import type { Domain } from '../domain.ts';
import { addPart, countsSince, isRolling } from '../quotas/rolling.ts';
import { subjectsOf } from '../quotas/subjects.ts';
import { noteThresholds } from '../quotas/thresholds.ts';
import { snapshotPriceOf } from './stored.ts';
import { readTerms, readingOf, storedTerms } from './terms.ts';

const atOnce = 200;

/**
 * Charges what was used before its model had a price, by the price that counts at the time of its use. Each event once,
 * whoever else does the same: ledger, hours, exchanges and budgets grow together in one transaction, by what it took
 * over itself. Returns how many there were.
 */
export async function priceUnpriced(domain: Domain, only?: string): Promise<number> {
  const { client } = domain.db;
  const models = only === undefined ? (await client.usageEvent.groupBy({ by: ['modelUsed'], where: { unpriced: true } })).map((row) => row.modelUsed) : [only];
  if (models.length === 0) return 0;
  const rows = await client.price.findMany();
  // Here every price says from when it counts.
  const prices = compilePrices(rows.flatMap((row) => snapshotPriceOf(row, -Infinity) ?? []));
  let priced = 0;
  for (const model of models.sort()) {
    for (let after = ''; ;) {
      const events = await client.usageEvent.findMany({ where: { unpriced: true, modelUsed: model, id: { gt: after } }, orderBy: { id: 'asc' }, take: atOnce });
      const charged = events.flatMap((event) => chargedBy(prices, event) ?? []);
      if (charged.length > 0) priced += await domain.db.transaction((tx) => take(domain, tx, charged), { timeoutMs: 20_000, isolation: 'ReadCommitted' });
      const last = events.at(-1);
      if (!last || events.length < atOnce) break;
      after = last.id;
    }
    await sql(domain.db.provider).executeRaw(client, 'DELETE FROM unpriced_model WHERE model = ? AND NOT EXISTS (SELECT 1 FROM usage_event WHERE unpriced = ? AND model_used = ?)', [model, true, model]);
  }
  return priced;
}

interface Charged { event: UsageEvent; priceId: string; costNano: bigint; excessNano: bigint; terms: Record<string, unknown> | undefined }

// What no column holds is an upstream's mistake; nodes have the same bound.
const chargeMostNano = 10n ** 18n - 1n;

function chargedBy(prices: PriceBook, event: UsageEvent): Charged | undefined {
  const price = prices.priceOf(event.modelUsed, event.upstreamId, event.startedAt.getTime());
  if (!price) return undefined;
  const terms = readTerms(event.terms);
  const made = partsOf(readingOf(event, terms), price, terms.serviceAsked);
  const exact = roundedOf(exactOf(made.parts), terms.times);
  const chargeNano = exact > chargeMostNano ? chargeMostNano : exact;
  // As on a node: against a lease never more than was reserved, the rest is excess.
  const costNano = event.leaseId !== null && chargeNano > event.reservedNano ? event.reservedNano : chargeNano;
  return { event, priceId: price.id, costNano, excessNano: chargeNano - costNano, terms: storedTerms({ ...terms, fromTokens: made.fromTokens === 0 ? undefined : made.fromTokens }) };
}

/** Books those that nobody has booked meanwhile; returns how many. */
async function take(domain: Domain, tx: Tx, charged: readonly Charged[]): Promise<number> {
  const portable = sql(domain.db.provider);
  const mine: Charged[] = [];
  for (const one of charged) {
    const taken = await portable.executeRaw(
      tx, 'UPDATE usage_event SET unpriced = ?, price_id = ?, cost_nano = ?, excess_nano = ?, terms = ? WHERE id = ? AND unpriced = ?',
      [false, one.priceId, one.costNano, one.excessNano, one.terms ? json(one.terms) : null, one.event.id, true],
    );
    if (taken === 1) mine.push(one);
  }
  if (mine.length === 0) return 0;
  await postLater(tx, portable, mine.map(({ event, costNano, excessNano }) => ({ eventId: event.id, startedAt: event.startedAt, estimated: event.estimated, costNano, excessNano })));
  const sums = new Map<string, bigint>();
  for (const { event, costNano } of mine) sums.set(event.exchangeId, (sums.get(event.exchangeId) ?? 0n) + costNano);
  for (const [exchangeId, costNano] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await portable.executeRaw(
      tx, 'UPDATE exchange SET cost_nano = cost_nano + ?, unpriced = CASE WHEN EXISTS (SELECT 1 FROM usage_event WHERE usage_event.exchange_id = exchange.id AND usage_event.unpriced = ?) THEN unpriced ELSE ? END WHERE id = ?',
      [costNano, true, false, exchangeId],
    );
  }
  await chargeBudgets(domain, tx, mine);
  return mine.length;
}

/** Charges the budgets that bound the keys at the time: as spent up to the limit, the rest as excess. A budget that was set later is not charged for what was before it. */
async function chargeBudgets(domain: Domain, tx: Tx, mine: readonly Charged[]): Promise<void> {
  const portable = sql(domain.db.provider);
  const charges = new Map<string, { wishNano: bigint; excessNano: bigint }>();
  const rolls = new Set<string>();
  for (const { event, costNano, excessNano } of mine) {
    for (const { budgetId, rolling } of await budgetsOf(tx, event)) {
      // A window that has rolled on has forgotten it.
      if (rolling && event.startedAt <= countsSince(domain.clock.now())) continue;
      if (rolling) rolls.add(budgetId);
      const sum = charges.get(budgetId) ?? { wishNano: 0n, excessNano: 0n };
      // What a lease had to cover was never part of it: its slice is settled without.
      charges.set(budgetId, event.leaseId === null ? { wishNano: sum.wishNano + costNano, excessNano: sum.excessNano + excessNano } : { wishNano: sum.wishNano, excessNano: sum.excessNano + costNano + excessNano });
    }
  }
  for (const [id, { wishNano, excessNano }] of [...charges].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Holds the row, so that what is left of it is still left when it is taken.
    await portable.executeRaw(tx, 'UPDATE budget SET spent_nano = spent_nano WHERE id = ?', [id]);
    const [row] = await portable.queryRaw(tx, 'SELECT limit_nano, spent_nano, escrow_nano FROM budget WHERE id = ?', [id]);
    if (!row) continue;
    const room = BigInt(String(row.limit_nano)) - BigInt(String(row.spent_nano)) - BigInt(String(row.escrow_nano));
    const spent = room <= 0n ? 0n : wishNano < room ? wishNano : room;
    await portable.executeRaw(tx, 'UPDATE budget SET spent_nano = spent_nano + ?, excess_nano = excess_nano + ? WHERE id = ?', [spent, wishNano - spent + excessNano, id]);
    if (rolls.has(id)) await addPart(domain, tx, id, spent);
    if (spent > 0n) await noteThresholds(domain, tx, id);
  }
}

async function budgetsOf(tx: Tx, event: UsageEvent): Promise<{ budgetId: string; rolling: boolean }[]> {
  const quota = { select: { window: true } } as const;
  if (event.leaseId !== null) return (await tx.leaseBudget.findMany({ where: { leaseId: event.leaseId }, select: { budgetId: true, budget: { select: { quota } } } })).map((row) => ({ budgetId: row.budgetId, rolling: isRolling(row.budget.quota) }));
  const key = await tx.key.findUnique({ where: { id: event.keyId }, select: { memberId: true } });
  const subjects = subjectsOf({ id: event.keyId, tenantId: event.tenantId, memberId: key?.memberId ?? null, campaignId: event.campaignId, poolId: event.poolId, funding: event.poolId === null ? 'TENANT_BUDGET' : 'POOL' });
  const at = event.startedAt;
  const budgets = await tx.budget.findMany({ where: { quota: { unit: 'USD', createdAt: { lte: at }, OR: subjects }, startsAt: { lte: at }, OR: [{ endsAt: null }, { endsAt: { gt: at } }] }, select: { id: true, quota } });
  return budgets.map((row) => ({ budgetId: row.id, rolling: isRolling(row.quota) }));
}
