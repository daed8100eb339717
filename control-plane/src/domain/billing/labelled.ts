// Sums by what requests were for: read from the hours of sessions and labels and from the days of labels, which only
// charges that name something are in. What names nothing is what all charges come to without them.
import { setImmediate as turn } from 'node:timers/promises';
import { toBigInt } from '@fairlead/prisma';
import type { SqlRow, SqlValue } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { piecesOf } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { numberOf, partOf, summed } from './sums.ts';
import type { SumsQuery } from './sums.ts';

/** Which charges: those for this repository, branch, ticket or session. Empty or absent = any. */
export interface LabelFilter { repo?: string | null | undefined; branch?: string | null | undefined; ticket?: string | null | undefined; sessionId?: string | null | undefined }

/** The columns of a charge that say what it was for. */
export const labelColumns = ['repo', 'branch', 'ticket', 'session_id'] as const;

/** One of them. */
type LabelColumn = (typeof labelColumns)[number];

/** What a filter asks for, by column of a charge. */
export function filterColumns({ repo, branch, ticket, sessionId }: LabelFilter): { column: LabelColumn; value: string }[] {
  const asked = [repo, branch, ticket, sessionId];
  return labelColumns.flatMap((column, at) => (asked[at] ? [{ column, value: asked[at] }] : []));
}

const mostGroups = 10_000;
// Those of all charges, and those of what is named.
const mostRows = 2 * mostGroups;
const dayMs = 86_400_000;
const partMs = 4 * dayMs;
const mostParts = 32;

/** A query and what it asks of labels. */
interface LabelledQuery extends Omit<SumsQuery, 'keyId'> { filter: LabelFilter }

/**
 * Adds up charges in the database: rows as of `readSums`, of which several may be of one group and some take away from
 * it. SQLite answers on this thread: there a span is read a part at a time, and between two parts others have their turn.
 */
export async function* readLabelledSums(domain: Domain, query: LabelledQuery): AsyncGenerator<SqlRow> {
  for (const [at, [from, to]] of partsOf(domain, query).entries()) {
    if (at > 0) await turn();
    const rows = await readPart(domain, { ...query, from, to });
    if (rows.length > mostRows) refuseMany(rows.length);
    for (const row of rows) {
      const named = Number(row.named_) === 1;
      yield { ...row, ...Object.fromEntries(labelColumns.filter((column) => row[column] === '').map((column) => [column, null])) };
      // All charges have counted as for nothing.
      if (named && filterColumns(query.filter).length === 0) yield unnamed(row);
    }
  }
}

/** Refuses with LIMIT where there are more groups than anybody reads. */
export function refuseMany(groups: number): void {
  if (groups > mostGroups) throw new Refused({ code: 'LIMIT', message: `There are more than ${mostGroups} rows.`, path: ['input', 'by'], fix: 'Ask for a shorter span, longer periods, or one repository, branch or ticket.' });
}

/** The parts of a span that are read at once; a cut is a midnight of UTC. */
function partsOf(domain: Domain, { from, to }: LabelledQuery): [Date, Date][] {
  const stepMs = domain.db.provider === 'sqlite' ? Math.max(partMs, Math.ceil((to.getTime() - from.getTime()) / mostParts / dayMs) * dayMs) : Infinity;
  const parts: [Date, Date][] = [];
  for (let at = from.getTime(); at < to.getTime();) {
    const next = Math.min(Math.floor(at / dayMs) * dayMs + stepMs, to.getTime());
    parts.push([new Date(at), new Date(next)]);
    at = next;
  }
  return parts;
}

/** What a row takes away from the charges that name nothing. */
function unnamed(row: SqlRow): SqlRow {
  return { ...row, ...Object.fromEntries([...labelColumns.map((column) => [column, null]), ...summed.map((name) => [name, -toBigInt(row[name])])]) };
}

const isLabel = (column: string): column is LabelColumn => labelColumns.some((label) => label === column);

function readPart(domain: Domain, query: LabelledQuery): Promise<readonly SqlRow[]> {
  const params: SqlValue[] = [];
  const wanted = filterColumns(query.filter);
  const labels = query.columns.filter(isLabel), columns = query.columns.filter((column) => !isLabel(column));
  const pieces = piecesOf(query.from, query.to, query.starts);
  // One statement, so that both are read at one instant. Days know no sessions.
  const named = labels.includes('session_id') || wanted.some(({ column }) => column === 'session_id') ? [{ unit: 'hour', from: query.from, to: query.to } as const] : pieces;
  const parts = [
    ...(wanted.length > 0 ? [] : pieces.map((piece) => partOf({ ...query, columns }, piece, params, [...labels.map((column) => `'' AS ${column}`), '0 AS named_']))),
    ...named.map((piece) => namedPart(query, piece, { columns, labels, wanted }, params)),
  ];
  const groups = ['period_', ...columns, ...labels, 'named_'].join(', ');
  return domain.db.sql.queryRaw(domain.db.client, `SELECT ${groups}, ${summed.map((name) => `SUM(${name}) AS ${name}`).join(', ')} FROM (${parts.join(' UNION ALL ')}) AS charged GROUP BY ${groups} ORDER BY ${groups} LIMIT ${mostRows + 1}`, params);
}

/** A piece of a span, read from the sums of what is named. */
function namedPart({ tenantId, starts }: LabelledQuery, { unit, from, to }: Piece, { columns, labels, wanted }: { columns: readonly string[]; labels: readonly LabelColumn[]; wanted: ReturnType<typeof filterColumns> }, params: SqlValue[]): string {
  const table = `label_${unit}`, time = `${table}.${unit}`;
  const which = numberOf(time, from, to, starts, params);
  params.push(from, to, ...(tenantId === null ? [] : [tenantId]), ...wanted.map(({ value }) => value));
  const own = columns.every((column) => column === 'tenant_id');
  const named = [...columns.map((column) => `${own ? table : 'cost_centre'}.${column}`), ...labels.map((column) => `${table}.${column}`), '1 AS named_'];
  const conditions = [
    // Keys begin with the tenant: all of them are looked up one by one.
    `${time} >= ?`, `${time} < ?`, `${table}.tenant_id ${tenantId === null ? 'IN (SELECT id FROM tenant)' : '= ?'}`,
    ...wanted.map(({ column }) => `${table}.${column} = ?`), ...(own ? [] : [`cost_centre.id = ${table}.centre_id`]),
  ];
  return `SELECT ${which} AS period_, ${named.join(', ')}, ${summed.map((name) => `${table}.${name}`).join(', ')} FROM ${table}${own ? '' : ' CROSS JOIN cost_centre'} WHERE ${conditions.join(' AND ')}`;
}
