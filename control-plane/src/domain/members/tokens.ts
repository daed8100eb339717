import type { ManagementToken } from '@fairlead/prisma';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { isScope, requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { mint } from '../keys/mint.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';

/** What a management token is made from. */
export interface ManagementTokenInput { name: string; scopes: readonly string[]; expiresInDays?: number | null | undefined }

/** Makes a token that acts as its member; it can have fewer rights, never more, and never calls a model. */
export async function createManagementToken(domain: Domain, actor: Actor, input: ManagementTokenInput): Promise<Result<{ row: ManagementToken; secret: Secret }>> {
  const member = requireMember(actor, 'tokens:write');
  const id = newId('managementToken', domain.clock.now());
  const minted = mint('managementToken');
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const name = checks.name(input.name, ['name']);
    const days = checks.count(input.expiresInDays ?? 90, ['expiresInDays'], 1, 366) ?? 90;
    if (input.scopes.length === 0) checks.say(['scopes'], 'INVALID', 'It must name at least one right, such as "keys:read", or "*".');
    input.scopes.forEach((scope, at) => { if (!isScope(scope)) checks.say(['scopes', String(at)], 'INVALID', `"${scope.slice(0, 40)}" is not a right.`); });
    // A stolen token must not make itself a stronger successor.
    if (actor.kind === 'TOKEN' && !member.scopes.includes('*')) {
      const missing = input.scopes.filter((scope) => !member.scopes.includes(scope));
      if (missing.length > 0) throw new Refused({ code: 'FORBIDDEN', message: `A token cannot give rights that it lacks: ${missing.join(', ').slice(0, 200)}.`, path: ['scopes'] });
    }
    checks.done();
    const row = await command.tx.managementToken.create({
      data: { id, memberId: member.memberId, name, hint: minted.hint, digest: minted.digest, scopes: [...new Set(input.scopes)], expiresAt: new Date(command.now.getTime() + days * 86_400_000), createdAt: command.now },
    });
    await command.audit({ action: 'managementToken.create', objectId: id, tenantId: member.tenantId, detail: { name, hint: minted.hint, scopes: [...input.scopes] } });
    return { row, secret: minted.secret };
  });
}

/** Ends a token; one's own, or as an owner or admin anyone's in the tenant. */
export async function revokeManagementToken(domain: Domain, actor: Actor, id: string): Promise<Result<ManagementToken>> {
  const member = requireMember(actor, 'tokens:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.managementToken.findUnique({ where: { id }, include: { member: true } });
    const reachable = row && (row.memberId === member.memberId || member.operator || (row.member.tenantId === member.tenantId && (member.role === 'OWNER' || member.role === 'ADMIN')));
    if (!row || !reachable) throw notFound('management token');
    const revoked = await command.tx.managementToken.update({ where: { id }, data: { revokedAt: row.revokedAt ?? command.now } });
    await command.audit({ action: 'managementToken.revoke', objectId: id, tenantId: row.member.tenantId, detail: { hint: row.hint } });
    return revoked;
  });
}
