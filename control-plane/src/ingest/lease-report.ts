import type { Lease, Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { isId } from '@fairlead/shared/id.ts';
import type { LeaseReport, LeaseState } from '@fairlead/shared/lease/lease.ts';
import { ledgerRules } from '@fairlead/shared/lease/ledger.ts';
import type { LedgerLease, ToldLease } from '@fairlead/shared/lease/ledger.ts';
import { readPurse } from '@fairlead/shared/lease/purse.ts';
import type { Purse, WrittenPurse } from '@fairlead/shared/lease/purse.ts';
import type { Actor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { settleLease } from '../domain/nodes/settle-lease.ts';
import type { Result } from '../domain/problem.ts';
import { isHolder, quotasOfPurse } from '../domain/quotas/purses.ts';
import { isClosedLease } from './learning.ts';
import { amount, ensureWindows, isBoot, openBudgets } from './leases.ts';

const mostLeases = 5000;
interface Held extends ToldLease, Purse { id: string }

/** A report as it comes, the purses of its leases in either form. */
export type WrittenReport = Omit<LeaseReport, 'leases'> & { leases: WrittenState[] };
type WrittenState = Omit<LeaseState, 'holderId' | 'unit'> & WrittenPurse;

/**
 * Takes in how a node's leases stand. What is spent is cumulative, so messages may come twice and out of order. A lease
 * is closed by its final, or as an orphan: open here, absent from a complete list, older than the list, never reported.
 * No timer closes a lease. A database that was restored to before what the node closed last closes no orphans, for they may
 * have been spent, and lets the node forget nothing.
 */
export async function reportLeases(domain: Domain, actor: Actor, report: WrittenReport): Promise<Result<string[]>> {
  const node = requireNode(actor);
  if (!isBoot(report.bootId) || report.leases.length > mostLeases) return { ok: false, problems: [{ code: 'INVALID', message: `It must name a start of the node and at most ${mostLeases} leases.`, path: ['leases'] }] };
  const held: Held[] = [];
  for (const [at, lease] of report.leases.entries()) {
    const checked = checkState(lease);
    if (!checked) return { ok: false, problems: [{ code: 'INVALID', message: 'A lease has an id, a holder (a key, an upstream or a credential) and whole amounts as text.', path: ['leases', String(at)] }] };
    held.push(checked);
  }
  // One order for every transaction, so that two reports never wait for each other.
  held.sort((a, b) => (a.id < b.id ? -1 : 1));
  const closed: string[] = [];
  const known = await rowsOf(domain, held);
  for (const lease of held) if (await take(domain, node.id, lease, known.get(lease.id))) closed.push(lease.id);
  // Only now: a list that tells of closed leases anew has taught by now what a restore forgot.
  if (report.closedLeaseId !== undefined && !(await isClosedLease(domain, node.id, report.closedLeaseId))) return { ok: true, value: [], warnings: [] };
  if (report.complete) await closeOrphans(domain, node.id, report, new Set(held.map((lease) => lease.id)));
  return { ok: true, value: closed, warnings: [] };
}

function checkState(lease: WrittenState): Held | undefined {
  const purse = readPurse(lease);
  const granted = amount(lease.grantedNano), spent = amount(lease.spentNano), excess = amount(lease.excessNano);
  if (!isId('lease', lease.leaseId) || !purse || !isHolder(purse.holderId) || !isBoot(lease.bootId) || granted === undefined || spent === undefined || excess === undefined) return undefined;
  return { ...purse, id: lease.leaseId, bootId: lease.bootId, reqSeq: lease.reqSeq, grantedNano: granted, spentNano: spent, excessNano: excess, final: lease.final };
}

/** The rows of these leases, as they are before anything of them is taken in: a node that tells all anew tells mostly what is known. */
async function rowsOf(domain: Domain, held: readonly Held[]): Promise<Map<string, Lease>> {
  const rows = new Map<string, Lease>();
  for (let from = 0; from < held.length; from += 500) {
    for (const row of await domain.db.client.lease.findMany({ where: { id: { in: held.slice(from, from + 500).map(({ id }) => id) } } })) rows.set(row.id, row);
  }
  return rows;
}

/** A lease's row as the rules look at it. */
function ledgerLease({ nodeId, bootId, reqSeq, grantedNano, spentNano, excessNano, open, createdAt }: Lease): LedgerLease {
  return { nodeId, bootId, reqSeq, grantedNano, spentNano, excessNano, open, createdAtMs: createdAt.getTime() };
}

/** Notes what is spent; closes on a final. Returns whether the lease is settled. */
async function take(domain: Domain, nodeId: string, lease: Held, seen: Lease | undefined): Promise<boolean> {
  const portable = sql(domain.db.provider);
  const now = domain.clock.now();
  if (seen) {
    // What is spent only rises: news that are none now are none under a lock either.
    const verdict = ledgerRules.judge(ledgerLease(seen), nodeId, lease, now);
    if (verdict.is === 'foreign') {
      domain.log.warn('lease.of-another-node', { lease: lease.id, node: nodeId });
      return false;
    }
    if (verdict.is === 'raise' && !lease.final && verdict.spentNano === seen.spentNano && verdict.excessNano === seen.excessNano) return false;
    if (verdict.is === 'late' && verdict.moreNano === 0n) return lease.final;
  } else {
    // A lease that the database lost may need a window that it lost too; windows are made in a transaction of their own.
    const found = await quotasOfPurse(domain.db.client, lease);
    if (found) await ensureWindows(domain, found.quotas, now);
  }
  return domain.db.transaction(async (tx) => {
    // Holds the row: of two deliveries the second sees what the first made of it.
    await portable.executeRaw(tx, 'UPDATE lease SET req_seq = req_seq WHERE id = ?', [lease.id]);
    const row = await tx.lease.findUnique({ where: { id: lease.id } });
    const verdict = ledgerRules.judge(row ? ledgerLease(row) : undefined, nodeId, lease, now);
    if (verdict.is === 'foreign') return false;
    if (verdict.is === 'late') {
      if (row && verdict.moreNano > 0n) await addLate(domain, tx, row, verdict.moreNano);
      return lease.final;
    }
    if (verdict.is === 'adopt') {
      if (!(await adopt(domain, tx, lease, verdict.lease))) return lease.final;
    } else {
      await tx.lease.update({ where: { id: lease.id }, data: { spentNano: verdict.spentNano, excessNano: verdict.excessNano } });
    }
    if (!lease.final) return false;
    await settleLease(domain, tx, lease.id, 'FINAL');
    return true;
  }, { timeoutMs: 10_000, isolation: 'ReadCommitted' });
}

/** Books what a closed lease turns out to have cost: its slice is gone, so it is excess. */
async function addLate(domain: Domain, tx: Tx, row: Lease, moreNano: bigint): Promise<void> {
  await tx.lease.update({ where: { id: row.id }, data: { excessNano: row.excessNano + moreNano } });
  const portable = sql(domain.db.provider);
  for (const { budgetId } of await tx.leaseBudget.findMany({ where: { leaseId: row.id }, orderBy: { budgetId: 'asc' } })) {
    await portable.executeRaw(tx, 'UPDATE budget SET excess_nano = excess_nano + ? WHERE id = ?', [moreNano, budgetId]);
  }
  domain.log.warn('lease.spent-after-close', { lease: row.id, closedBy: row.closedBy, excessNano: String(moreNano) });
}

async function adopt(domain: Domain, tx: Tx, { id, holderId, unit }: Held, lease: LedgerLease): Promise<boolean> {
  const found = await quotasOfPurse(tx, { holderId, unit });
  if (!found) return false;
  const now = domain.clock.now();
  const portable = sql(domain.db.provider);
  const inserted = await portable.insertIgnore(
    tx, 'lease', ['id', 'holder_id', 'unit', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'spent_nano', 'excess_nano', 'open', 'created_at'],
    [[id, holderId, unit, lease.nodeId, lease.bootId, lease.reqSeq, lease.grantedNano, lease.spentNano, lease.excessNano, true, new Date(lease.createdAtMs)]],
  );
  if (inserted === 0) return false;
  for (const budget of await openBudgets(tx, found.quotas, now)) {
    // Without a look at the limit: this money may be spent already, and a limit that is passed must show.
    await portable.executeRaw(tx, 'UPDATE budget SET escrow_nano = escrow_nano + ? WHERE id = ?', [lease.grantedNano, budget.id]);
    await tx.leaseBudget.create({ data: { leaseId: id, budgetId: budget.id } });
  }
  return true;
}

async function closeOrphans(domain: Domain, nodeId: string, report: Pick<LeaseReport, 'bootId' | 'reqSeq'>, held: ReadonlySet<string>): Promise<void> {
  const open = await domain.db.client.lease.findMany({ where: { nodeId, open: true }, orderBy: { id: 'asc' } });
  const absent = open.filter((row) => !held.has(row.id));
  if (absent.length === 0) return;
  const heardBootId = (await domain.db.client.fleetNode.findUnique({ where: { id: nodeId }, select: { bootId: true } }))?.bootId ?? report.bootId;
  const list = { bootId: report.bootId, reqSeq: report.reqSeq, heardBootId, nowMs: domain.clock.now() };
  for (const row of absent) {
    if (ledgerRules.isOrphan(ledgerLease(row), list) && ledgerRules.closing(row, 'ORPHAN')) await domain.db.transaction((tx) => settleLease(domain, tx, row.id, 'ORPHAN'), { timeoutMs: 10_000, isolation: 'ReadCommitted' });
  }
}
