import type { Key } from '@fairlead/prisma';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { digestOf } from '../../crypto/digest.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';

/**
 * Makes an experience key the member's own. The secret stays the same. Within the tenant that issued it the key just
 * gains an owner; another tenant's member takes it along, with its campaign's money and history of what comes from now on.
 */
export async function claimKey(domain: Domain, actor: Actor, code: string): Promise<Result<Key>> {
  const member = requireMember(actor, 'keys:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.key.findUnique({ where: { claimDigest: digestOf(code.trim()) } });
    if (!row) throw new Refused({ code: 'NOT_FOUND', message: 'This claim code is not known here.', path: ['code'], fix: 'Copy the whole link again.' });
    if (row.claimedAt) {
      if (row.memberId === member.memberId) return row;
      throw new Refused({ code: 'USED', message: 'Somebody has claimed this key already.', path: ['code'] });
    }
    if (row.status === 'REVOKED') throw new Refused({ code: 'REVOKED', message: 'This key was revoked.', path: ['code'] });
    if (row.expiresAt && row.expiresAt <= command.now) throw new Refused({ code: 'EXPIRED', message: 'This key has expired.', path: ['code'] });
    const claimed = await command.tx.key.updateMany({
      where: { id: row.id, claimedAt: null },
      data: { claimedAt: command.now, memberId: member.memberId, tenantId: member.tenantId, version: { increment: 1 }, updatedAt: command.now },
    });
    if (claimed.count !== 1) throw new Refused({ code: 'USED', message: 'Somebody has claimed this key already.', path: ['code'] });
    await command.tx.quota.updateMany({ where: { subjectKind: 'KEY', subjectId: row.id }, data: { tenantId: member.tenantId } });
    await command.mark('key', row.id);
    await command.audit({ action: 'key.claim', objectId: row.id, tenantId: member.tenantId, detail: { hint: row.hint } });
    return command.tx.key.findUniqueOrThrow({ where: { id: row.id } });
  }, { propagate: true });
}

/** The link with which people claim a key. */
export function claimUrl(domain: Domain, code: Secret): string {
  return `${domain.places.publicUrl()}/claim/${code.reveal()}`;
}
