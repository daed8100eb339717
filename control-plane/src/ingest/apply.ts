import type { Tx } from '@fairlead/prisma';
import { json, sql } from '@fairlead/prisma';
import type { PortableSql, SqlValue, UpsertNames } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Domain } from '../domain/domain.ts';
import { noticeSetAside } from '../domain/billing/set-aside.ts';
import { storedTerms } from '../domain/prices/terms.ts';
import { noteUnpriced } from '../domain/prices/unpriced.ts';
import type { Accepted, Poison } from './accept.ts';
import type { Holder } from './holders.ts';
import { centre, postCharges } from './post.ts';
import type { Centred } from './post.ts';

/** Events of one boot of one node, checked. */
export interface Ingest { nodeId: string; bootId: string; ingestId: string; events: UsageEvent[]; poison: Poison[]; holders: ReadonlyMap<string, Holder> }

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
    const boot = await lockBoot(tx, portable, ingest, now);
    // Rows that were pruned long ago are known by their number alone.
    const fresh = sorted.filter((event) => event.seq === 0 || event.seq > boot.ackedSeq);
    const centred = await centre(tx, portable, fresh, ingest.holders);
    const count = await insertEvents(tx, portable, ingest, centred);
    const stored = count === fresh.length ? undefined : await findStored(tx, ingest, fresh);
    const charges = stored ? centred.filter(({ event }) => stored.own.has(event.id)) : centred;
    const reused = stored ? stored.reused : [];
    const aside = [...ingest.poison.filter((one) => one.seq < 0 || one.seq === 0 || one.seq > boot.ackedSeq), ...reused.map((event): Poison => ({ seq: event.seq, reason: 'seq-reused', body: JSON.stringify(event) }))];
    const letters = await portable.insertIgnore(tx, 'usage_dead_letter', ['id', 'node_id', 'boot_id', 'seq', 'reason', 'body', 'created_at'], aside.map((one) => [newId('deadLetter', now.getTime()), ingest.nodeId, ingest.bootId, one.seq, one.reason, one.body, now]));
    if (letters > 0) await noticeSetAside(tx, ingest, letters, aside.map((one) => one.reason), now);
    const events = charges.map(({ event }) => event);
    await addToExchanges(tx, portable, ingest.nodeId, events);
    await touchKeys(tx, portable, events, now.getTime());
    await postCharges(tx, portable, charges, now);
    await noteUnpriced(domain, tx, portable, events, now);
    const ackedSeq = await moveWatermark(tx, portable, ingest, boot, new Set([...fresh, ...aside].map((one) => one.seq)));
    return { ackedSeq, rejected: [...ingest.poison, ...aside.filter((one) => one.reason === 'seq-reused')].map((one) => ({ seq: one.seq, code: one.reason })) };
  }, { timeoutMs: 20_000, isolation: 'ReadCommitted' });
}

/** How far a boot's events are in, and the highest number that was ever seen of it. */
interface Boot { ackedSeq: number; maxSeq: number }

/** Makes and locks the boot's row: its batches are applied one after another, also across processes. */
async function lockBoot(tx: Tx, portable: PortableSql, at: Ingest, now: Date): Promise<Boot> {
  const lock = () => portable.executeRaw(tx, 'UPDATE node_boot SET seen_at = ? WHERE node_id = ? AND boot_id = ?', [now, at.nodeId, at.bootId]);
  if ((await lock()) === 0) {
    await portable.insertIgnore(tx, 'node_boot', ['node_id', 'boot_id', 'acked_seq', 'max_seq', 'seen_at'], [[at.nodeId, at.bootId, 0, 0, now]]);
    await lock();
  }
  const [row] = await portable.queryRaw(tx, 'SELECT acked_seq, max_seq FROM node_boot WHERE node_id = ? AND boot_id = ?', [at.nodeId, at.bootId]);
  if (!row) throw new Error('the row of a boot that was just locked is not there');
  return { ackedSeq: Number(row.acked_seq), maxSeq: Number(row.max_seq) };
}

const columns = [
  'id', 'exchange_id', 'attempt', 'node_id', 'boot_id', 'seq', 'ingest_id', 'tenant_id', 'key_id', 'campaign_id', 'pool_id', 'upstream_id', 'credential_id', 'model_asked', 'model_used',
  'region', 'started_at', 'ended_at', 'outcome', 'http_status', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write5m_tokens', 'cache_write1h_tokens', 'reasoning_tokens',
  'price_id', 'terms', 'cost_nano', 'reserved_nano', 'excess_nano', 'estimated', 'unpriced', 'lease_id', 'revision', 'centre_id', 'repo', 'branch', 'ticket', 'session_id',
] as const;

