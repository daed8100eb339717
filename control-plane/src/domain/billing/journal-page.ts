import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { readJournal } from './journal.ts';
import type { JournalQuery, JournalRow } from './journal.ts';

const most = 500;

/** One page of the journal, and where the next begins. */
export async function readJournalPage(domain: Domain, query: Omit<JournalQuery, 'after'>, first: number, after?: string | null): Promise<{ rows: JournalRow[]; end: string | null }> {
  const size = Math.min(Math.max(first, 1), most);
  const rows: (JournalRow & { atMs: number })[] = [];
  for await (const row of readJournal(domain, { ...query, after: readCursor(after) })) {
    rows.push(row);
    if (rows.length > size) break;
  }
  const last = rows.length > size ? rows[size - 1] : undefined;
  return { rows: rows.slice(0, size), end: last ? `${last.atMs}_${last.id}` : null };
}

function readCursor(text: string | null | undefined): JournalQuery['after'] {
  if (text === null || text === undefined || text === '') return undefined;
  const parts = /^(\d{1,15})_(\w{1,64})$/.exec(text);
  if (!parts) throw new Refused({ code: 'INVALID', message: 'It must be the end of a page.', path: ['after'] });
  return { at: new Date(Number(parts[1])), id: parts[2] ?? '' };
}
