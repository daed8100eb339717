import { json } from '@fairlead/prisma';
import type { SqlValue, UpsertNames } from '@fairlead/prisma';
import { isId } from '@fairlead/shared/id.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { labelNames, labelsInTags } from '@fairlead/shared/usage/labels.ts';
import type { ExchangeTrace } from '@fairlead/shared/usage/trace.ts';
import type { Actor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { beginning, storable } from '../domain/json.ts';
import type { Result } from '../domain/problem.ts';
import { readAskFacts } from '../domain/usage/ask-facts.ts';
import { decisionOf } from '../domain/usage/decision.ts';
import { isInstant, openFromNode } from './accept.ts';
import { holdersOf } from './holders.ts';
import type { Holder } from './holders.ts';

const mostTraces = 2000;

/** Stores decision chains with their exchanges. Money is never touched: that is the ledger's. */
export async function reportTraces(domain: Domain, actor: Actor, sealed: string): Promise<Result<number>> {
  const node = requireNode(actor);
  const bytes = await openFromNode(node, 'fairlead/traces/1', sealed);
  const batch = bytes && readTraceBatch(bytes);
  if (!batch || batch.nodeId !== node.id) return { ok: false, problems: [{ code: 'INVALID', message: 'This is not a batch of traces signed by this node.', path: ['batch'] }] };
  const traces = batch.traces.slice(0, mostTraces).map(storable).filter(isTrace);
  const holders = await holdersOf(domain, traces);
  // Of several about one exchange the last is the whole story.
  const told = new Map(traces.filter((trace) => holders.get(trace.keyId)?.payers.has(trace.tenantId)).map((trace) => [trace.exchangeId, trace]));
  let accepted = 0;
  // Between two statements others have their turn: a lease that is asked for does not wait for all of them.
  for (const some of parts([...told.values()].sort((a, b) => (a.exchangeId < b.exchangeId ? -1 : 1)))) {
    for (const trace of await store(domain, node.id, some, holders)) {
      accepted++;
      domain.exchanges.sendSoon(trace.exchangeId, { id: trace.exchangeId, tenantId: trace.tenantId });
    }
  }
  // Drops and refusals have no rows of their own: they are told to whoever reads the log.
  if (batch.dropped > 0 || batch.refusals > 0) domain.log.warn('traces.incomplete', { node: node.id, dropped: batch.dropped, refused: batch.refusals });
  return { ok: true, value: accepted, warnings: [] };
}

const atOnce = 100;

function* parts(traces: readonly ExchangeTrace[]): Generator<readonly ExchangeTrace[]> {
  for (let at = 0; at < traces.length; at += atOnce) yield traces.slice(at, at + atOnce);
}

const always = ['started_at', 'ended_at', 'dialect', 'model', 'stream', 'status', 'outcome', 'fault_code', 'ttft_ms', 'duration_ms', 'client', 'session_id', 'repo', 'branch', 'ticket', 'decision'] as const;
const whenKnown = ['ask', 'upstream_id', 'upstream_model'] as const;

/** Stores what is told of these exchanges, all different, in one statement; returns those that this node may tell of. */
async function store(domain: Domain, nodeId: string, traces: readonly ExchangeTrace[], holders: ReadonlyMap<string, Holder>): Promise<ExchangeTrace[]> {
  const { sql: portable, client } = domain.db;
  await domain.db.retryConflict(() => portable.upsert(client, {
    table: 'exchange', keys: ['id'],
    columns: ['id', 'tenant_id', 'key_id', 'node_id', 'attempts', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'estimated', 'unpriced', ...always, ...whenKnown],
    rows: traces.map((trace) => [trace.exchangeId, trace.tenantId, trace.keyId, nodeId, 0, 0n, 0n, 0n, 0n, 0n, false, false, ...toldBy(trace, holders.get(trace.keyId))]),
    set: [
      ...always.map((column) => [column, (at: UpsertNames) => at.coming(column)] as const),
      ...whenKnown.map((column) => [column, (at: UpsertNames) => `COALESCE(${at.coming(column)}, ${at.stored(column)})`] as const),
    ],
    // Only the node that served an exchange may tell of it.
    where: (at) => `${at.stored('node_id')} = ${at.coming('node_id')} AND ${at.stored('tenant_id')} = ${at.coming('tenant_id')}`,
  }));
  const rows = await portable.queryRaw(client, `SELECT id, tenant_id FROM exchange WHERE node_id = ? AND id IN (${traces.map(() => '?').join(', ')})`, [nodeId, ...traces.map((trace) => trace.exchangeId)]);
  const tenantOf = new Map(rows.map((row) => [row.id, row.tenant_id]));
  return traces.filter((trace) => tenantOf.get(trace.exchangeId) === trace.tenantId);
}

/** The values of `always` and `whenKnown`. */
function toldBy(trace: ExchangeTrace, holder: Holder | undefined): SqlValue[] {
  // As for its charges: a key that moved meanwhile says nothing of what is another tenant's.
  const labels = holder?.tenantId === trace.tenantId ? labelsInTags(holder.tags) : {};
  const answered = trace.attempts.findLast(({ outcome }) => outcome !== 'hedge-lost' && outcome !== 'held-back' && outcome !== 'over-quota') ?? trace.attempts.at(-1);
  const ask = readAskFacts(trace.ask);
  const whole = (ms: number) => Math.min(Math.max(Math.round(ms), 0), 2_147_483_647);
  const short = (text: string | undefined, most = 190) => (text === undefined ? null : beginning(text, most));
  return [
    new Date(trace.startedAt), new Date(trace.endedAt), short(trace.dialect), short(trace.model), trace.stream, trace.status, trace.outcome, short(trace.faultCode), trace.ttftMs === undefined ? null : whole(trace.ttftMs),
    whole(trace.endedAt - trace.startedAt), short(trace.client, 60), short(trace.sessionId), ...labelNames.map((name) => short(trace[name] ?? labels[name])), json(decisionOf(trace)),
    ask ? json(storedAsk(ask)) : null, short(answered?.upstreamId, 64), short(answered?.model),
  ];
}

function storedAsk({ explicit, headers, body, ...facts }: AskFacts) {
  return { ...facts, ...(explicit ? { explicit: { ...explicit } } : {}), ...(headers ? { headers } : {}), ...(body ? { body } : {}) };
}

function readTraceBatch(bytes: Uint8Array): { nodeId: string; traces: unknown[]; dropped: number; refusals: number } | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value !== 'object' || value === null || !('nodeId' in value) || !('traces' in value)) return undefined;
    if (typeof value.nodeId !== 'string' || !Array.isArray(value.traces)) return undefined;
    const dropped = 'dropped' in value && typeof value.dropped === 'number' ? value.dropped : 0;
    const rows: unknown[] = 'refusals' in value && Array.isArray(value.refusals) ? value.refusals : [];
    const refusals = rows.reduce((sum: number, row) => sum + (typeof row === 'object' && row !== null && 'count' in row && typeof row.count === 'number' ? row.count : 0), 0);
    return { nodeId: value.nodeId, traces: value.traces, dropped, refusals };
  } catch {
    return undefined;
  }
}