function termsColumn(event: UsageEvent): SqlValue {
  const terms = storedTerms(event);
  return terms ? json(terms) : null;
}

/** Inserts those that the ledger does not have; returns how many. */
function insertEvents(tx: Tx, portable: PortableSql, at: Ingest, charges: readonly Centred[]): Promise<number> {
  return portable.insertIgnore(tx, 'usage_event', columns, charges.map(({ event, centre: { id: centreId }, labels }) => [
    event.id, event.exchangeId, event.attempt, at.nodeId, at.bootId, event.seq, at.ingestId, event.tenantId, event.keyId, event.campaignId ?? null, event.poolId ?? null, event.upstreamId,
    event.credentialId ?? null, event.modelAsked, event.modelUsed, event.region, new Date(event.startedAt), new Date(event.endedAt), event.outcome, event.httpStatus ?? null,
    event.input, event.output, event.cacheRead, event.cacheWrite5m, event.cacheWrite1h, event.reasoning, event.priceId ?? null, termsColumn(event),
    BigInt(event.costNano), BigInt(event.reservedNano), BigInt(event.excessNano), event.estimated, event.unpriced, event.leaseId ?? null, event.revision, centreId,
    labels.repo || null, labels.branch || null, labels.ticket || null, labels.sessionId || null,
  ]));
}

/** Of events some of which the ledger had: the ids of those that this transaction inserted, and those that are not the ones stored under their number. A clone or a bug made the latter. */
async function findStored(tx: Tx, at: Ingest, events: readonly UsageEvent[]): Promise<{ own: Set<string>; reused: UsageEvent[] }> {
  const own = new Set<string>();
  const reused: UsageEvent[] = [];
  for (let from = 0; from < events.length; from += 500) {
    const part = events.slice(from, from + 500);
    const rows = await tx.usageEvent.findMany({ where: { nodeId: at.nodeId, bootId: at.bootId, seq: { in: part.map((event) => event.seq) } }, select: { id: true, seq: true, ingestId: true } });
    for (const row of rows) if (row.ingestId === at.ingestId) own.add(row.id);
    const idOf = new Map(rows.map((row) => [row.seq, row.id]));
    reused.push(...part.filter((event) => idOf.get(event.seq) !== event.id));
  }
  return { own, reused };
}

// Where no trace came (yet), the attempt that ended last tells how the exchange ended.
const unlessTold = (column: string) => [column, (at: UpsertNames) =>
  `CASE WHEN ${at.stored('dialect')} IS NULL AND (${at.stored('ended_at')} IS NULL OR ${at.stored('ended_at')} <= ${at.coming('ended_at')}) THEN ${at.coming(column)} ELSE ${at.stored(column)} END`] as const;
const added = (column: string) => [column, (at: UpsertNames) => `${at.stored(column)} + ${at.coming(column)}`] as const;
const onceTrue = (column: string) => [column, (at: UpsertNames) => `CASE WHEN ${at.coming(column)} THEN ${at.coming(column)} ELSE ${at.stored(column)} END`] as const;

/** Adds the attempts of each exchange to it; one that is not there yet is made. */
async function addToExchanges(tx: Tx, portable: PortableSql, nodeId: string, events: readonly UsageEvent[]): Promise<void> {
  const attemptsOf = new Map<string, UsageEvent[]>();
  for (const event of events) {
    const known = attemptsOf.get(event.exchangeId);
    if (known) known.push(event);
    else attemptsOf.set(event.exchangeId, [event]);
  }
  await portable.upsert(tx, {
    table: 'exchange', keys: ['id'],
    columns: [
      'id', 'tenant_id', 'key_id', 'node_id', 'started_at', 'stream', 'attempts', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'estimated', 'unpriced',
      'model', 'upstream_id', 'upstream_model', 'outcome', 'status', 'ended_at',
    ],
    rows: [...attemptsOf].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, attempts]) => exchangeRow(nodeId, attempts)),
    set: [
      ...['attempts', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano'].map(added),
      ['started_at', (at) => `CASE WHEN ${at.stored('started_at')} > ${at.coming('started_at')} THEN ${at.coming('started_at')} ELSE ${at.stored('started_at')} END`],
      ...['estimated', 'unpriced'].map(onceTrue),
      // ended_at, which the others look at, comes last.
      ...['model', 'upstream_id', 'upstream_model', 'outcome', 'status', 'ended_at'].map(unlessTold),
    ],
    // An exchange of another tenant or node is not theirs to add to.
    where: (at) => `${at.stored('tenant_id')} = ${at.coming('tenant_id')} AND ${at.stored('node_id')} = ${at.coming('node_id')}`,
  });
}

