import type { Quota } from '@fairlead/prisma';
import type { WindowKind } from '@fairlead/shared/time/window.ts';
import type { Command } from '../command.ts';

/** Whose spending a quota limits. */
export type QuotaSubject = 'TENANT' | 'KEY' | 'POOL';

/** A checked quota. */
export interface QuotaRow { id: string; tenantId: string; subjectKind: QuotaSubject; subjectId: string; limitNano: bigint; window: WindowKind; timeZone: string }

/** Sets the quota of a subject for one kind of window; windows that are open take the new limit at once. */
export async function writeQuota(command: Command, row: QuotaRow): Promise<Quota> {
  const { id, limitNano, timeZone, ...rest } = row;
  const existing = await command.tx.quota.findFirst({ where: { subjectKind: row.subjectKind, subjectId: row.subjectId, unit: 'USD', window: row.window } });
  const quota = existing
    ? await command.tx.quota.update({ where: { id: existing.id }, data: { limitNano, timeZone, version: { increment: 1 } } })
    : await command.tx.quota.create({ data: { id, limitNano, timeZone, ...rest, createdAt: command.now } });
  await command.tx.budget.updateMany({ where: { quotaId: quota.id, OR: [{ endsAt: null }, { endsAt: { gt: command.now } }] }, data: { limitNano } });
  // Only the first quota changes what a node sees (that the key needs leases), but a mark that changes nothing costs nothing.
  await command.mark('quota', quota.id);
  return quota;
}
