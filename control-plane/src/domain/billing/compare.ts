import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { reportCosts } from './report.ts';
import { readVendorUsage } from './vendor-usage.ts';
import type { VendorKind } from './vendor-usage.ts';

/** One day, model and kind: what we counted, what the vendor counted, and ours less theirs. */
export interface VendorDifference { day: string; model: string; kind: VendorKind; ours: bigint; theirs: bigint; difference: bigint }

const dayMs = 86_400_000;
const mostDays = 400;

/** Compares a vendor's export with what was charged through one upstream, over the days that the export covers (operators). */
export async function compareVendorUsage(domain: Domain, actor: Actor, input: { upstreamId: string; content: string }): Promise<VendorDifference[]> {
  requireOperator(actor, 'billing:read');
  if (!(await domain.db.client.upstream.findUnique({ where: { id: input.upstreamId }, select: { id: true } }))) throw new Refused({ code: 'NOT_FOUND', message: 'There is no such upstream.', path: ['upstreamId'] });
  const theirs = readVendorUsage(input.content);
  const days = [...new Set(theirs.map((count) => count.day))].sort();
  const from = new Date(`${days[0]}T00:00:00Z`), to = new Date(Date.parse(`${days.at(-1)}T00:00:00Z`) + dayMs);
  if (to.getTime() - from.getTime() > mostDays * dayMs) throw new Refused({ code: 'LIMIT', message: `It covers more than ${mostDays} days.`, path: ['content'], fix: 'Export fewer days at a time.' });
  const told = new Set(theirs.map((count) => count.kind));
  // Costs may come for a whole day, or by a name of the vendor's own that is no model.
  const byModel = (kind: VendorKind) => kind !== 'COST' || theirs.some((count) => count.kind === 'COST' && count.model !== '');
  const rows = new Map<string, VendorDifference>();
  const rowOf = (day: string, model: string, kind: VendorKind) => {
    const name = JSON.stringify([day, byModel(kind) ? model : '', kind]);
    let row = rows.get(name);
    if (!row) { row = { day, model: byModel(kind) ? model : '', kind, ours: 0n, theirs: 0n, difference: 0n }; rows.set(name, row); }
    return row;
  };
  for (const count of theirs) rowOf(count.day, count.model, count.kind).theirs += count.amount;
  const { rows: charged } = await reportCosts(domain, { tenantId: null, span: { from, to, timeZone: 'UTC' }, period: 'DAY', by: ['UPSTREAM', 'MODEL'] });
  for (const row of charged) {
    if (row.at === null || row.by[0]?.value !== input.upstreamId) continue;
    const day = row.at.toISOString().slice(0, 10), model = row.by[1]?.value ?? '';
    const ours: Record<VendorKind, bigint> = { INPUT: row.inputTokens, OUTPUT: row.outputTokens, CACHE_READ: row.cacheReadTokens, CACHE_WRITE: row.cacheWriteTokens, COST: row.costNano + row.excessNano };
    for (const kind of told) if (ours[kind] > 0n) rowOf(day, model, kind).ours += ours[kind];
  }
  return [...rows.values()].filter((row) => row.ours > 0n || row.theirs > 0n).map((row) => ({ ...row, difference: row.ours - row.theirs })).sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : a.model < b.model ? -1 : a.model > b.model ? 1 : a.kind < b.kind ? -1 : 1));
}
