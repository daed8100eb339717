// The one download beside GraphQL: a stream, for what may be millions of rows. The same rows are `billing.entries` in GraphQL.
import type { Actor } from '../domain/actor.ts';
import { AccessDenied } from '../domain/actor.ts';
import { writeAudit } from '../domain/command.ts';
import { csvLine } from '../domain/billing/csv.ts';
import { readJournal } from '../domain/billing/journal.ts';
import type { JournalQuery, JournalRow } from '../domain/billing/journal.ts';
import type { LabelFilter } from '../domain/billing/labelled.ts';
import { booksOf } from '../domain/billing/scope.ts';
import type { Domain } from '../domain/domain.ts';
import { Refused } from '../domain/problem.ts';
import { describeError } from '../log.ts';

/** Where the download is. */
export const exportPath = '/export/ledger';

const columns: readonly (keyof JournalRow)[] = [
  'id', 'at', 'kind', 'payer', 'amount', 'excess', 'currency', 'member', 'key', 'upstream', 'credential', 'campaign', 'pool', 'model', 'tags', 'repo', 'branch', 'ticket', 'session', 'exchange', 'outcome',
  'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'price', 'estimated', 'unpriced', 'reference', 'note', 'region', 'node',
];
const rowsAtOnce = 200;

/** Streams the entries of a tenant as CSV or JSON; a page of them is read when the reader has taken the one before. */
export async function exportLedger(domain: Domain, actor: Actor, url: URL): Promise<Response> {
  const from = instantOf(url, 'from'), to = instantOf(url, 'to');
  const format = url.searchParams.get('format') ?? 'csv';
  if (!from || !to || from >= to || (format !== 'csv' && format !== 'json')) return refusal(400, 'INVALID', 'It needs "from" and "to" as ISO 8601 times, the first before the second, and "format" csv or json.');
  let tenantId: string;
  try {
    tenantId = await booksOf(domain, actor, url.searchParams.get('tenantId'));
  } catch (cause) {
    if (cause instanceof AccessDenied) return refusal(cause.code === 'UNAUTHENTICATED' ? 401 : 403, cause.code, cause.message);
    if (cause instanceof Refused) return refusal(404, 'NOT_FOUND', cause.message);
    throw cause;
  }
  const now = new Date(domain.clock.now());
  await domain.db.transaction((tx) => writeAudit(tx, actor, now, { action: 'billing.export', tenantId, objectId: tenantId, detail: { from: from.toISOString(), to: to.toISOString(), format } }));
  const pieces = piecesOf(domain, { tenantId, from, to, only: filterIn(url) }, format);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close(); else controller.enqueue(encoder.encode(value));
      } catch (cause) {
        domain.log.error('billing.export-failed', describeError(cause));
        controller.error(cause);
      }
    },
    async cancel() { await pieces.return(undefined); },
  }, { highWaterMark: 0 });
  const day = (at: Date) => at.toISOString().slice(0, 10);
  return new Response(body, { headers: { 'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json', 'content-disposition': `attachment; filename="ledger-${day(from)}-${day(to)}.${format}"`, 'cache-control': 'no-store' } });
}

async function* piecesOf(domain: Domain, query: JournalQuery, format: string): AsyncGenerator<string, undefined> {
  let text = format === 'csv' ? csvLine(columns) : '[';
  let rows = 0;
  for await (const row of readJournal(domain, query)) {
    if (format === 'csv') text += csvLine(columns.map((column) => row[column]));
    else text += `${rows === 0 ? '\n' : ',\n'}${JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column]])))}`;
    if (++rows % rowsAtOnce === 0) { yield text; text = ''; }
  }
  yield format === 'csv' ? text : `${text}\n]\n`;
}

function filterIn({ searchParams }: URL): LabelFilter {
  return { repo: searchParams.get('repo'), branch: searchParams.get('branch'), ticket: searchParams.get('ticket'), sessionId: searchParams.get('session') };
}

function instantOf(url: URL, name: string): Date | undefined {
  const text = url.searchParams.get(name) ?? '';
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? new Date(text) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}

const refusal = (status: number, code: string, message: string) => Response.json({ errors: [{ message, extensions: { code } }] }, { status, headers: { 'cache-control': 'no-store' } });
