// Sums by what requests were for. A client may name a new branch or session with every request, so no sums are kept of
// them: they are added up from the charges of the span, which an index finds by tenant and time.
import { setImmediate as turn } from 'node:timers/promises';
import type { SqlRow, SqlValue } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { numberOf, summed } from './sums.ts';
import type { SumsQuery } from './sums.ts';

/** Which charges: those for this repository, branch, ticket or session. Empty or absent = any. */
export interface LabelFilter { repo?: string | null | undefined; branch?: string | null | undefined; ticket?: string | null | undefined; sessionId?: string | null | undefined }

/** The columns of a charge that say what it was for. */
export const labelColumns = ['repo', 'branch', 'ticket', 'session_id'] as const;

/** What a filter asks for, by column of a charge. */
export function filterColumns({ repo, branch, ticket, sessionId }: LabelFilter): { column: (typeof labelColumns)[number]; value: string }[] {
  const asked = [repo, branch, ticket, sessionId];
  return labelColumns.flatMap((column, at) => (asked[at] ? [{ column, value: asked[at] }] : []));
}

const mostGroups = 10_000;
const dayMs = 86_400_000;
const mostParts = 32;
const amountOf: Record<(typeof summed)[number], string> = {
  requests: '1', input_tokens: 'input_tokens', output_tokens: 'output_tokens', cache_read_tokens: 'cache_read_tokens', cache_write_tokens: 'cache_write5m_tokens + cache_write1h_tokens', cost_nano: 'cost_nano', excess_nano: 'excess_nano',
  estimated_nano: 'CASE WHEN estimated THEN cost_nano ELSE 0 END', estimated: 'CASE WHEN estimated THEN 1 ELSE 0 END', unpriced: 'CASE WHEN unpriced THEN 1 ELSE 0 END',
};

/**
 * Adds up posted charges in the database: rows as of `readSums`, of which several may be of one group. SQLite answers on
 * this thread: there a span is read a part at a time, and between two parts others have their turn.
 */
export async function* readLabelledSums(domain: Domain, query: Omit<SumsQuery, 'keyId'> & { filter: LabelFilter }): AsyncGenerator<SqlRow> {
  const spanMs = query.to.getTime() - query.from.getTime();
  const partMs = domain.db.provider === 'sqlite' ? Math.max(dayMs, Math.ceil(spanMs / mostParts)) : spanMs;
  for (let from = query.from; from < query.to; from = new Date(from.getTime() + partMs)) {
    const to = new Date(Math.min(from.getTime() + partMs, query.to.getTime()));
    const rows = await readPart(domain, { ...query, from, to });
    refuseMany(rows.length);
    yield* rows;
    if (to < query.to) await turn();
  }
}

/** Refuses with LIMIT where there are more groups than anybody reads. */
export function refuseMany(groups: number): void {
  if (groups > mostGroups) throw new Refused({ code: 'LIMIT', message: `There are more than ${mostGroups} rows.`, path: ['input', 'by'], fix: 'Ask for a shorter span, longer periods, or one repository, branch or ticket.' });
}

function readPart(domain: Domain, { tenantId, from, to, starts, columns, filter }: Omit<SumsQuery, 'keyId'> & { filter: LabelFilter }): Promise<readonly SqlRow[]> {
  const params: SqlValue[] = [];
  const which = numberOf('started_at', starts.map((start, at) => ({ start, at })).filter(({ start }, at) => start < to && (starts[at + 1] ?? to) > from), params);
  const isOwn = (column: string) => labelColumns.some((own) => own === column);
  // An event without a cost centre is not posted yet: it is in no sum, and gets there with all others.
  const joined = columns.some((column) => !isOwn(column));
  const wanted = filterColumns(filter);
  params.push(from, to, ...(tenantId === null ? [] : [tenantId]), ...wanted.map(({ value }) => value));
  const conditions = [
    'started_at >= ?', 'started_at < ?', `usage_event.tenant_id ${tenantId === null ? 'IN (SELECT id FROM tenant)' : '= ?'}`,
    ...wanted.map(({ column }) => `usage_event.${column} = ?`), joined ? 'cost_centre.id = usage_event.centre_id' : 'centre_id IS NOT NULL',
  ];
  const named = columns.map((column) => `${isOwn(column) ? 'usage_event' : 'cost_centre'}.${column}, `).join('');
  const charged = `SELECT ${which} AS period_, ${named}${summed.map((name) => `${amountOf[name]} AS ${name}`).join(', ')} FROM usage_event ${joined ? 'CROSS JOIN cost_centre' : ''} WHERE ${conditions.join(' AND ')}`;
  const groups = ['period_', ...columns].join(', ');
  return domain.db.sql.queryRaw(domain.db.client, `SELECT ${groups}, ${summed.map((name) => `SUM(${name}) AS ${name}`).join(', ')} FROM (${charged}) AS charged GROUP BY ${groups} ORDER BY ${groups} LIMIT ${mostGroups + 1}`, params);
}
