import { newId } from '@fairlead/shared/id.ts';
import type { PortableSql, Tx } from '@fairlead/prisma';

/** Tells of each wallet that has fallen below its threshold, once: it must rise above before it is told again. Returns whose they are. */
export async function noticeLow(tx: Tx, portable: PortableSql, tenants: ReadonlySet<string>, now: Date): Promise<string[]> {
  const fallen: string[] = [];
  for (const tenantId of [...tenants].sort()) {
    const balance = 'COALESCE((SELECT balance_nano FROM account_balance WHERE tenant_id = wallet.tenant_id AND account = \'WALLET\'), 0)';
    const told = await portable.executeRaw(tx, `UPDATE wallet SET low = ? WHERE tenant_id = ? AND low = ? AND low_nano IS NOT NULL AND ${balance} < low_nano`, [true, tenantId, false]);
    if (told === 1) {
      fallen.push(tenantId);
      await tx.auditEntry.create({ data: { id: newId('audit', now.getTime()), tenantId, actorKind: 'SYSTEM', action: 'wallet.low', objectId: tenantId, createdAt: now } });
      continue;
    }
    await portable.executeRaw(tx, `UPDATE wallet SET low = ? WHERE tenant_id = ? AND low = ? AND (low_nano IS NULL OR ${balance} >= low_nano)`, [false, tenantId, true]);
  }
  return fallen;
}
