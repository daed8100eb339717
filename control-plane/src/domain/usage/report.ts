import type { UsageHour } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireOperator, tenantFilter } from '../actor.ts';
import type { Domain } from '../domain.ts';

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

/** Sums of hours within [from, to), told apart as asked. */
export async function reportUsage(domain: Domain, actor: Actor, input: UsageInput): Promise<{ rows: UsageRow[]; totals: UsageTotals }> {
  const where = {
    AND: [tenantFilter(actor, 'usage:read'), input.tenantId ? { tenantId: input.tenantId } : {}, input.keyId ? { keyId: input.keyId } : {}],
    hour: { gte: hourOf(input.from), lt: input.to },
  };
  const hours = await domain.db.client.usageHour.findMany({ where, orderBy: [{ hour: 'asc' }, { tenantId: 'asc' }, { keyId: 'asc' }, { upstreamId: 'asc' }, { model: 'asc' }] });
  return sumUsage(hours, input.groupBy ?? []);
}

/** Adds up hours by group. Pure. */
export function sumUsage(hours: readonly UsageHour[], groupBy: readonly UsageGroup[]): { rows: UsageRow[]; totals: UsageTotals } {
  const rows = new Map<string, UsageRow>();
  const totals = nothing();
  for (const hour of hours) {
    const group = {
      tenantId: groupBy.includes('TENANT') ? hour.tenantId : null,
      keyId: groupBy.includes('KEY') ? hour.keyId : null,
      upstreamId: groupBy.includes('UPSTREAM') ? hour.upstreamId : null,
      model: groupBy.includes('MODEL') ? hour.model : null,
      at: groupBy.includes('HOUR') ? hour.hour : groupBy.includes('DAY') ? dayOf(hour.hour) : null,
    };
    const name = JSON.stringify(group);
    const row = rows.get(name) ?? { ...group, ...nothing() };
    rows.set(name, row);
    add(row, hour);
    add(totals, hour);
  }
  return { rows: groupBy.length === 0 ? [] : [...rows.values()], totals };
}

const nothing = (): UsageTotals => ({ requests: 0, inputTokens: 0n, outputTokens: 0n, cacheReadTokens: 0n, cacheWriteTokens: 0n, costNano: 0n, excessNano: 0n });

function add(to: UsageTotals, hour: UsageHour): void {
  to.requests += hour.requests;
  for (const name of ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costNano', 'excessNano'] as const) to[name] += hour[name];
}

/** The hour an instant is in. Pure. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 3_600_000) * 3_600_000);
}

const dayOf = (at: Date) => new Date(Math.floor(at.getTime() / 86_400_000) * 86_400_000);

/** How far the ledger has taken what one boot of a node sent. */
export interface UsageAuditRow { nodeId: string; bootId: string; ackedSeq: number; maxSeq: number; gap: number; deadLetters: number; seenAt: Date }

/** The audit of what nodes sent against what is stored; a gap that stays is lost usage. */
export async function auditUsage(domain: Domain, actor: Actor, nodeId?: string | null): Promise<UsageAuditRow[]> {
  requireOperator(actor, 'usage:read');
  const boots = await domain.db.client.nodeBoot.findMany({ where: nodeId ? { nodeId } : {}, orderBy: { seenAt: 'desc' }, take: 500 });
  const rows: UsageAuditRow[] = [];
  for (const boot of boots) {
    const at = { nodeId: boot.nodeId, bootId: boot.bootId };
    const stored = await domain.db.client.usageEvent.count({ where: { ...at, seq: { gt: boot.ackedSeq } } });
    const deadLetters = await domain.db.client.usageDeadLetter.count({ where: at });
    rows.push({ ...at, ackedSeq: boot.ackedSeq, maxSeq: boot.maxSeq, gap: Math.max(0, boot.maxSeq - boot.ackedSeq - stored), deadLetters, seenAt: boot.seenAt });
  }
  return rows;
}
