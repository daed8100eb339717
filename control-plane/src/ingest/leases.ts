import type { Budget, Key, Quota, Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { ledgerRules } from '@fairlead/shared/lease/ledger.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import { readPurse } from '@fairlead/shared/lease/purse.ts';
import type { WrittenPurse } from '@fairlead/shared/lease/purse.ts';
import type { Actor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { liveWithinMs } from '../domain/nodes/live.ts';
import type { Result } from '../domain/problem.ts';
import { isHolder, quotasOfPurse } from '../domain/quotas/purses.ts';
import { windowOf } from '../domain/quotas/reads.ts';
import { forgetOldParts, freesAt, isRolling, rollingSpent } from '../domain/quotas/rolling.ts';
import { isClosedLease, learn } from './learning.ts';

/** A lease, or why there is none. */
export interface LeaseAnswer { lease?: LeaseGrant; denial?: LeaseDenial }

/** Ends a transaction in which one of the budgets had not enough left: the slices taken from the others go back. */
class Spent extends Error {
  readonly subject: string;
  /** Epoch ms at which there will be room; nothing when that is never. */
  readonly resetsAt: number | undefined;
  constructor(subject: string, resetsAt: number | undefined) { super('spent'); this.subject = subject; this.resetsAt = resetsAt; }
}

/** A wish as it comes, its purse in either form. */
export type WrittenAsk = Omit<LeaseAsk, 'holderId' | 'unit'> & WrittenPurse;

/**
 * Grants a slice of every budget that binds a purse, or of none. Each slice is added and then looked at while its row is
 * locked, so the sum of what is spent and held never exceeds a limit, whoever else asks. The same wish gets the same lease.
 */
export async function requestLease(domain: Domain, actor: Actor, written: WrittenAsk): Promise<Result<LeaseAnswer>> {
  const node = requireNode(actor);
  const need = amount(written.needNano);
  const wish = amount(written.wantNano);
  if (need === undefined || wish === undefined || need === 0n) return { ok: false, problems: [{ code: 'INVALID', message: 'Amounts are whole numbers as text (nano-dollars, tokens or requests), and the need is more than zero.', path: ['needNano'] }] };
  if (!isBoot(written.bootId)) return { ok: false, problems: [{ code: 'INVALID', message: 'It must be the id of a start of the node.', path: ['bootId'] }] };
  const purse = readPurse(written);
  if (!purse) return { ok: false, problems: [{ code: 'INVALID', message: 'It must name the key, upstream or credential that the lease is for.', path: ['holderId'] }] };
  const missing = answer({ denial: { code: 'quota.missing', subject: purse.holderId.slice(0, 64) } });
  if (!isHolder(purse.holderId)) return missing;
  const ask: LeaseAsk = { ...purse, bootId: written.bootId, reqSeq: written.reqSeq, needNano: written.needNano, wantNano: written.wantNano };
  const want = wish > need ? wish : need;
  if (written.closedLeaseId !== undefined && !(await isClosedLease(domain, node.id, written.closedLeaseId))) return answer({ denial: { code: 'ledger.behind', subject: 'NODE' } });
  await learn(domain);
  const id = newId('lease', domain.clock.now());
  const now = domain.clock.now();
  const found = await quotasOfPurse(domain.db.client, purse);
  if (!found || (found.key && !(await isFundable(domain, found.key, now)))) return missing;
  const { quotas } = found;
  // A wallet that was never made is empty, not endless.
  if (found.key?.funding === 'WALLET' && purse.unit === 'USD' && !quotas.some((quota) => quota.subjectKind === 'WALLET')) return missing;
  await ensureWindows(domain, quotas, now);
  // First what would serve for a while, then what the request at hand needs and not a grain more.
  for (const size of [await generous(domain, quotas, need, want, now), need]) {
    try {
      const lease = await domain.db.transaction((tx) => grant(domain, tx, { id, nodeId: node.id, ask, size, quotas, now }), { timeoutMs: 10_000, isolation: 'ReadCommitted' });
      return lease.open ? answer({ lease: lease.grant }) : missing;
    } catch (cause) {
      if (!(cause instanceof Spent)) throw cause;
      if (size === need) {
        return answer({ denial: { code: 'quota.spent', subject: cause.subject, ...(cause.resetsAt === undefined ? {} : { resetsAt: cause.resetsAt }) } });
      }
    }
  }
  return missing;
}

const answer = (value: LeaseAnswer): Result<LeaseAnswer> => ({ ok: true, value, warnings: [] });

/** A whole amount from its text. */
export function amount(text: string): bigint | undefined {
  return /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
}

/** Whether a text can be the id of a start of a node. */
export function isBoot(text: string): boolean {
  return /^[\w-]{1,60}$/.test(text);
}

async function isFundable(domain: Domain, key: Key, now: number): Promise<boolean> {
  if (key.status === 'REVOKED' || (key.expiresAt && key.expiresAt.getTime() <= now)) return false;
  const tenant = await domain.db.client.tenant.findUnique({ where: { id: key.tenantId }, select: { status: true } });
  if (tenant?.status !== 'ACTIVE') return false;
  if (key.funding !== 'POOL' || key.poolId === null) return true;
  const pool = await domain.db.client.pool.findUnique({ where: { id: key.poolId }, select: { status: true } });
  return pool?.status === 'ACTIVE';
}

/** Makes the rows of the windows that are open now; those that are there stay as they are. */
export async function ensureWindows(domain: Domain, quotas: readonly Quota[], now: number): Promise<void> {
  const windows = quotas.map((quota) => ({ quota, window: windowOf(quota, now) }));
  const there = await domain.db.client.budget.findMany({ where: { OR: windows.map(({ quota, window }) => ({ quotaId: quota.id, windowKey: window.key })) }, select: { quotaId: true } });
  const known = new Set(there.map((row) => row.quotaId));
  const missing = windows.filter(({ quota }) => !known.has(quota.id));
  if (missing.length === 0) return;
  const portable = sql(domain.db.provider);
  await domain.db.transaction(async (tx) => {
    for (const { quota, window } of missing) {
      // Holds the quota's row: a limit that is set at the same moment is either read here, or finds the window made here.
      await portable.executeRaw(tx, 'UPDATE quota SET version = version WHERE id = ?', [quota.id]);
      const current = await tx.quota.findUnique({ where: { id: quota.id }, select: { limitNano: true } });
      if (!current) continue;
      await portable.insertIgnore(
        tx, 'budget', ['id', 'quota_id', 'window_key', 'starts_at', 'ends_at', 'limit_nano', 'spent_nano', 'escrow_nano', 'excess_nano', 'created_at'],
        [[newId('budget', now), quota.id, window.key, new Date(window.startsAt), window.endsAt === null ? null : new Date(window.endsAt), current.limitNano, 0n, 0n, 0n, new Date(now)]],
      );
    }
  }, { timeoutMs: 10_000, isolation: 'ReadCommitted' });
}

/** The budgets of the windows that are open now, in the order in which every transaction locks them. */
export function openBudgets(tx: Pick<Tx, 'budget'>, quotas: readonly Quota[], now: number): Promise<Budget[]> {
  if (quotas.length === 0) return Promise.resolve([]);
  return tx.budget.findMany({ where: { OR: quotas.map((quota) => ({ quotaId: quota.id, windowKey: windowOf(quota, now).key })) }, orderBy: { id: 'asc' } });
}

/** What a node may hold at once. */
async function generous(domain: Domain, quotas: readonly Quota[], need: bigint, want: bigint, now: number): Promise<bigint> {
  const live = await domain.db.client.fleetNode.count({ where: { status: 'ACTIVE', lastSeenAt: { gt: new Date(now - liveWithinMs) } } });
  return ledgerRules.sizeOf(await openBudgets(domain.db.client, quotas, now), need, want, live);
}

interface Granting { id: string; nodeId: string; ask: LeaseAsk; size: bigint; quotas: readonly Quota[]; now: number }

async function grant(domain: Domain, tx: Tx, { id, nodeId, ask, size, quotas, now }: Granting): Promise<{ open: boolean; grant: LeaseGrant }> {
  const portable = sql(domain.db.provider);
  // The lease goes in first: of two deliveries of one wish the second waits here, and then finds the first one's lease.
  const inserted = await portable.insertIgnore(
    tx, 'lease', ['id', 'holder_id', 'unit', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'spent_nano', 'excess_nano', 'open', 'created_at'],
    [[id, ask.holderId, ask.unit, nodeId, ask.bootId, ask.reqSeq, size, 0n, 0n, true, new Date(now)]],
  );
  if (inserted === 0) {
    const lease = await tx.lease.findFirstOrThrow({ where: { nodeId, bootId: ask.bootId, reqSeq: ask.reqSeq, holderId: ask.holderId, unit: ask.unit }, include: { budgets: { include: { budget: true } } } });
    return { open: lease.open, grant: grantOf(ask, lease.id, lease.grantedNano, lease.budgets.map((row) => row.budget)) };
  }
  const budgets = await openBudgets(tx, quotas, now);
  for (const budget of budgets) {
    // Taken first and looked at then: from the UPDATE on nobody else moves the row, so what is read here is what counts.
    await portable.executeRaw(tx, 'UPDATE budget SET escrow_nano = escrow_nano + ? WHERE id = ?', [size, budget.id]);
    const taken = await tx.budget.findUnique({ where: { id: budget.id } });
    if (!taken) continue; // its limit was taken away at this moment: it binds nobody any more
    const quota = quotas.find(({ id: quotaId }) => quotaId === budget.quotaId);
    const parts = quota && isRolling(quota) ? await forgetOldParts(tx, taken, now) : undefined;
    const spentNano = parts ? rollingSpent(parts, now) : taken.spentNano;
    if (!ledgerRules.holds({ ...taken, spentNano })) {
      const room = taken.limitNano - spentNano - taken.escrowNano + size;
      throw new Spent(quota?.subjectId ?? ask.holderId, parts ? freesAt(parts, room, size) : taken.endsAt?.getTime());
    }
    await tx.leaseBudget.create({ data: { leaseId: id, budgetId: budget.id } });
  }
  return { open: true, grant: grantOf(ask, id, size, budgets) };
}

function grantOf(ask: LeaseAsk, leaseId: string, grantedNano: bigint, budgets: readonly Budget[]): LeaseGrant {
  const ends = budgets.flatMap((budget) => (budget.endsAt === null ? [] : [budget.endsAt.getTime()]));
  return { leaseId, holderId: ask.holderId, unit: ask.unit, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: String(grantedNano), ...(ends.length === 0 ? {} : { usableUntil: Math.min(...ends) }) };
}
