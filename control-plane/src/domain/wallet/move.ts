import type { LedgerEntry } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import { movementPostings } from '../billing/accounts.ts';
import type { MovementKind } from '../billing/accounts.ts';
import { postToAccounts } from '../billing/post-to-accounts.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import { noticeLow } from './low.ts';

/** One movement of money into a tenant's wallet, or out of it when the amount is below zero. */
export interface Movement { id: string; quotaId: string; tenantId: string; kind: MovementKind; amountNano: bigint; reference: string; note: string | null; chargeId?: string; otherTenantId?: string }

/** New ids for a movement; they are made before the transaction, which may run several times. */
export function movementIds(domain: Domain): { id: string; quotaId: string } {
  return { id: newId('ledgerEntry', domain.clock.now()), quotaId: newId('quota', domain.clock.now()) };
}

/**
 * Makes a tenant's wallet when there is none yet: the row, and the quota whose limit is what was paid in. It holds the
 * quota's row from then on, so that movements of one wallet come one after another.
 */
export async function holdWallet(command: Command, portable: ReturnType<typeof sql>, tenantId: string, quotaId: string): Promise<string> {
  const { tx, now } = command;
  const hold = () => portable.executeRaw(tx, 'UPDATE quota SET version = version + 1, updated_at = ? WHERE subject_kind = ? AND subject_id = ?', [now, 'WALLET', tenantId]);
  if ((await hold()) === 0) {
    await tx.quota.create({ data: { id: quotaId, tenantId, subjectKind: 'WALLET', subjectId: tenantId, window: 'TOTAL', timeZone: 'UTC', limitNano: 0n, createdAt: now } });
    await tx.wallet.create({ data: { tenantId, createdAt: now } });
    await command.mark('quota', quotaId);
    await hold();
  }
  return (await tx.quota.findFirstOrThrow({ where: { subjectKind: 'WALLET', subjectId: tenantId }, select: { id: true } })).id;
}

/**
 * Moves money: the wallet's limit and the ledger change in one transaction. A reference moves money once; the same
 * movement again answers with the first one's entry. What is spent or held cannot be taken out.
 */
export async function move(domain: Domain, command: Command, movement: Movement): Promise<LedgerEntry> {
  const { tx, now } = command;
  const portable = sql(domain.db.provider);
  const quotaId = await holdWallet(command, portable, movement.tenantId, movement.quotaId);
  const done = await tx.ledgerEntry.findUnique({ where: { tenantId_reference: { tenantId: movement.tenantId, reference: movement.reference } } });
  if (done) {
    if (done.kind === movement.kind && done.amountNano === movement.amountNano && (done.otherTenantId ?? undefined) === movement.otherTenantId && (done.chargeId ?? undefined) === movement.chargeId) return done;
    throw new Refused({ code: 'TAKEN', message: 'This reference has moved other money already.', path: ['reference'], fix: 'Use a reference of its own for each movement.' });
  }
  await changeLimit(command, portable, quotaId, movement.amountNano);
  const postings = movementPostings(movement.tenantId, movement.kind, movement.amountNano);
  const memberId = command.actor.kind === 'MEMBER' || command.actor.kind === 'TOKEN' ? command.actor.memberId : null;
  const entry = await tx.ledgerEntry.create({
    data: {
      id: movement.id, tenantId: movement.tenantId, kind: movement.kind, reference: movement.reference, note: movement.note, memberId, chargeId: movement.chargeId ?? null, otherTenantId: movement.otherTenantId ?? null, amountNano: movement.amountNano, createdAt: now,
      postings: { create: postings },
    },
  });
  await postToAccounts(tx, portable, postings);
  await noticeLow(tx, portable, new Set([movement.tenantId]), now);
  await command.audit({ action: `wallet.${movement.kind.toLowerCase().replace('_', '-')}`, objectId: entry.id, tenantId: movement.tenantId, detail: { amountNano: String(movement.amountNano), reference: movement.reference } });
  return entry;
}

async function changeLimit(command: Command, portable: ReturnType<typeof sql>, quotaId: string, amountNano: bigint): Promise<void> {
  const { tx } = command;
  const short = (leftNano: bigint) => new Refused({ code: 'LIMIT', message: `The wallet has only $${usdText(leftNano)} that is neither spent nor held.`, path: ['amount'] });
  const [budget] = await tx.budget.findMany({ where: { quotaId } });
  if (budget) {
    const changed = await portable.executeRaw(tx, 'UPDATE budget SET limit_nano = limit_nano + ? WHERE id = ? AND limit_nano + ? >= spent_nano + escrow_nano', [amountNano, budget.id, amountNano]);
    // More may always come in, also where what was spent is beyond the limit.
    if (changed !== 1 && amountNano < 0n) throw short(budget.limitNano - budget.spentNano - budget.escrowNano);
    if (changed !== 1) await portable.executeRaw(tx, 'UPDATE budget SET limit_nano = limit_nano + ? WHERE id = ?', [amountNano, budget.id]);
  }
  const held = await portable.executeRaw(tx, 'UPDATE quota SET limit_nano = limit_nano + ? WHERE id = ? AND limit_nano + ? >= 0', [amountNano, quotaId, amountNano]);
  if (held !== 1) throw short((await tx.quota.findUniqueOrThrow({ where: { id: quotaId } })).limitNano);
}