/** One exchange as its attempts tell it; the last of several says who answered. */
function exchangeRow(nodeId: string, attempts: readonly UsageEvent[]): SqlValue[] {
  const last = attempts.reduce((latest, event) => (latest.attempt <= event.attempt ? event : latest));
  let startedAt = Infinity, count = 0, input = 0, output = 0, cacheRead = 0, cacheWrite = 0, cost = 0n, estimated = false, unpriced = false;
  for (const event of attempts) {
    if (event.tenantId !== last.tenantId) continue;
    count += 1;
    if (event.startedAt < startedAt) startedAt = event.startedAt;
    input += event.input;
    output += event.output;
    cacheRead += event.cacheRead;
    cacheWrite += event.cacheWrite5m + event.cacheWrite1h;
    cost += BigInt(event.costNano);
    estimated ||= event.estimated;
    unpriced ||= event.unpriced;
  }
  return [
    last.exchangeId, last.tenantId, last.keyId, nodeId, new Date(startedAt), false, count, input, output, cacheRead, cacheWrite, cost,
    estimated, unpriced, last.modelAsked, last.upstreamId, last.modelUsed, last.outcome, last.httpStatus ?? null, new Date(last.endedAt),
  ];
}

const keysAtOnce = 300;

async function touchKeys(tx: Tx, portable: PortableSql, events: readonly UsageEvent[], now: number): Promise<void> {
  const latest = new Map<string, number>();
  // A node's clock that is years ahead must not make a key look used for years to come.
  for (const event of events) latest.set(event.keyId, Math.max(latest.get(event.keyId) ?? 0, Math.min(event.endedAt, now)));
  const used = [...latest].sort(([a], [b]) => (a < b ? -1 : 1));
  for (let from = 0; from < used.length; from += keysAtOnce) {
    const some = used.slice(from, from + keysAtOnce);
    await portable.executeRaw(
      tx, `UPDATE key_ SET last_used_at = CASE ${some.map(() => 'WHEN id = ? AND (last_used_at IS NULL OR last_used_at < ?) THEN ?').join(' ')} ELSE last_used_at END WHERE id IN (${some.map(() => '?').join(', ')})`,
      [...some.flatMap(([keyId, at]) => [keyId, new Date(at), new Date(at)]), ...some.map(([keyId]) => keyId)],
    );
  }
}

/** Moves the boot's watermark over everything that is in without a gap, set-aside events included. `known` are the numbers of this batch, which are all in. */
async function moveWatermark(tx: Tx, portable: PortableSql, at: Ingest, from: Boot, known: ReadonlySet<number>): Promise<number> {
  let { ackedSeq } = from;
  while (known.has(ackedSeq + 1)) ackedSeq++;
  // What came before its turn may go on from here. A part at a time: behind a gap that stays there may be very much.
  for (let more = from.maxSeq > ackedSeq; more;) {
    const part = { where: { nodeId: at.nodeId, bootId: at.bootId, seq: { gt: ackedSeq } }, orderBy: { seq: 'asc' }, take: 1000, select: { seq: true } } as const;
    const seqs = new Set([...(await tx.usageEvent.findMany(part)), ...(await tx.usageDeadLetter.findMany(part))].map((row) => row.seq));
    const before = ackedSeq;
    while (seqs.has(ackedSeq + 1)) ackedSeq++;
    more = ackedSeq > before && seqs.size >= 1000;
  }
  const maxSeq = Math.max(from.maxSeq, ackedSeq, ...at.events.map((event) => event.seq), ...at.poison.map((one) => one.seq));
  await portable.executeRaw(tx, 'UPDATE node_boot SET acked_seq = ?, max_seq = ? WHERE node_id = ? AND boot_id = ?', [ackedSeq, maxSeq, at.nodeId, at.bootId]);
  return ackedSeq;
}
