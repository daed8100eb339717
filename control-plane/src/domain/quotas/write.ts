import type { Quota } from '@fairlead/prisma';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { WindowKind } from '@fairlead/shared/time/window.ts';
import type { Command } from '../command.ts';
import type { QuotaSubject, WhenUnreachable } from './subjects.ts';

/** A checked quota; `limitNano` counts in its unit, which is USD unless told otherwise. */
export interface QuotaRow { id: string; tenantId: string; subjectKind: QuotaSubject; subjectId: string; unit?: QuotaUnit; limitNano: bigint; window: WindowKind; timeZone: string; /** Absent = as it was, REFUSE for a new one. */ whenUnreachable?: WhenUnreachable | undefined }

/** Sets the quota of a subject for one unit and kind of window; windows that are open take the new limit at once. */
export async function writeQuota(command: Command, row: QuotaRow): Promise<Quota> {
  const { id, limitNano, timeZone, whenUnreachable, ...rest } = row;
  const unreached = whenUnreachable === undefined ? {} : { whenUnreachable };
  const existing = await command.tx.quota.findFirst({ where: { subjectKind: row.subjectKind, subjectId: row.subjectId, unit: row.unit ?? 'USD', window: row.window } });
  const quota = existing
    ? await command.tx.quota.update({ where: { id: existing.id }, data: { limitNano, timeZone, ...unreached, version: { increment: 1 } } })
    : await command.tx.quota.create({ data: { id, limitNano, timeZone, ...unreached, ...rest, createdAt: command.now } });
  await command.tx.budget.updateMany({ where: { quotaId: quota.id, OR: [{ endsAt: null }, { endsAt: { gt: command.now } }] }, data: { limitNano } });
  // Only the first quota of a unit changes what a node sees (that leases are needed), but a mark that changes nothing costs nothing.
  await command.mark('quota', quota.id);
  if (row.subjectKind === 'KEY') await command.mark('key', row.subjectId);
  return quota;
}
