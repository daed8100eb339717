import type { Key, Prisma } from '@fairlead/prisma';
import { sql } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import { JsonNull } from '../json.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, checkVersion, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { holdWallet } from '../wallet/move.ts';
import type { OwnFunding } from './create.ts';
import { keyLimitsOf, touchesLimits } from './limits.ts';
import type { KeyLimitsInput } from './limits.ts';

/** Changes to a key: undefined = as it is, null = no limit. */
export interface KeyUpdateInput extends KeyLimitsInput {
  id: string;
  name?: string | null | undefined;
  models?: readonly string[] | null | undefined;
  expiresAt?: Date | null | undefined;
  tags?: readonly string[] | null | undefined;
  replay?: boolean | null | undefined;
  status?: 'ACTIVE' | 'PAUSED' | 'REVOKED' | null | undefined;
  funding?: OwnFunding | null | undefined;
  expectedVersion?: number | null | undefined;
}

/** Changes a key; its secret stays for life. */
export async function updateKey(domain: Domain, actor: Actor, input: KeyUpdateInput): Promise<Result<Key>> {
  requireMember(actor, 'keys:write');
  const walletQuotaId = newId('quota', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const row = await ownKey(command, input.id);
    checkVersion(row.version, input.expectedVersion);
    if (row.status === 'REVOKED') throw new Refused({ code: 'REVOKED', message: 'A revoked key cannot be changed.', path: ['id'], fix: 'Make a new key.' });
    if (row.funding === 'POOL' && touchesLimits(input)) {
      throw new Refused({ code: 'FORBIDDEN', message: 'The limits of an experience key are its campaign\'s.', fix: 'Change the campaign, or make a key of your own.' });
    }
    const checks = new Checks();
    const data: Prisma.KeyUncheckedUpdateInput = { version: { increment: 1 }, updatedAt: command.now, ...keyLimitsOf(checks, input) };
    if (input.name !== undefined && input.name !== null) data.name = checks.name(input.name, ['name']);
    if (input.models !== undefined) data.models = checks.models(input.models, ['models']) ?? JsonNull;
    if (input.clients !== undefined) {
      const clients = checks.clients(input.clients, ['clients']);
      data.clients = clients?.length ? clients : JsonNull;
    }
    if (input.expiresAt !== undefined) data.expiresAt = checks.future(input.expiresAt, ['expiresAt'], command.now.getTime()) ?? null;
    if (input.tags !== undefined) {
      const tags = checks.tags(input.tags, ['tags']);
      data.tags = tags?.length ? tags : JsonNull;
    }
    if (input.funding) {
      if (row.funding === 'POOL') throw new Refused({ code: 'FORBIDDEN', message: 'An experience key is paid by its campaign\'s pool.', path: ['funding'], fix: 'Make a key of your own.' });
      if (input.funding === 'WALLET') await holdWallet(command, sql(domain.db.provider), row.tenantId, walletQuotaId);
      data.funding = input.funding;
    }
    if (input.replay !== undefined && input.replay !== null) data.replay = input.replay;
    if (input.status === 'REVOKED') checks.say(['status'], 'INVALID', 'A key is revoked with keyRevoke.');
    else if (input.status) data.status = input.status;
    checks.done();
    const changed = await command.tx.key.updateMany({ where: { id: row.id, version: row.version }, data });
    if (changed.count !== 1) throw new Refused({ code: 'STALE_VERSION', message: 'It was changed at the same moment.', fix: 'Read it again and repeat the change.' });
    await command.mark('key', row.id);
    await command.audit({ action: 'key.update', objectId: row.id, tenantId: row.tenantId, detail: { fields: Object.keys(data).filter((field) => field !== 'version' && field !== 'updatedAt') } });
    return command.tx.key.findUniqueOrThrow({ where: { id: row.id } });
  }, { propagate: true });
}

/** Ends a key for ever; repeating it changes nothing. */
export async function revokeKey(domain: Domain, actor: Actor, id: string): Promise<Result<Key>> {
  requireMember(actor, 'keys:write');
  return runCommand(domain, actor, async (command) => {
    const row = await ownKey(command, id);
    if (row.status === 'REVOKED') return row;
    const key = await command.tx.key.update({ where: { id }, data: { status: 'REVOKED', version: { increment: 1 } } });
    await command.mark('key', id);
    await command.audit({ action: 'key.revoke', objectId: id, tenantId: row.tenantId, detail: { hint: row.hint } });
    return key;
  }, { propagate: true });
}

async function ownKey(command: Command, id: string): Promise<Key> {
  const member = requireMember(command.actor, 'keys:write');
  const row = await command.tx.key.findUnique({ where: { id } });
  if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('key');
  return row;
}