const outcomes = ['OK', 'FAILED', 'ABORTED', 'REFUSED'];

function isTrace(value: unknown): value is ExchangeTrace {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Record<string, unknown> = { ...value };
  const time = (at: unknown) => typeof at === 'number' && isInstant(at);
  const optional = (name: string, type: string) => fields[name] === undefined || typeof fields[name] === type;
  return typeof fields.exchangeId === 'string' && isId('exchange', fields.exchangeId) && typeof fields.keyId === 'string' && typeof fields.tenantId === 'string'
    && time(fields.startedAt) && time(fields.endedAt) && Number(fields.endedAt) >= Number(fields.startedAt)
    && typeof fields.dialect === 'string' && typeof fields.model === 'string' && typeof fields.stream === 'boolean' && typeof fields.status === 'number' && Number.isInteger(fields.status) && fields.status >= 0 && fields.status < 1000
    && outcomes.includes(String(fields.outcome)) && typeof fields.revision === 'number' && Array.isArray(fields.candidates) && Array.isArray(fields.attempts)
    && fields.attempts.every((row: unknown) => typeof row === 'object' && row !== null && 'upstreamId' in row && typeof row.upstreamId === 'string' && 'model' in row && typeof row.model === 'string')
    && optional('ttftMs', 'number') && optional('faultCode', 'string') && optional('client', 'string') && optional('sessionId', 'string') && labelNames.every((name) => optional(name, 'string')) && optional('route', 'string');
}
