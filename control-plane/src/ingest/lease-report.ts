import type { Lease, Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { isId } from '@fairlead/shared/id.ts';
import type { LeaseReport, LeaseState } from '@fairlead/shared/lease/lease.ts';
import type { Actor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import type { Result } from '../domain/problem.ts';
import { amount, ensureWindows, isBoot, openBudgets, quotasBinding } from './leases.ts';

const mostLeases = 5000;
/** A signed message is refused five minutes either side of its time: none can be under way for longer than this. */
const underWayMs = 600_000;

interface Held { id: string; keyId: string; bootId: string; reqSeq: number; granted: bigint; spent: bigint; excess: bigint; final: boolean }

/**
 * Takes in how a node's leases stand. What is spent is cumulative, so messages may come twice and out of order. A lease
 * is closed by its final, or as an orphan: open here, absent from a complete list, older than the list, never reported.
 * No timer closes a lease.
 */
export async function reportLeases(domain: Domain, actor: Actor, report: LeaseReport): Promise<Result<string[]>> {
  const node = requireNode(actor);
  if (!isBoot(report.bootId) || report.leases.length > mostLeases) return { ok: false, problems: [{ code: 'INVALID', message: `It must name a start of the node and at most ${mostLeases} leases.`, path: ['leases'] }] };
  const held: Held[] = [];
  for (const [at, lease] of report.leases.entries()) {
    const checked = checkState(lease);
    if (!checked) return { ok: false, problems: [{ code: 'INVALID', message: 'A lease has an id, a key and whole amounts of nano-dollars as text.', path: ['leases', String(at)] }] };
    held.push(checked);
  }
  // One order for every transaction, so that two reports never wait for each other.
  held.sort((a, b) => (a.id < b.id ? -1 : 1));
  const closed: string[] = [];
  for (const lease of held) if (await take(domain, node.id, lease)) closed.push(lease.id);
  if (report.complete) await closeOrphans(domain, node.id, report, new Set(held.map((lease) => lease.id)));
  return { ok: true, value: closed, warnings: [] };
}

function checkState(lease: LeaseState): Held | undefined {
  const granted = amount(lease.grantedNano), spent = amount(lease.spentNano), excess = amount(lease.excessNano);
  if (!isId('lease', lease.leaseId) || !isId('key', lease.keyId) || !isBoot(lease.bootId) || granted === undefined || spent === undefined || excess === undefined) return undefined;
  // Nobody can spend more than was granted: what is above is excess.
  return { id: lease.leaseId, keyId: lease.keyId, bootId: lease.bootId, reqSeq: lease.reqSeq, granted, spent: spent > granted ? granted : spent, excess: spent > granted ? excess + spent - granted : excess, final: lease.final };
}

/** Notes what is spent; closes on a final. Returns whether the lease is settled. */
async function take(domain: Domain, nodeId: string, lease: Held): Promise<boolean> {
  const portable = sql(domain.db.provider);
  // A lease that the database lost may need a window that it lost too; windows are made in a transaction of their own.
  if (!(await domain.db.client.lease.findUnique({ where: { id: lease.id }, select: { id: true } }))) {
    const key = await domain.db.client.key.findUnique({ where: { id: lease.keyId } });
    if (key) await ensureWindows(domain, await quotasBinding(domain.db.client, key), domain.clock.now());
  }
  return domain.db.transaction(async (tx) => {
    const raised = await portable.executeRaw(
      tx,
      // What was granted is what this row says, not what the node says: all above it is excess. The whole comes in as one sum.
      `UPDATE lease SET
        excess_nano = CASE WHEN ? > granted_nano THEN CASE WHEN excess_nano < ? - granted_nano THEN ? - granted_nano ELSE excess_nano END
          ELSE CASE WHEN excess_nano < ? THEN ? ELSE excess_nano END END,
        spent_nano = CASE WHEN ? > granted_nano THEN granted_nano WHEN spent_nano < ? THEN ? ELSE spent_nano END
        WHERE id = ? AND node_id = ? AND open = ?`,
      [lease.spent, lease.spent + lease.excess, lease.spent + lease.excess, lease.excess, lease.excess, lease.spent, lease.spent, lease.spent, lease.id, nodeId, true],
    );
    if (raised === 0) {
      const row = await tx.lease.findUnique({ where: { id: lease.id } });
      if (row) {
        if (row.nodeId !== nodeId || row.open) return false;
        await addLate(domain, tx, row, lease);
        return lease.final;
      }
      // Unknown: the database lost it, as after a restore. The node's word holds the escrow, with the identity it was granted under.
      if (!(await adopt(domain, tx, nodeId, lease))) return lease.final;
    }
    return lease.final ? settle(domain, tx, lease.id, 'FINAL') : false;
  }, { timeoutMs: 10_000, isolation: 'ReadCommitted' });
}

/** Closes an open lease once: its slice leaves escrow, what was spent stays. Returns whether it is closed now. */
async function settle(domain: Domain, tx: Tx, id: string, by: 'FINAL' | 'ORPHAN'): Promise<boolean> {
  // Spending that was reported once cannot become none: such a lease is no orphan and stays open until an operator looks at it.
  const unused = by === 'ORPHAN' ? { spentNano: 0n, excessNano: 0n } : {};
  const closed = await tx.lease.updateMany({ where: { id, open: true, ...unused }, data: { open: false, closedBy: by, closedAt: new Date(domain.clock.now()) } });
  if (closed.count !== 1) return by === 'FINAL';
  const lease = await tx.lease.findUniqueOrThrow({ where: { id }, include: { budgets: true } });
  for (const { budgetId } of [...lease.budgets].sort((a, b) => (a.budgetId < b.budgetId ? -1 : 1))) {
    await sql(domain.db.provider).executeRaw(
      tx, 'UPDATE budget SET escrow_nano = escrow_nano - ?, spent_nano = spent_nano + ?, excess_nano = excess_nano + ? WHERE id = ?',
      [lease.grantedNano, lease.spentNano, lease.excessNano, budgetId],
    );
  }
  return true;
}

/** Books what a closed lease turns out to have cost beyond what it was closed with: its slice is gone, so it is excess. */
async function addLate(domain: Domain, tx: Tx, row: Lease, lease: Held): Promise<void> {
  const late = lease.spent + lease.excess - row.spentNano - row.excessNano;
  if (late <= 0n) return;
  // Of two deliveries at once only one finds the row as it was read.
  const raised = await tx.lease.updateMany({ where: { id: row.id, open: false, excessNano: row.excessNano }, data: { excessNano: row.excessNano + late } });
  if (raised.count !== 1) return;
  const portable = sql(domain.db.provider);
  for (const { budgetId } of await tx.leaseBudget.findMany({ where: { leaseId: row.id }, orderBy: { budgetId: 'asc' } })) {
    await portable.executeRaw(tx, 'UPDATE budget SET excess_nano = excess_nano + ? WHERE id = ?', [late, budgetId]);
  }
  domain.log.warn('lease.spent-after-close', { lease: row.id, closedBy: row.closedBy, excessNano: String(late) });
}

async function adopt(domain: Domain, tx: Tx, nodeId: string, lease: Held): Promise<boolean> {
  const key = await tx.key.findUnique({ where: { id: lease.keyId } });
  if (!key) return false;
  const now = domain.clock.now();
  const quotas = await quotasBinding(tx, key);
  const portable = sql(domain.db.provider);
  const inserted = await portable.insertIgnore(
    tx, 'lease', ['id', 'key_id', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'spent_nano', 'excess_nano', 'open', 'created_at'],
    [[lease.id, lease.keyId, nodeId, lease.bootId, lease.reqSeq, lease.granted, lease.spent, lease.excess, true, new Date(now)]],
  );
  if (inserted === 0) return false;
  for (const budget of await openBudgets(tx, quotas, now)) {
    // Without the guard: this money may be spent already, and a limit that is passed must show.
    await portable.executeRaw(tx, 'UPDATE budget SET escrow_nano = escrow_nano + ? WHERE id = ?', [lease.granted, budget.id]);
    await tx.leaseBudget.create({ data: { leaseId: lease.id, budgetId: budget.id } });
  }
  return true;
}

async function closeOrphans(domain: Domain, nodeId: string, report: LeaseReport, held: ReadonlySet<string>): Promise<void> {
  const open = await domain.db.client.lease.findMany({ where: { nodeId, open: true }, select: { id: true, bootId: true, reqSeq: true, createdAt: true }, orderBy: { id: 'asc' } });
  const absent = open.filter((row) => !held.has(row.id));
  if (absent.length === 0) return;
  const heard = (await domain.db.client.fleetNode.findUnique({ where: { id: nodeId }, select: { bootId: true } }))?.bootId ?? report.bootId;
  const sentAfter = domain.clock.now() - underWayMs;
  for (const row of absent) {
    // A lease that is not older than the list may have been granted while the list was on its way. Ids of boots follow the
    // node's clock, which may be set back: so a list counts for other boots only while its own is the one last heard, and
    // for a boot with a later id only when the lease is older than any list that could still be under way.
    const older = row.bootId === report.bootId ? row.reqSeq < report.reqSeq : heard === report.bootId && (row.bootId < report.bootId || row.createdAt.getTime() < sentAfter);
    if (older) await domain.db.transaction((tx) => settle(domain, tx, row.id, 'ORPHAN'), { timeoutMs: 10_000, isolation: 'ReadCommitted' });
  }
}
