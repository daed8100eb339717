import type { PortableSql, Tx } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Actor } from '../actor.ts';
import { tenantFilter } from '../actor.ts';
import { writeAudit } from '../command.ts';
import type { Domain } from '../domain.ts';

/** Use of a model that has no price yet. */
export interface UnpricedUse { model: string; attempts: number; since: Date; until: Date; inputTokens: bigint; outputTokens: bigint }

/** The models that were used without a price and are not charged yet, the one that was used most first: of the own tenant, of all for an operator. */
export async function listUnpriced(domain: Domain, actor: Actor): Promise<UnpricedUse[]> {
  const rows = await domain.db.client.usageEvent.groupBy({
    by: ['modelUsed'], where: { AND: [tenantFilter(actor, 'usage:read'), { unpriced: true }] },
    _count: { _all: true }, _min: { startedAt: true }, _max: { startedAt: true }, _sum: { inputTokens: true, cacheReadTokens: true, cacheWrite5mTokens: true, cacheWrite1hTokens: true, outputTokens: true },
  });
  return rows.flatMap((row) => (row._min.startedAt && row._max.startedAt ? [{
    model: row.modelUsed, attempts: row._count._all, since: row._min.startedAt, until: row._max.startedAt,
    inputTokens: (row._sum.inputTokens ?? 0n) + (row._sum.cacheReadTokens ?? 0n) + (row._sum.cacheWrite5mTokens ?? 0n) + (row._sum.cacheWrite1hTokens ?? 0n), outputTokens: row._sum.outputTokens ?? 0n,
  }] : [])).sort((a, b) => b.attempts - a.attempts || (a.model < b.model ? -1 : 1));
}

/** Tells once of each model that is used without a price, in the log and in the audit, until all of its use is priced. */
export async function noteUnpriced(domain: Domain, tx: Tx, portable: PortableSql, events: readonly UsageEvent[], now: Date): Promise<void> {
  const since = new Map<string, UsageEvent>();
  for (const event of events) {
    const known = since.get(event.modelUsed);
    if (event.unpriced && (!known || event.startedAt < known.startedAt)) since.set(event.modelUsed, event);
  }
  // One order in every transaction, so that two writers do not wait for each other.
  for (const [model, event] of [...since].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const inserted = await portable.insertIgnore(tx, 'unpriced_model', ['model', 'since'], [[model, new Date(event.startedAt)]]);
    if (inserted === 0) continue;
    await writeAudit(tx, { kind: 'SYSTEM' }, now, { action: 'model.unpriced', detail: { model, upstream: event.upstreamId, since: new Date(event.startedAt).toISOString() } });
    domain.log.warn('usage.unpriced', { model, upstream: event.upstreamId });
  }
}
