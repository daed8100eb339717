import type { PortableSql, SqlRow, SqlValue } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { piecesOf, timesIn } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** The columns that are added up. */
export const summed = ['requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'excess_nano', 'estimated_nano', 'estimated', 'unpriced'] as const;

/** Which charges: within whole hours [from, to), of a tenant or all, of a key or all. Told apart by period and by columns of their cost centres. */
export interface SumsQuery { tenantId: string | null; keyId?: string | null | undefined; from: Date; to: Date; /** Where the periods begin, the first at `from` or before. */ starts: readonly Date[]; columns: readonly string[] }

// Of all tenants a few hours are found by their time; of longer spans each centre's own rows lie together.
const fewHoursMs = 48 * 3_600_000;
// Beyond that reading all is cheaper than looking each up.
const mostLookedUp = 100;

/** Sums over charges. */
export interface CostSums { requests: bigint; inputTokens: bigint; outputTokens: bigint; cacheReadTokens: bigint; cacheWriteTokens: bigint; costNano: bigint; excessNano: bigint; estimatedNano: bigint; estimated: bigint; unpriced: bigint }

/** Sums of one group: the number of its period, and its values in columns of cost centres. */
export interface GroupSums { period: number; values: SqlRow; sums: CostSums }

/** Adds up charges in the database: one group for each period and combination of the columns. */
export async function readSums(domain: Domain, query: SumsQuery): Promise<GroupSums[]> {
  const params: SqlValue[] = [];
  const parts = piecesOf(query.from, query.to, query.starts).map((piece) => partOf(domain.db.sql, query, piece, params));
  return (await domain.db.sql.queryRaw(domain.db.client, addingUp(parts, query.columns), params)).map(groupOf);
}

/** A query that adds up parts by period and columns. */
export function addingUp(parts: readonly string[], columns: readonly string[]): string {
  const groups = ['period_', ...columns].join(', ');
  // As one text: a client reads each value of a row by itself, which takes longer than what the database does.
  return `SELECT ${groups}, CONCAT_WS(',', ${summed.map((name) => `SUM(${name})`).join(', ')}) AS sums_ FROM (${parts.join(' UNION ALL ')}) AS charged GROUP BY ${groups} ORDER BY ${groups}`;
}

/** A row that such a query returns. */
export function groupOf(row: SqlRow): GroupSums {
  const [requests = 0n, inputTokens = 0n, outputTokens = 0n, cacheReadTokens = 0n, cacheWriteTokens = 0n, costNano = 0n, excessNano = 0n, estimatedNano = 0n, estimated = 0n, unpriced = 0n] = String(row.sums_).split(',').map(BigInt);
  return { period: Number(row.period_), values: row, sums: { requests, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costNano, excessNano, estimatedNano, estimated, unpriced } };
}

/** A piece of a span, read from the sums of cost centres: columns as of `addingUp`. `constants` stand behind the columns of cost centres. */
export function partOf(sql: PortableSql, { tenantId, keyId, starts, columns }: SumsQuery, piece: Piece, params: SqlValue[], constants: readonly string[] = []): string {
  const { unit, from, to } = piece;
  const table = `cost_${unit}`, time = `${table}.${unit}`;
  const which = numberOf(time, from, to, starts, params);
  const byTime = tenantId === null && unit === 'hour' && to.getTime() - from.getTime() <= fewHoursMs;
  // MariaDB finds a centre's rows by the centre, not also by a span of time: it would read them from the first day on.
  const times = sql.provider === 'mysql' && tenantId !== null ? timesIn(piece, mostLookedUp) : undefined;
  const listed = times && sql.instants(times);
  const tables = byTime ? [table, 'cost_centre'] : ['cost_centre', ...(listed ? [`${listed.text} AS times`] : []), table];
  const conditions = [`${table}.centre_id = cost_centre.id`, ...(listed ? [`${time} = times.at_`] : [`${time} >= ?`, `${time} < ?`]), ...(tenantId === null ? [] : ['cost_centre.tenant_id = ?']), ...(keyId ? ['cost_centre.key_id = ?'] : [])];
  params.push(...(listed ? [listed.param] : [from, to]), ...(tenantId === null ? [] : [tenantId]), ...(keyId ? [keyId] : []));
  return `SELECT ${which} AS period_, ${[...columns.map((column) => `cost_centre.${column}`), ...constants].map((column) => `${column}, `).join('')}${summed.map((name) => `${table}.${name}`).join(', ')} FROM ${tables.join(` ${sql.joinInOrder} `)} WHERE ${conditions.join(' AND ')}`;
}

/** An expression for the number of the period that a time is in: no two databases count days of a time zone alike. */
export function numberOf(time: string, from: Date, to: Date, starts: readonly Date[], params: SqlValue[]): string {
  return halving(time, starts.map((start, at) => ({ start, at })).filter(({ start }, at) => start < to && (starts[at + 1] ?? to) > from), params);
}

/** Found by halving: there may be hundreds. */
function halving(time: string, starts: readonly { start: Date; at: number }[], params: SqlValue[]): string {
  const middle = Math.ceil(starts.length / 2);
  const first = starts[middle];
  if (!first) return String(starts[0]?.at ?? 0);
  params.push(first.start);
  return `CASE WHEN ${time} < ? THEN ${halving(time, starts.slice(0, middle), params)} ELSE ${halving(time, starts.slice(middle), params)} END`;
}
