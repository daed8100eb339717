import { toBigInt } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Account, Payer } from './accounts.ts';
import { periodsOf } from './period.ts';
import type { Span } from './period.ts';
import { reportCosts } from './report.ts';

/** One line: the charges of a day together, or one movement. */
export interface StatementLine { at: Date; kind: string; entryId: string | null; note: string | null; reference: string | null; requests: bigint; amountNano: bigint; balanceNano: bigint }

/** What happened on an account within a span. */
export interface Statement { account: Payer; from: Date; to: Date; openingNano: bigint; closingNano: bigint; lines: StatementLine[] }

const mostMovements = 1000;

/** The statement of what pays: what was on the account, what each day's charges and each movement did, and what is left. */
export async function readStatement(domain: Domain, tenantId: string, account: Payer, span: Span): Promise<Statement> {
  const days = periodsOf(span, 'DAY');
  const charges = await chargesByDay(domain, tenantId, account, span);
  const where = { tenantId, account, entry: { createdAt: { gte: span.from, lt: span.to } } };
  const movements = await domain.db.client.ledgerPosting.findMany({ where, include: { entry: true }, orderBy: { entry: { createdAt: 'asc' } }, take: mostMovements + 1 });
  if (movements.length > mostMovements) throw new Refused({ code: 'LIMIT', message: `There are more than ${mostMovements} movements in it.`, path: ['to'], fix: 'Ask for a shorter time, or export the entries.' });
  const openingNano = await balanceBefore(domain, tenantId, account, span.from);
  const lines: Omit<StatementLine, 'balanceNano'>[] = [
    // A day's charges are told at its end, after what came in meanwhile.
    ...days.flatMap((day, index) => {
      const sums = charges.get(day.getTime());
      return sums ? [{ at: day, sortAt: (days[index + 1] ?? span.to).getTime() - 1, kind: 'CHARGE', entryId: null, note: null, reference: null, requests: sums.requests, amountNano: -sums.costNano }] : [];
    }),
    ...movements.map(({ entry, amountNano }) => ({ at: entry.createdAt, sortAt: entry.createdAt.getTime(), kind: entry.kind, entryId: entry.id, note: entry.note, reference: entry.reference, requests: 0n, amountNano })),
  ].sort((a, b) => a.sortAt - b.sortAt).map(({ sortAt: _, ...line }) => line);
  let balanceNano = openingNano;
  const told = lines.map((line) => ({ ...line, balanceNano: (balanceNano += line.amountNano) }));
  return { account, from: span.from, to: span.to, openingNano, closingNano: balanceNano, lines: told };
}

async function chargesByDay(domain: Domain, tenantId: string, account: Payer, span: Span) {
  const { rows } = await reportCosts(domain, { tenantId, span, period: 'DAY', by: ['PAYER'] });
  return new Map(rows.filter((row) => row.by[0]?.value === account && row.at !== null).map((row) => [row.at?.getTime() ?? 0, row]));
}

/** What was on an account at an instant: everything that was posted before. */
async function balanceBefore(domain: Domain, tenantId: string, account: Account, at: Date): Promise<bigint> {
  const { sql, client } = domain.db;
  const today = new Date(Math.floor(at.getTime() / 86_400_000) * 86_400_000);
  const sumOf = async (table: string, where: string, ...times: Date[]) => toBigInt((await sql.queryRaw(client, `SELECT SUM(${table}.cost_nano) AS sum_ FROM cost_centre CROSS JOIN ${table} WHERE ${table}.centre_id = cost_centre.id AND cost_centre.tenant_id = ? AND cost_centre.payer = ? AND ${where}`, [tenantId, account, ...times]))[0]?.sum_);
  const chargedNano = await sumOf('cost_day', 'cost_day.day < ?', today) + await sumOf('cost_hour', 'cost_hour.hour >= ? AND cost_hour.hour < ?', today, at);
  const [moved] = await sql.queryRaw(client, 'SELECT SUM(ledger_posting.amount_nano) AS sum_ FROM ledger_posting JOIN ledger_entry ON ledger_entry.id = ledger_posting.entry_id WHERE ledger_posting.tenant_id = ? AND ledger_posting.account = ? AND ledger_entry.created_at < ?', [tenantId, account, at]);
  return toBigInt(moved?.sum_) - chargedNano;
}
