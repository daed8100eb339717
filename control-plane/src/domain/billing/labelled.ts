// Sums by what requests were for: read from the hours of sessions and labels and from the days of labels, which only
// charges that name something are in. What names nothing is what all charges come to without them.
import { setImmediate as turn } from 'node:timers/promises';
import type { PortableSql, SqlValue } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { piecesOf, timesIn } from './pieces.ts';
import type { Piece } from './pieces.ts';
import { addingUp, groupOf, numberOf, partOf, summed } from './sums.ts';
import type { CostSums, GroupSums, SumsQuery } from './sums.ts';

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
// Hours of more than a year.
const mostLookedUp = 10_000;
const dayMs = 86_400_000;
const partMs = 4 * dayMs;
const mostParts = 32;

/** A query and what it asks of labels. */
interface LabelledQuery extends Omit<SumsQuery, 'keyId'> { filter: LabelFilter }

/**
 * Adds up charges in the database as `readSums` does; several groups may have one period and values, and some take away
 * from others. SQLite answers on this thread: there a span is read a part at a time, and between two parts others have
 * their turn.
 */
export async function* readLabelledSums(domain: Domain, query: LabelledQuery): AsyncGenerator<GroupSums> {
  for (const [at, [from, to]] of partsOf(domain, query).entries()) {
    if (at > 0) await turn();
    const groups = await readPart(domain, { ...query, from, to });
    if (groups.length > mostRows) refuseMany(groups.length);
    for (const { period, values, sums } of groups) {
      yield { period, values: { ...values, ...Object.fromEntries(labelColumns.filter((column) => values[column] === '').map((column) => [column, null])) }, sums };
      // All charges have counted as naming nothing.
      if (Number(values.named_) === 1 && filterColumns(query.filter).length === 0) yield { period, values: { ...values, ...nameless }, sums: negated(sums) };
    }
  }
}

const nameless = Object.fromEntries(labelColumns.map((column) => [column, null]));

function negated(sums: CostSums): CostSums {
  return {
    requests: -sums.requests, inputTokens: -sums.inputTokens, outputTokens: -sums.outputTokens, cacheReadTokens: -sums.cacheReadTokens, cacheWriteTokens: -sums.cacheWriteTokens,
    costNano: -sums.costNano, excessNano: -sums.excessNano, estimatedNano: -sums.estimatedNano, estimated: -sums.estimated, unpriced: -sums.unpriced,
  };
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

const isLabel = (column: string): column is LabelColumn => labelColumns.some((label) => label === column);

async function readPart(domain: Domain, query: LabelledQuery): Promise<GroupSums[]> {
  const params: SqlValue[] = [];
  const wanted = filterColumns(query.filter);
  const labels = query.columns.filter(isLabel), columns = query.columns.filter((column) => !isLabel(column));
  const pieces = piecesOf(query.from, query.to, query.starts);
  // One statement, so that both are read at one instant. Days know no sessions.
  const named = labels.includes('session_id') || wanted.some(({ column }) => column === 'session_id') ? [{ unit: 'hour', from: query.from, to: query.to } as const] : pieces;
  const parts = [
    ...(wanted.length > 0 ? [] : pieces.map((piece) => partOf(domain.db.sql, { ...query, columns }, piece, params, [...labels.map((column) => `'' AS ${column}`), '0 AS named_']))),
    ...named.map((piece) => namedPart(domain.db.sql, query, piece, { columns, labels, wanted }, params)),
  ];
  return (await domain.db.sql.queryRaw(domain.db.client, `${addingUp(parts, [...columns, ...labels, 'named_'])} LIMIT ${mostRows + 1}`, params)).map(groupOf);
}

/** What of a piece is asked for. */
interface Wanted { columns: readonly string[]; labels: readonly LabelColumn[]; wanted: ReturnType<typeof filterColumns> }

/** A piece of a span, read from the sums of what is named. */
function namedPart(sql: PortableSql, { tenantId, starts }: LabelledQuery, piece: Piece, { columns, labels, wanted }: Wanted, params: SqlValue[]): string {
  const { unit, from, to } = piece;
  const table = `label_${unit}`, time = `${table}.${unit}`;
  const which = numberOf(time, from, to, starts, params);
  const own = columns.every((column) => column === 'tenant_id');
  const named = [...columns.map((column) => `${own ? table : 'cost_centre'}.${column}`), ...labels.map((column) => `${table}.${column}`), '1 AS named_'];
  // Keys begin with tenant, time and session: of many tenants, and of one session, each hour is looked up. Only of one
  // tenant's span do the rows lie together; databases other than MariaDB find each tenant's span too.
  const bySession = wanted.some(({ column }) => column === 'session_id');
  const times = bySession || (tenantId === null && sql.provider === 'mysql') ? timesIn(piece, mostLookedUp) : undefined;
  const listed = times && sql.instants(times);
  const tables = [...(listed && tenantId === null ? ['tenant'] : []), ...(listed ? [`${listed.text} AS times`] : []), table, ...(own ? [] : ['cost_centre'])];
  const ofTenant = tenantId !== null ? '= ?' : listed ? '= tenant.id' : 'IN (SELECT id FROM tenant)';
  const conditions = [
    ...(listed ? [`${time} = times.at_`] : [`${time} >= ?`, `${time} < ?`]), `${table}.tenant_id ${ofTenant}`,
    ...wanted.map(({ column }) => `${table}.${column} = ?`), ...(own ? [] : [`cost_centre.id = ${table}.centre_id`]),
  ];
  params.push(...(listed ? [listed.param] : [from, to]), ...(tenantId === null ? [] : [tenantId]), ...wanted.map(({ value }) => value));
  return `SELECT ${which} AS period_, ${named.join(', ')}, ${summed.map((name) => `${table}.${name}`).join(', ')} FROM ${tables.join(` ${sql.joinInOrder} `)} WHERE ${conditions.join(' AND ')}`;
}
