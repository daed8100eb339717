import type { Quota } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import type { QuotaSubject } from './write.ts';
import { writeQuota } from './write.ts';

/** Exactly one of the three. */
export interface SubjectInput { tenantId?: string | null | undefined; keyId?: string | null | undefined; poolId?: string | null | undefined }

/** What a quota is set with. */
export interface QuotaSetInput { subject: SubjectInput; limit: string; window: string; timeZone?: string | null | undefined }

/** Sets the limit of a subject for one kind of window. */
export async function setQuota(domain: Domain, actor: Actor, input: QuotaSetInput): Promise<Result<Quota>> {
  requireMember(actor, 'quotas:write');
  const id = newId('quota', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const limitNano = checks.amount(input.limit, ['limit'], 0n);
    const window = checks.window(input.window, input.timeZone, []);
    checks.done();
    const subject = await subjectOf(command, input.subject);
    const quota = await writeQuota(command, { id, ...subject, limitNano, ...window });
    await command.audit({ action: 'quota.set', objectId: quota.id, tenantId: subject.tenantId, detail: { subject: subject.subjectId, limitNano: String(limitNano), window: window.window } });
    return quota;
  }, { propagate: true });
}

/** Takes a limit away. */
export async function removeQuota(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  const member = requireMember(actor, 'quotas:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.quota.findUnique({ where: { id } });
    if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('quota');
    if (row.subjectKind === 'POOL' && (await command.tx.quota.count({ where: { subjectKind: 'POOL', subjectId: row.subjectId } })) === 1) {
      throw new Refused({ code: 'IN_USE', message: 'A pool must keep a cap.', path: ['id'], fix: 'Set a higher limit, or pause the pool.' });
    }
    if (row.subjectKind === 'KEY') {
      const key = await command.tx.key.findUnique({ where: { id: row.subjectId } });
      if (key?.funding === 'POOL' && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'The budget of an experience key is its campaign\'s.', path: ['id'] });
    }
    await command.tx.quota.delete({ where: { id } });
    await command.mark('quota', id);
    await command.audit({ action: 'quota.remove', objectId: id, tenantId: row.tenantId, detail: { subject: row.subjectId, window: row.window } });
    return id;
  }, { propagate: true });
}

async function subjectOf(command: Command, input: SubjectInput): Promise<{ subjectKind: QuotaSubject; subjectId: string; tenantId: string }> {
  const member = requireMember(command.actor, 'quotas:write');
  const visible = (tenantId: string) => tenantId === member.tenantId || member.operator;
  if (input.keyId) {
    const key = await command.tx.key.findUnique({ where: { id: input.keyId } });
    if (!key || !visible(key.tenantId)) throw notFound('key', ['subject', 'keyId']);
    if (key.funding === 'POOL' && !member.operator) throw new Refused({ code: 'FORBIDDEN', message: 'The budget of an experience key is its campaign\'s.', path: ['subject', 'keyId'] });
    return { subjectKind: 'KEY', subjectId: key.id, tenantId: key.tenantId };
  }
  if (input.poolId) {
    const pool = await command.tx.pool.findUnique({ where: { id: input.poolId } });
    if (!pool || !member.operator) throw notFound('pool', ['subject', 'poolId']);
    return { subjectKind: 'POOL', subjectId: pool.id, tenantId: pool.tenantId };
  }
  const tenantId = input.tenantId ?? '';
  const tenant = visible(tenantId) ? await command.tx.tenant.findUnique({ where: { id: tenantId } }) : null;
  if (!tenant) throw notFound('tenant', ['subject', 'tenantId']);
  return { subjectKind: 'TENANT', subjectId: tenant.id, tenantId: tenant.id };
}
