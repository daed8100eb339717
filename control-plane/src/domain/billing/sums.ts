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

function partOf({ tenantId, keyId, starts, columns }: SumsQuery, { table, from, to }: Piece, params: SqlValue[]): string {
  const time = table === 'cost_day' ? 'cost_day.day' : 'cost_hour.hour';
  // The number of the period: no two databases count days of a time zone alike.
  const within = starts.map((start, at) => ({ start, at })).filter(({ start }, at) => start < to && (starts[at + 1] ?? to) > from);
  const which = numberOf(time, within, params);
  const byTime = tenantId === null && table === 'cost_hour' && to.getTime() - from.getTime() <= fewHoursMs;
  params.push(from, to);
  if (tenantId !== null) params.push(tenantId);
  if (keyId) params.push(keyId);
  // A cross join says to SQLite in which order to read; to the others it is a join like any.
  return `SELECT ${which} AS period_, ${columns.map((column) => `cost_centre.${column}, `).join('')}${summed.map((name) => `${table}.${name}`).join(', ')} FROM ${byTime ? `${table} CROSS JOIN cost_centre` : `cost_centre CROSS JOIN ${table}`} WHERE ${table}.centre_id = cost_centre.id AND ${time} >= ? AND ${time} < ?${tenantId === null ? '' : ' AND cost_centre.tenant_id = ?'}${keyId ? ' AND cost_centre.key_id = ?' : ''}`;
}

/** An expression that finds a period by halving: there may be hundreds. */
export function numberOf(time: string, starts: readonly { start: Date; at: number }[], params: SqlValue[]): string {
  const middle = Math.ceil(starts.length / 2);
  const first = starts[middle];
  if (!first) return String(starts[0]?.at ?? 0);
  params.push(first.start);
  return `CASE WHEN ${time} < ? THEN ${numberOf(time, starts.slice(0, middle), params)} ELSE ${numberOf(time, starts.slice(middle), params)} END`;
}
