import type { Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import type { PortableSql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Domain } from '../domain/domain.ts';
import { hourOf } from '../domain/usage/report.ts';
import type { Accepted, Poison } from './accept.ts';

/** Events of one boot of one node, checked. */
export interface Ingest { nodeId: string; bootId: string; ingestId: string; events: UsageEvent[]; poison: Poison[] }

/**
 * Applies events exactly once, in one transaction: the ledger takes those it does not have, and sums grow only by what
 * this transaction inserted. Repeats, other orders and several writers at once give the same ledger.
 */
export async function applyUsage(domain: Domain, ingest: Ingest): Promise<Accepted> {
  const portable = sql(domain.db.provider);
  // One order of rows in every transaction, so that writers do not wait for each other in a circle.
  const sorted = [...ingest.events].sort((a, b) => a.seq - b.seq);
  return domain.db.transaction(async (tx) => {
    const now = new Date(domain.clock.now());
    const watermark = await lockBoot(tx, portable, ingest, now);
    // Rows that were pruned long ago are known by their number alone.
    const fresh = sorted.filter((event) => event.seq === 0 || event.seq > watermark);
    await insertEvents(tx, portable, ingest, fresh);
    const inserted = new Set((await tx.usageEvent.findMany({ where: { ingestId: ingest.ingestId }, select: { id: true } })).map((row) => row.id));
    const mine = fresh.filter((event) => inserted.has(event.id));
    const reused = await findReused(tx, ingest, fresh.filter((event) => !inserted.has(event.id)));
    const aside = [...ingest.poison.filter((one) => one.seq < 0 || one.seq === 0 || one.seq > watermark), ...reused.map((event): Poison => ({ seq: event.seq, reason: 'seq-reused', body: JSON.stringify(event) }))];
    await portable.insertIgnore(tx, 'usage_dead_letter', ['id', 'node_id', 'boot_id', 'seq', 'reason', 'body', 'created_at'], aside.map((one) => [newId('deadLetter', now.getTime()), ingest.nodeId, ingest.bootId, one.seq, one.reason, one.body, now]));
    await rollUp(tx, portable, ingest.nodeId, mine, now.getTime());
    const ackedSeq = await moveWatermark(tx, ingest, watermark, now);
    return { ackedSeq, rejected: [...ingest.poison, ...aside.filter((one) => one.reason === 'seq-reused')].map((one) => ({ seq: one.seq, code: one.reason })) };
  }, { timeoutMs: 20_000, isolation: 'ReadCommitted' });
}

/** Makes and locks the boot's row: its batches are applied one after another, also across processes. */
async function lockBoot(tx: Tx, portable: PortableSql, at: Ingest, now: Date): Promise<number> {
  await portable.insertIgnore(tx, 'node_boot', ['node_id', 'boot_id', 'acked_seq', 'max_seq', 'seen_at'], [[at.nodeId, at.bootId, 0, 0, now]]);
  await portable.executeRaw(tx, 'UPDATE node_boot SET seen_at = ? WHERE node_id = ? AND boot_id = ?', [now, at.nodeId, at.bootId]);
  return (await tx.nodeBoot.findUniqueOrThrow({ where: { nodeId_bootId: { nodeId: at.nodeId, bootId: at.bootId } } })).ackedSeq;
}

const columns = [
  'id', 'exchange_id', 'attempt', 'node_id', 'boot_id', 'seq', 'ingest_id', 'tenant_id', 'key_id', 'campaign_id', 'pool_id', 'upstream_id', 'credential_id', 'model_asked', 'model_used',
  'region', 'started_at', 'ended_at', 'outcome', 'http_status', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write5m_tokens', 'cache_write1h_tokens', 'reasoning_tokens',
  'price_id', 'cost_nano', 'reserved_nano', 'excess_nano', 'estimated', 'unpriced', 'lease_id', 'revision',
] as const;

async function insertEvents(tx: Tx, portable: PortableSql, at: Ingest, events: readonly UsageEvent[]): Promise<void> {
  await portable.insertIgnore(tx, 'usage_event', columns, events.map((event) => [
    event.id, event.exchangeId, event.attempt, at.nodeId, at.bootId, event.seq, at.ingestId, event.tenantId, event.keyId, event.campaignId ?? null, event.poolId ?? null, event.upstreamId,
    event.credentialId ?? null, event.modelAsked, event.modelUsed, event.region, new Date(event.startedAt), new Date(event.endedAt), event.outcome, event.httpStatus ?? null,
    BigInt(event.input), BigInt(event.output), BigInt(event.cacheRead), BigInt(event.cacheWrite5m), BigInt(event.cacheWrite1h), BigInt(event.reasoning), event.priceId ?? null,
    BigInt(event.costNano), BigInt(event.reservedNano), BigInt(event.excessNano), event.estimated, event.unpriced, event.leaseId ?? null, event.revision,
  ]));
}

/** Of events that were not inserted: those that are not the ones stored under their number. A clone or a bug made them. */
async function findReused(tx: Tx, at: Ingest, events: readonly UsageEvent[]): Promise<UsageEvent[]> {
  const reused: UsageEvent[] = [];
  for (let from = 0; from < events.length; from += 500) {
    const part = events.slice(from, from + 500);
    const stored = await tx.usageEvent.findMany({ where: { nodeId: at.nodeId, bootId: at.bootId, seq: { in: part.map((event) => event.seq) } }, select: { id: true, seq: true } });
    const idOf = new Map(stored.map((row) => [row.seq, row.id]));
    reused.push(...part.filter((event) => idOf.get(event.seq) !== event.id));
  }
  return reused;
}

/** Adds what was inserted to the hours and the exchanges. */
async function rollUp(tx: Tx, portable: PortableSql, nodeId: string, events: readonly UsageEvent[], now: number): Promise<void> {
  if (events.length === 0) return;
  await portable.upsertAdd(tx, {
    table: 'usage_hour', keys: ['tenant_id', 'key_id', 'upstream_id', 'model', 'hour'],
    add: ['requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'excess_nano'],
    from: events.map((event) => [event.tenantId, event.keyId, event.upstreamId, event.modelUsed, hourOf(new Date(event.startedAt)), 1, ...tokensOf(event), BigInt(event.costNano), BigInt(event.excessNano)]),
  });
  // Several attempts of one exchange may come at once: the last one says who answered.
  const last = new Map<string, UsageEvent>();
  for (const event of events) if ((last.get(event.exchangeId)?.attempt ?? -1) <= event.attempt) last.set(event.exchangeId, event);
  const exchanges = [...last.values()].sort((a, b) => (a.exchangeId < b.exchangeId ? -1 : 1));
  await portable.insertIgnore(
    tx, 'exchange', ['id', 'tenant_id', 'key_id', 'node_id', 'started_at', 'stream', 'attempts', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'estimated', 'unpriced'],
    exchanges.map((event) => [event.exchangeId, event.tenantId, event.keyId, nodeId, new Date(event.startedAt), false, 0, 0n, 0n, 0n, 0n, 0n, false, false]),
  );
  for (const event of exchanges) await addToExchange(tx, portable, nodeId, event, events.filter((one) => one.exchangeId === event.exchangeId && one.tenantId === event.tenantId));
  await touchKeys(tx, portable, events, now);
}

// Where no trace came (yet), the attempt that ended last tells how the exchange ended.
const untold = 'CASE WHEN dialect IS NULL AND (ended_at IS NULL OR ended_at <= ?) THEN ? ELSE';

async function addToExchange(tx: Tx, portable: PortableSql, nodeId: string, last: UsageEvent, own: readonly UsageEvent[]): Promise<void> {
  const sum = (pick: (event: UsageEvent) => bigint) => own.reduce((total, event) => total + pick(event), 0n);
  const first = new Date(Math.min(...own.map((event) => event.startedAt)));
  const ended = new Date(last.endedAt);
  const flags = [...(own.some((event) => event.estimated) ? ['estimated'] : []), ...(own.some((event) => event.unpriced) ? ['unpriced'] : [])];
  await portable.executeRaw(
    tx,
    // MySQL assigns from left to right, so ended_at, which the others look at, comes last.
    `UPDATE exchange SET attempts = attempts + ?, input_tokens = input_tokens + ?, output_tokens = output_tokens + ?, cache_read_tokens = cache_read_tokens + ?, cache_write_tokens = cache_write_tokens + ?,
      cost_nano = cost_nano + ?, started_at = CASE WHEN started_at > ? THEN ? ELSE started_at END, ${flags.map((name) => `${name} = ?, `).join('')}
      model = ${untold} model END, upstream_id = ${untold} upstream_id END, upstream_model = ${untold} upstream_model END, outcome = ${untold} outcome END, status = ${untold} status END, ended_at = ${untold} ended_at END
      WHERE id = ? AND tenant_id = ? AND node_id = ?`,
    [own.length, sum((event) => BigInt(event.input)), sum((event) => BigInt(event.output)), sum((event) => BigInt(event.cacheRead)), sum((event) => BigInt(event.cacheWrite5m) + BigInt(event.cacheWrite1h)),
      sum((event) => BigInt(event.costNano)), first, first, ...flags.map(() => true), ended, last.modelAsked, ended, last.upstreamId, ended, last.modelUsed, ended, last.outcome, ended, last.httpStatus ?? null, ended, ended, last.exchangeId, last.tenantId, nodeId],
  );
}

async function touchKeys(tx: Tx, portable: PortableSql, events: readonly UsageEvent[], now: number): Promise<void> {
  const latest = new Map<string, number>();
  // A node's clock that is years ahead must not make a key look used for years to come.
  for (const event of events) latest.set(event.keyId, Math.max(latest.get(event.keyId) ?? 0, Math.min(event.endedAt, now)));
  for (const [keyId, at] of [...latest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await portable.executeRaw(tx, 'UPDATE key_ SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)', [new Date(at), keyId, new Date(at)]);
  }
}

/** Moves the boot's watermark over everything that is in without a gap, set-aside events included. */
async function moveWatermark(tx: Tx, at: Ingest, from: number, now: Date): Promise<number> {
  const boot = { nodeId: at.nodeId, bootId: at.bootId };
  let ackedSeq = from;
  // A part at a time: behind a gap that stays there may be very much.
  for (let more = true; more;) {
    const part = { where: { ...boot, seq: { gt: ackedSeq } }, orderBy: { seq: 'asc' }, take: 1000, select: { seq: true } } as const;
    const seqs = new Set([...(await tx.usageEvent.findMany(part)), ...(await tx.usageDeadLetter.findMany(part))].map((row) => row.seq));
    const before = ackedSeq;
    while (seqs.has(ackedSeq + 1)) ackedSeq++;
    more = ackedSeq > before && seqs.size >= 1000;
  }
  const row = await tx.nodeBoot.findUniqueOrThrow({ where: { nodeId_bootId: boot } });
  const maxSeq = Math.max(row.maxSeq, ackedSeq, ...at.events.map((event) => event.seq), ...at.poison.map((one) => one.seq));
  await tx.nodeBoot.update({ where: { nodeId_bootId: boot }, data: { ackedSeq, maxSeq, seenAt: now } });
  return ackedSeq;
}

function tokensOf(event: UsageEvent): bigint[] {
  return [BigInt(event.input), BigInt(event.output), BigInt(event.cacheRead), BigInt(event.cacheWrite5m) + BigInt(event.cacheWrite1h)];
}
