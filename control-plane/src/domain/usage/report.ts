import type { SqlRow } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireOperator, tenantFilter } from '../actor.ts';
import { readSums } from '../billing/sums.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';

/** By what usage is told apart. */
export const usageGroups = ['TENANT', 'KEY', 'UPSTREAM', 'MODEL', 'HOUR', 'DAY'] as const;

/** One of them. */
export type UsageGroup = (typeof usageGroups)[number];

/** Sums over usage. */
export interface UsageTotals { requests: number; inputTokens: bigint; outputTokens: bigint; cacheReadTokens: bigint; cacheWriteTokens: bigint; costNano: bigint; excessNano: bigint }

/** Sums of one group; what was not grouped by is null. */
export interface UsageRow extends UsageTotals { tenantId: string | null; keyId: string | null; upstreamId: string | null; model: string | null; at: Date | null }

/** What is wanted. */
export interface UsageInput { from: Date; to: Date; groupBy?: readonly UsageGroup[] | null | undefined; keyId?: string | null | undefined; tenantId?: string | null | undefined }

const mostHours = 10_000;
const hourMs = 3_600_000, dayMs = 86_400_000;
const groupColumns = [['TENANT', 'tenant_id'], ['KEY', 'key_id'], ['UPSTREAM', 'upstream_id'], ['MODEL', 'model']] as const;

/** Sums of hours within [from, to), told apart as asked. */
export async function reportUsage(domain: Domain, actor: Actor, input: UsageInput): Promise<{ rows: UsageRow[]; totals: UsageTotals }> {
  const scope = tenantFilter(actor, 'usage:read').tenantId;
  const totals = nothing();
  const tenantId = scope ?? input.tenantId ?? null;
  const from = hourOf(input.from), to = new Date(Math.ceil(input.to.getTime() / hourMs) * hourMs);
  if (to <= from || (input.tenantId && input.tenantId !== tenantId)) return { rows: [], totals };
  const groupBy = input.groupBy ?? [];
  const starts = startsOf(from, to, groupBy);
  const columns = groupColumns.flatMap(([group, column]) => (groupBy.includes(group) ? [column] : []));
  const found = await readSums(domain, { tenantId, keyId: input.keyId, from, to, starts, columns });
  const byTime = groupBy.includes('HOUR') || groupBy.includes('DAY');
  const textIn = (row: SqlRow, column: string) => { const value = row[column]; return typeof value === 'string' ? value : null; };
  const rows = found.map(({ period, values, sums }): UsageRow => {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costNano, excessNano } = sums;
    const own: UsageTotals = { requests: Number(sums.requests), inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costNano, excessNano };
    add(totals, own);
    return { tenantId: textIn(values, 'tenant_id'), keyId: textIn(values, 'key_id'), upstreamId: textIn(values, 'upstream_id'), model: textIn(values, 'model'), at: byTime ? starts[period] ?? null : null, ...own };
  });
  return { rows: groupBy.length === 0 ? [] : rows, totals };
}

/** The beginnings of the hours or days that are asked for, the first at or before the span's; one when nothing is told apart by time. */
function startsOf(from: Date, to: Date, groupBy: readonly UsageGroup[]): Date[] {
  const step = groupBy.includes('HOUR') ? hourMs : groupBy.includes('DAY') ? dayMs : undefined;
  if (step === undefined) return [from];
  const first = Math.floor(from.getTime() / step) * step;
  const count = Math.ceil((to.getTime() - first) / step);
  if (count > mostHours) throw new Refused({ code: 'LIMIT', message: `There are more than ${mostHours} ${step === hourMs ? 'hours' : 'days'} in it.`, path: ['to'], fix: 'Ask for a shorter time, or for longer periods.' });
  return Array.from({ length: count }, (_, at) => new Date(first + at * step));
}

const nothing = (): UsageTotals => ({ requests: 0, inputTokens: 0n, outputTokens: 0n, cacheReadTokens: 0n, cacheWriteTokens: 0n, costNano: 0n, excessNano: 0n });

function add(to: UsageTotals, more: UsageTotals): void {
  to.requests += more.requests;
  for (const name of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costNano', 'excessNano'] as const) to[name] += more[name];
}

/** The hour an instant is in. Pure. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
}

/** How far the ledger has taken what one boot of a node sent. */
export interface UsageAuditRow { nodeId: string; bootId: string; ackedSeq: number; maxSeq: number; gap: number; deadLetters: number; seenAt: Date }

/** The audit of what nodes sent against what is stored; a gap that stays is lost usage. */
export async function auditUsage(domain: Domain, actor: Actor, nodeId?: string | null): Promise<UsageAuditRow[]> {
  requireOperator(actor, 'usage:read');
  const boots = await domain.db.client.nodeBoot.findMany({ where: nodeId ? { nodeId } : {}, orderBy: { seenAt: 'desc' }, take: 500 });
  const rows: UsageAuditRow[] = [];
  for (const boot of boots) {
    const at = { nodeId: boot.nodeId, bootId: boot.bootId };
    const behind = { where: { ...at, seq: { gt: boot.ackedSeq } } };
    // What was set aside has come too: it waits for a human, and is not missing.
    const came = boot.maxSeq > boot.ackedSeq ? (await domain.db.client.usageEvent.count(behind)) + (await domain.db.client.usageDeadLetter.count(behind)) : 0;
    const deadLetters = await domain.db.client.usageDeadLetter.count({ where: at });
    rows.push({ ...at, ackedSeq: boot.ackedSeq, maxSeq: boot.maxSeq, gap: Math.max(0, boot.maxSeq - boot.ackedSeq - came), deadLetters, seenAt: boot.seenAt });
  }
  return rows;
}
