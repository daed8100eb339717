import type { PriceMultiplier } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { oneMillionths } from '@fairlead/shared/money/price.ts';
import type { MultiplierSubject } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { Actor } from '../actor.ts';
import { isOperator, requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import type { Unset } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { ownUpstream } from '../upstreams/update.ts';
import { checkMultiplier } from './check-price.ts';

/** What multiplies the charges of exactly one of the three. */
export interface MultiplierSetInput { upstreamId?: string | Unset; tenantId?: string | Unset; keyId?: string | Unset; multiplier: string }

/**
 * Sets what multiplies the charges of an upstream, a tenant or a key from now on; 1 takes it away. A key's own is the
 * operator's to set, not its tags': tags are words that a tenant gives its keys itself, and nobody sets their own price.
 */
export async function setMultiplier(domain: Domain, actor: Actor, input: MultiplierSetInput): Promise<Result<PriceMultiplier | undefined>> {
  requireMember(actor, 'models:write');
  const id = newId('priceMultiplier', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const millionths = checkMultiplier(checks, input.multiplier, ['multiplier']);
    if ([input.upstreamId, input.tenantId, input.keyId].filter(Boolean).length !== 1) checks.say(['upstreamId'], 'INVALID', 'It must name an upstream, a tenant or a key: exactly one of them.');
    checks.done();
    const { subjectKind, subjectId, tenantId } = await subjectOf(command, input);
    const where = { subjectKind_subjectId: { subjectKind, subjectId } };
    const before = await command.tx.priceMultiplier.findUnique({ where });
    const row = await write(command, before, { id, subjectKind, subjectId, millionths });
    await command.mark('price-multiplier', subjectId);
    await command.audit({ action: 'price.multiplier', objectId: subjectId, tenantId, detail: { millionths, before: before?.millionths ?? oneMillionths } });
    return row;
  }, { propagate: true });
}

async function write(command: Command, before: PriceMultiplier | null, row: { id: string; subjectKind: MultiplierSubject; subjectId: string; millionths: number }): Promise<PriceMultiplier | undefined> {
  if (row.millionths === oneMillionths) {
    if (before) await command.tx.priceMultiplier.delete({ where: { id: before.id } });
    return undefined;
  }
  if (before) return command.tx.priceMultiplier.update({ where: { id: before.id }, data: { millionths: row.millionths, version: { increment: 1 } } });
  return command.tx.priceMultiplier.create({ data: { ...row, createdAt: command.now } });
}

async function subjectOf(command: Command, input: MultiplierSetInput): Promise<{ subjectKind: MultiplierSubject; subjectId: string; tenantId: string | null }> {
  if (input.upstreamId) {
    const upstream = await ownUpstream(command, input.upstreamId, ['upstreamId']);
    return { subjectKind: 'UPSTREAM', subjectId: upstream.id, tenantId: upstream.tenantId };
  }
  if (!isOperator(command.actor)) throw new Refused({ code: 'FORBIDDEN', message: 'Only an operator sets what multiplies the charges of a tenant or a key.', path: [input.tenantId ? 'tenantId' : 'keyId'] });
  if (input.tenantId) {
    if (!(await command.tx.tenant.findUnique({ where: { id: input.tenantId }, select: { id: true } }))) throw notFound('tenant', ['tenantId']);
    return { subjectKind: 'TENANT', subjectId: input.tenantId, tenantId: input.tenantId };
  }
  const key = await command.tx.key.findUnique({ where: { id: input.keyId ?? '' }, select: { id: true, tenantId: true } });
  if (!key) throw notFound('key', ['keyId']);
  return { subjectKind: 'KEY', subjectId: key.id, tenantId: key.tenantId };
}

/** The multipliers a reader may see: all for an operator; for others those of the own tenant, its keys, and the upstreams that serve it. */
export async function listMultipliers(domain: Domain, actor: Actor): Promise<PriceMultiplier[]> {
  const member = requireMember(actor, 'models:read');
  const { client } = domain.db;
  const rows = await client.priceMultiplier.findMany({ orderBy: { id: 'asc' } });
  if (member.operator || rows.length === 0) return rows;
  const idsOf = (kind: MultiplierSubject) => rows.filter((row) => row.subjectKind === kind).map((row) => row.subjectId);
  const upstreams = await client.upstream.findMany({ where: { id: { in: idsOf('UPSTREAM') }, OR: [{ tenantId: member.tenantId }, { tenantId: null }] }, select: { id: true } });
  const keys = await client.key.findMany({ where: { id: { in: idsOf('KEY') }, tenantId: member.tenantId }, select: { id: true } });
  const seen = new Set([member.tenantId, ...upstreams.map(({ id }) => id), ...keys.map(({ id }) => id)]);
  return rows.filter((row) => seen.has(row.subjectId));
}
