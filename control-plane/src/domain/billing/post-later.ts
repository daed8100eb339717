import type { PortableSql, Tx } from '@fairlead/prisma';
import { hourOf } from '../usage/report.ts';
import { chargePostings, payerOf } from './accounts.ts';
import { addToTimes } from './add-to-times.ts';
import { postToAccounts } from './post-to-accounts.ts';

/** A charge that came after its event: by how much the event costs more than it did. */
export interface LaterCharge { eventId: string; startedAt: Date; estimated: boolean; costNano: bigint; excessNano: bigint }

/** Posts charges of events that were posted without a price. The rows of the events must be held: those that nobody has posted yet are posted as they are then, and left out here. */
export async function postLater(tx: Tx, portable: PortableSql, charges: readonly LaterCharge[]): Promise<void> {
  const held = await tx.usageEvent.findMany({ where: { id: { in: charges.map(({ eventId }) => eventId) } }, select: { id: true, centreId: true } });
  const centreOf = new Map(held.flatMap(({ id, centreId }) => (centreId === null ? [] : [[id, centreId] as const])));
  const centres = await tx.costCentre.findMany({ where: { id: { in: [...new Set(centreOf.values())] } }, select: { id: true, tenantId: true, payer: true } });
  const payers = new Map(centres.map((row) => [row.id, row]));
  const posted = charges.flatMap((charge) => {
    const centre = payers.get(centreOf.get(charge.eventId) ?? '');
    return centre ? [{ ...charge, centre }] : [];
  });
  if (posted.length === 0) return;
  await addToTimes(tx, portable, ['cost_nano', 'excess_nano', 'estimated_nano', 'unpriced'], posted.map(({ centre, startedAt, estimated, costNano, excessNano }) => ({ centreId: centre.id, hour: hourOf(startedAt), amounts: [costNano, excessNano, estimated ? costNano : 0n, -1] })));
  await postToAccounts(tx, portable, posted.flatMap(({ centre, costNano, excessNano }) => chargePostings(centre.tenantId, payerOf(centre.payer), costNano, excessNano)));
}
