import { toBigInt } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { auditUsage } from '../usage/report.ts';
import type { UsageAuditRow } from '../usage/report.ts';

/** What a node still holds, as its last heartbeat told. */
export interface HeldJournal { nodeId: string; name: string; events: number; bytes: number; oldestMs: number; seenAt: Date | null }

/** Whether anything is missing in the books. */
export interface Completeness { boots: UsageAuditRow[]; gap: number; deadLetters: number; unpriced: bigint; estimated: bigint; estimatedNano: bigint; journals: HeldJournal[]; balancesNano: bigint }

/** Gathers everything that could be missing: gaps in what nodes sent, what was set aside, what nodes hold, and whether the accounts add up. */
export async function readCompleteness(domain: Domain, actor: Actor): Promise<Completeness> {
  requireOperator(actor, 'billing:read');
  const { sql, client } = domain.db;
  const boots = await auditUsage(domain, actor);
  const [sums] = await sql.queryRaw(client, 'SELECT SUM(unpriced) AS unpriced, SUM(estimated) AS estimated, SUM(estimated_nano) AS estimated_nano FROM cost_day');
  const [balances] = await sql.queryRaw(client, 'SELECT SUM(balance_nano) AS sum_ FROM account_balance');
  const nodes = await client.fleetNode.findMany({ where: { status: 'ACTIVE' }, select: { id: true, name: true, spool: true, lastSeenAt: true }, orderBy: { name: 'asc' } });
  return {
    boots, gap: boots.reduce((sum, row) => sum + row.gap, 0), deadLetters: await client.usageDeadLetter.count(), unpriced: toBigInt(sums?.unpriced), estimated: toBigInt(sums?.estimated), estimatedNano: toBigInt(sums?.estimated_nano),
    journals: nodes.map((node) => ({ nodeId: node.id, name: node.name, ...spoolOf(node.spool), seenAt: node.lastSeenAt })), balancesNano: toBigInt(balances?.sum_),
  };
}

function spoolOf(stored: unknown): { events: number; bytes: number; oldestMs: number } {
  const fields = typeof stored === 'object' && stored !== null ? stored : {};
  const whole = (name: string) => { const value: unknown = Reflect.get(fields, name); return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0; };
  return { events: whole('events'), bytes: whole('bytes'), oldestMs: whole('oldestMs') };
}

/** An event that waits for a human. */
export interface DeadLetter { id: string; nodeId: string; bootId: string; seq: number; reason: string; body: string; createdAt: Date }

/** The events that were set aside, newest first. They may name any tenant, so they are the operators'. */
export async function readDeadLetters(domain: Domain, actor: Actor, first: number, after?: string | null): Promise<DeadLetter[]> {
  requireOperator(actor, 'billing:read');
  return domain.db.client.usageDeadLetter.findMany({ where: after ? { id: { lt: after } } : {}, orderBy: { id: 'desc' }, take: Math.min(Math.max(first, 1), 200) });
}
