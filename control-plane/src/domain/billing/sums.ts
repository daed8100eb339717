import type { SqlRow, SqlValue } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** The columns that are added up. */
export const summed = ['requests', 'input_tokens', 'output_tokens', 'cache_read_tokens', 'cache_write_tokens', 'cost_nano', 'excess_nano', 'estimated_nano', 'estimated', 'unpriced'] as const;

/** Which charges: within whole hours [from, to), of a tenant or all, of a key or all. Told apart by period and by columns of their cost centres. */
export interface SumsQuery { tenantId: string | null; keyId?: string | null | undefined; from: Date; to: Date; /** Where the periods begin, the first at `from` or before. */ starts: readonly Date[]; columns: readonly string[] }

// Of all tenants a few hours are found by their time; of longer spans each centre's own rows lie together.
const fewHoursMs = 48 * 3_600_000;

/** Adds up charges in the database: one row for each period, by its number in `period_`, and combination of the columns. */
export function readSums(domain: Domain, query: SumsQuery): Promise<readonly SqlRow[]> {
  const params: SqlValue[] = [];
  const parts = piecesOf(query.from, query.to, query.starts).map((piece) => partOf(query, piece, params));
  const groups = ['period_', ...query.columns].join(', ');
  return domain.db.sql.queryRaw(domain.db.client, `SELECT ${groups}, ${summed.map((name) => `SUM(${name}) AS ${name}`).join(', ')} FROM (${parts.join(' UNION ALL ')}) AS charged GROUP BY ${groups} ORDER BY ${groups}`, params);
}

/** A piece of a span, read from the sums of cost centres: columns as of `readSums`. `constants` stand behind the columns of cost centres. */
export function partOf({ tenantId, keyId, starts, columns }: SumsQuery, { unit, from, to }: Piece, params: SqlValue[], constants: readonly string[] = []): string {
  const table = `cost_${unit}`, time = `${table}.${unit}`;
  const which = numberOf(time, from, to, starts, params);
  const byTime = tenantId === null && unit === 'hour' && to.getTime() - from.getTime() <= fewHoursMs;
  params.push(from, to);
  if (tenantId !== null) params.push(tenantId);
  if (keyId) params.push(keyId);
  // A cross join says to SQLite in which order to read; to the others it is a join like any.
  return `SELECT ${which} AS period_, ${[...columns.map((column) => `cost_centre.${column}`), ...constants].map((column) => `${column}, `).join('')}${summed.map((name) => `${table}.${name}`).join(', ')} FROM ${byTime ? `${table} CROSS JOIN cost_centre` : `cost_centre CROSS JOIN ${table}`} WHERE ${table}.centre_id = cost_centre.id AND ${time} >= ? AND ${time} < ?${tenantId === null ? '' : ' AND cost_centre.tenant_id = ?'}${keyId ? ' AND cost_centre.key_id = ?' : ''}`;
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
