import type { LedgerEntry, Wallet } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { isId } from '@fairlead/shared/id.ts';
import { usdNano, usdText } from '@fairlead/shared/money/charge.ts';
import type { Actor } from '../actor.ts';
import { requireMember, requireOperator } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { holdWallet, move, movementIds } from './move.ts';
import { noticeLow } from './low.ts';

/** What every movement is told with. */
export interface MovementInput { tenantId?: string | null | undefined; amount: string; reference: string; note?: string | null | undefined }

/** Where credit comes from: paid in, given by the operator, or a share of something. */
export type CreditKind = 'TOP_UP' | 'GRANT' | 'SHARE';

/** Puts money into a wallet. Members may enter what was paid in; only operators give. */
export async function creditWallet(domain: Domain, actor: Actor, input: MovementInput & { kind?: CreditKind | null | undefined }): Promise<Result<LedgerEntry>> {
  const kind = input.kind ?? 'TOP_UP';
  if (kind === 'TOP_UP') requireMember(actor, 'billing:write'); else requireOperator(actor, 'billing:write');
  const ids = movementIds(domain);
  return runCommand(domain, actor, async (command) => {
    const told = checked(input, (checks) => checks.amount(input.amount, ['amount']));
    return move(domain, command, { ...ids, ...told, tenantId: await ownTenant(command, input.tenantId), kind });
  });
}

/** Takes money out of one wallet and puts it into another (operators). */
export async function transferWallet(domain: Domain, actor: Actor, input: Omit<MovementInput, 'tenantId'> & { fromTenantId: string; toTenantId: string }): Promise<Result<LedgerEntry[]>> {
  requireOperator(actor, 'billing:write');
  const ids = { out: movementIds(domain), in: movementIds(domain) };
  return runCommand(domain, actor, async (command) => {
    const told = checked(input, (checks) => checks.amount(input.amount, ['amount']));
    const from = await ownTenant(command, input.fromTenantId, ['fromTenantId']);
    const to = await ownTenant(command, input.toTenantId, ['toTenantId']);
    if (from === to) throw new Refused({ code: 'INVALID', message: 'It must be another tenant.', path: ['toTenantId'] });
    const ends = [{ ...ids.out, ...told, tenantId: from, kind: 'TRANSFER' as const, amountNano: -told.amountNano, otherTenantId: to }, { ...ids.in, ...told, tenantId: to, kind: 'TRANSFER' as const, otherTenantId: from }];
    // Wallets are held in one order, so that two transfers that cross do not wait for each other.
    const entries: LedgerEntry[] = [];
    for (const end of ends.toSorted((a, b) => (a.tenantId < b.tenantId ? -1 : 1))) entries.push(await move(domain, command, end));
    return entries.toSorted((a, b) => (a.amountNano < b.amountNano ? -1 : 1));
  });
}

/** Gives a charge back, in whole or in part, never more than it was (operators). */
export async function refundCharge(domain: Domain, actor: Actor, input: { chargeId: string; amount?: string | null | undefined; reference: string; note?: string | null | undefined }): Promise<Result<LedgerEntry>> {
  requireOperator(actor, 'billing:write');
  const ids = movementIds(domain);
  return runCommand(domain, actor, async (command) => {
    const { tx } = command;
    const charge = isId('usageEvent', input.chargeId) ? await tx.usageEvent.findUnique({ where: { id: input.chargeId } }) : null;
    if (!charge) throw notFound('charge', ['chargeId']);
    const told = checked({ ...input, amount: input.amount ?? usdText(charge.costNano) }, (checks) => checks.amount(input.amount ?? usdText(charge.costNano), ['amount']));
    // Holds the wallet, so that of two refunds at once the second sees the first.
    await holdWallet(command, sql(domain.db.provider), charge.tenantId, ids.quotaId);
    const before = await tx.ledgerEntry.findMany({ where: { chargeId: charge.id, kind: 'REFUND', NOT: { reference: told.reference } } });
    const left = charge.costNano - before.reduce((sum, row) => sum + row.amountNano, 0n);
    if (told.amountNano > left) throw new Refused({ code: 'LIMIT', message: `Of this charge at most $${usdText(left)} can still be given back.`, path: ['amount'] });
    return move(domain, command, { ...ids, ...told, tenantId: charge.tenantId, kind: 'REFUND', chargeId: charge.id });
  });
}

/** Sets a wallet right, up or down, with a reason (operators). */
export async function adjustWallet(domain: Domain, actor: Actor, input: MovementInput): Promise<Result<LedgerEntry>> {
  requireOperator(actor, 'billing:write');
  const ids = movementIds(domain);
  return runCommand(domain, actor, async (command) => {
    const told = checked(input, (checks) => {
      const text = input.amount.trim();
      const nano = usdNano(text.replace(/^-/, ''));
      if (nano === undefined || nano === 0n) checks.say(['amount'], 'INVALID', 'It must be an amount of dollars such as "-0.25", and not zero.');
      return text.startsWith('-') ? -(nano ?? 0n) : nano ?? 0n;
    });
    if (told.note === null) throw new Refused({ code: 'INVALID', message: 'An adjustment needs a note that says why.', path: ['note'] });
    return move(domain, command, { ...ids, ...told, tenantId: await ownTenant(command, input.tenantId), kind: 'ADJUSTMENT' });
  });
}

/** Sets below which balance it is told that a wallet is low; null = never. */
export async function setWallet(domain: Domain, actor: Actor, input: { tenantId?: string | null | undefined; lowBelow?: string | null | undefined }): Promise<Result<Wallet>> {
  requireMember(actor, 'billing:write');
  const { quotaId } = movementIds(domain);
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const lowNano = input.lowBelow === null || input.lowBelow === undefined ? null : checks.amount(input.lowBelow, ['lowBelow'], 0n);
    checks.done();
    const tenantId = await ownTenant(command, input.tenantId);
    const portable = sql(domain.db.provider);
    await holdWallet(command, portable, tenantId, quotaId);
    await command.tx.wallet.update({ where: { tenantId }, data: { lowNano, version: { increment: 1 } } });
    await command.audit({ action: 'wallet.set', objectId: tenantId, tenantId, detail: { lowNano: lowNano === null ? null : String(lowNano) } });
    await noticeLow(command.tx, portable, new Set([tenantId]), command.now);
    return command.tx.wallet.findUniqueOrThrow({ where: { tenantId } });
  });
}

function checked(input: Pick<MovementInput, 'amount' | 'reference' | 'note'>, amountOf: (checks: Checks) => bigint) {
  const checks = new Checks();
  const amountNano = amountOf(checks);
  const reference = checks.name(input.reference, ['reference'], 100);
  const note = input.note === null || input.note === undefined || input.note.trim() === '' ? null : checks.name(input.note, ['note'], 500);
  checks.done();
  return { amountNano, reference, note };
}

async function ownTenant(command: Command, tenantId: string | null | undefined, path = ['tenantId']): Promise<string> {
  const member = requireMember(command.actor, 'billing:write');
  const wanted = tenantId ?? member.tenantId;
  const tenant = wanted === member.tenantId || member.operator ? await command.tx.tenant.findUnique({ where: { id: wanted }, select: { id: true } }) : null;
  if (!tenant) throw notFound('tenant', path);
  return tenant.id;
}
