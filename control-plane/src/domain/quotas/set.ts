import type { Quota } from '@fairlead/prisma';
import { newId } from '@fairlead/shared/id.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { Actor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Command } from '../command.ts';
import type { Domain } from '../domain.ts';
import { Refused, notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { findSubject, mayRemove } from './find-subject.ts';
import type { SubjectInput } from './find-subject.ts';
import { windowOf } from './reads.ts';
import { isOwnMoney } from './subjects.ts';
import type { Subject, WhenUnreachable } from './subjects.ts';
import { noteThresholds } from './thresholds.ts';
import { writeQuota } from './write.ts';

/** What a quota is set with; the limit in its unit, which is USD when left out. */
export interface QuotaSetInput { subject: SubjectInput; limit: string; unit?: QuotaUnit | null | undefined; window: string; timeZone?: string | null | undefined; /** As it was when left out; a new one refuses. */ whenUnreachable?: WhenUnreachable | null | undefined }

/** Sets the limit of a subject for one unit and one kind of window. */
export async function setQuota(domain: Domain, actor: Actor, input: QuotaSetInput): Promise<Result<Quota>> {
  requireMember(actor, 'quotas:write');
  const id = newId('quota', domain.clock.now());
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const unit = input.unit ?? 'USD';
    const limitNano = unit === 'USD' ? checks.amount(input.limit, ['limit'], 0n) : checks.whole(input.limit, ['limit'], unit);
    const window = checks.window(input.window, input.timeZone, []);
    checks.done();
    const subject = await findSubject(command, input.subject);
    if (input.whenUnreachable === 'SERVE' && !(await isOwn(command, subject))) throw new Refused({ code: 'FORBIDDEN', message: 'Sponsored money is never spent uncovered: pools, campaigns and their keys, and wallets, are refused while no budget can be asked for.', path: ['whenUnreachable'], fix: 'Leave it out, or set it on a limit of your own.' });
    const quota = await writeQuota(command, { id, ...subject, unit, limitNano, ...window, whenUnreachable: input.whenUnreachable ?? undefined });
    // A limit that is lowered may be reached by that alone.
    for (const { id: budgetId } of await command.tx.budget.findMany({ where: { quotaId: quota.id, windowKey: windowOf(quota, command.now.getTime()).key }, select: { id: true } })) await noteThresholds(domain, command.tx, budgetId);
    await command.audit({ action: 'quota.set', objectId: quota.id, tenantId: subject.tenantId, detail: { subject: subject.subjectId, ...limitDetail(unit, limitNano), window: window.window, ...(input.whenUnreachable ? { whenUnreachable: input.whenUnreachable } : {}) } });
    return quota;
  }, { propagate: true });
}

/** Whether what a subject spends is its owner's own money. */
async function isOwn(command: Command, { subjectKind, subjectId }: Subject): Promise<boolean> {
  if (subjectKind !== 'KEY') return subjectKind !== 'POOL' && subjectKind !== 'CAMPAIGN' && subjectKind !== 'WALLET';
  return isOwnMoney(await command.tx.key.findUniqueOrThrow({ where: { id: subjectId }, select: { funding: true } }));
}

/** A limit as the audit writes it. Pure. */
export function limitDetail(unit: string, limit: bigint): Record<string, string> {
  return unit === 'USD' ? { limitNano: String(limit) } : { unit, limit: String(limit) };
}

/** Takes a limit away. */
export async function removeQuota(domain: Domain, actor: Actor, id: string): Promise<Result<string>> {
  const member = requireMember(actor, 'quotas:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.quota.findUnique({ where: { id } });
    if (!row || (row.tenantId !== member.tenantId && !member.operator)) throw notFound('quota');
    await mayRemove(command, row);
    await command.tx.quota.delete({ where: { id } });
    await command.mark('quota', id);
    if (row.subjectKind === 'KEY') await command.mark('key', row.subjectId);
    await command.audit({ action: 'quota.remove', objectId: id, tenantId: row.tenantId, detail: { subject: row.subjectId, window: row.window, ...(row.unit === 'USD' ? {} : { unit: row.unit }) } });
    return id;
  }, { propagate: true });
}
