import type { Budget, Key, Quota, Tx } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { isId, newId } from '@fairlead/shared/id.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { Actor } from '../domain/actor.ts';
import { requireNode } from '../domain/actor.ts';
import type { Domain } from '../domain/domain.ts';
import { liveWithinMs } from '../domain/nodes/live.ts';
import type { Result } from '../domain/problem.ts';
import { windowOf } from '../domain/quotas/reads.ts';

/** A lease, or why there is none. */
export interface LeaseAnswer { lease?: LeaseGrant; denial?: LeaseDenial }

/** Ends a transaction in which one of the budgets had not enough left: the slices taken from the others go back. */
class Spent extends Error {
  readonly budget: Budget;
  readonly subject: string;
  constructor(budget: Budget, subject: string) { super('spent'); this.budget = budget; this.subject = subject; }
}

/**
 * Grants a slice of every budget that binds a key, or of none. Each slice is taken by one conditional UPDATE, so the sum
 * of what is spent and held never exceeds a limit, whoever else asks. The same wish gets the same lease.
 */
export async function requestLease(domain: Domain, actor: Actor, ask: LeaseAsk): Promise<Result<LeaseAnswer>> {
  const node = requireNode(actor);
  const need = amount(ask.needNano);
  const wish = amount(ask.wantNano);
  if (need === undefined || wish === undefined || need === 0n) return { ok: false, problems: [{ code: 'INVALID', message: 'Amounts are whole nano-dollars as text, and the need is more than zero.', path: ['needNano'] }] };
  if (!isBoot(ask.bootId)) return { ok: false, problems: [{ code: 'INVALID', message: 'It must be the id of a start of the node.', path: ['bootId'] }] };
  if (!isId('key', ask.keyId)) return answer({ denial: { code: 'quota.missing', subject: ask.keyId } });
  const want = wish > need ? wish : need;
  const id = newId('lease', domain.clock.now());
  const now = domain.clock.now();
  const key = await domain.db.client.key.findUnique({ where: { id: ask.keyId } });
  const quotas = key && (await isFundable(domain, key, now)) ? await quotasBinding(domain.db.client, key) : undefined;
  if (!key || !quotas) return answer({ denial: { code: 'quota.missing', subject: ask.keyId } });
  await ensureWindows(domain, quotas, now);
  // First what would serve for a while, then what the request at hand needs and not a nano more.
  for (const size of [await generous(domain, quotas, need, want, now), need]) {
    try {
      const lease = await domain.db.transaction((tx) => grant(domain, tx, { id, nodeId: node.id, ask, size, quotas, now }), { timeoutMs: 10_000, isolation: 'ReadCommitted' });
      return answer(lease.open ? { lease: lease.grant } : { denial: { code: 'quota.missing', subject: ask.keyId } });
    } catch (cause) {
      if (!(cause instanceof Spent)) throw cause;
      if (size === need) {
        return answer({ denial: { code: 'quota.spent', subject: cause.subject, ...(cause.budget.endsAt === null ? {} : { resetsAt: cause.budget.endsAt.getTime() }) } });
      }
    }
  }
  return answer({ denial: { code: 'quota.missing', subject: ask.keyId } });
}

const answer = (value: LeaseAnswer): Result<LeaseAnswer> => ({ ok: true, value, warnings: [] });

/** A whole amount of nano-dollars from its text. */
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

/** The quotas that bind a key: its own, its pool's and its tenant's. */
export function quotasBinding(tx: Pick<Tx, 'quota'>, key: Pick<Key, 'id' | 'tenantId' | 'funding' | 'poolId'>): Promise<Quota[]> {
  const subjects = [{ subjectKind: 'KEY', subjectId: key.id }, { subjectKind: 'TENANT', subjectId: key.tenantId }];
  if (key.funding === 'POOL' && key.poolId !== null) subjects.push({ subjectKind: 'POOL', subjectId: key.poolId });
  return tx.quota.findMany({ where: { OR: subjects }, orderBy: { id: 'asc' } });
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

/** What a node may hold at once: what it wants, but not more than its share of what the tightest budget has left. */
async function generous(domain: Domain, quotas: readonly Quota[], need: bigint, want: bigint, now: number): Promise<bigint> {
  const live = await domain.db.client.fleetNode.count({ where: { status: 'ACTIVE', lastSeenAt: { gt: new Date(now - liveWithinMs) } } });
  let size = want;
  for (const budget of await openBudgets(domain.db.client, quotas, now)) {
    const share = (budget.limitNano - budget.spentNano - budget.escrowNano) / (2n * BigInt(Math.max(live, 1)));
    if (share < size) size = share;
  }
  return size > need ? size : need;
}

interface Granting { id: string; nodeId: string; ask: LeaseAsk; size: bigint; quotas: readonly Quota[]; now: number }

async function grant(domain: Domain, tx: Tx, { id, nodeId, ask, size, quotas, now }: Granting): Promise<{ open: boolean; grant: LeaseGrant }> {
  const portable = sql(domain.db.provider);
  // The lease goes in first: of two deliveries of one wish the second waits here, and then finds the first one's lease.
  const inserted = await portable.insertIgnore(
    tx, 'lease', ['id', 'key_id', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'spent_nano', 'excess_nano', 'open', 'created_at'],
    [[id, ask.keyId, nodeId, ask.bootId, ask.reqSeq, size, 0n, 0n, true, new Date(now)]],
  );
  if (inserted === 0) {
    const lease = await tx.lease.findFirstOrThrow({ where: { nodeId, bootId: ask.bootId, reqSeq: ask.reqSeq, keyId: ask.keyId }, include: { budgets: { include: { budget: true } } } });
    return { open: lease.open, grant: grantOf(ask, lease.id, lease.grantedNano, lease.budgets.map((row) => row.budget)) };
  }
  const budgets = await openBudgets(tx, quotas, now);
  for (const budget of budgets) {
    const taken = await portable.executeRaw(tx, 'UPDATE budget SET escrow_nano = escrow_nano + ? WHERE id = ? AND spent_nano + escrow_nano + ? <= limit_nano', [size, budget.id, size]);
    if (taken !== 1) throw new Spent(budget, quotas.find((quota) => quota.id === budget.quotaId)?.subjectId ?? ask.keyId);
    await tx.leaseBudget.create({ data: { leaseId: id, budgetId: budget.id } });
  }
  return { open: true, grant: grantOf(ask, id, size, budgets) };
}

function grantOf(ask: LeaseAsk, leaseId: string, grantedNano: bigint, budgets: readonly Budget[]): LeaseGrant {
  const ends = budgets.flatMap((budget) => (budget.endsAt === null ? [] : [budget.endsAt.getTime()]));
  return { leaseId, keyId: ask.keyId, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: String(grantedNano), ...(ends.length === 0 ? {} : { usableUntil: Math.min(...ends) }) };
}
