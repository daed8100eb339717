import type { PortableSql, Tx } from '@fairlead/prisma';
import { hourOf } from '../usage/report.ts';
import { chargePostings, payerOf } from './accounts.ts';
import { addToLabels, chargeLabels } from './add-to-labels.ts';
import { addToTimes } from './add-to-times.ts';
import { postToAccounts } from './post-to-accounts.ts';

const addedLater = ['cost_nano', 'excess_nano', 'estimated_nano', 'unpriced'] as const;

/** A charge that came after its event: by how much the event costs more than it did. */
export interface LaterCharge { eventId: string; startedAt: Date; estimated: boolean; costNano: bigint; excessNano: bigint }

/** Posts charges of events that were posted without a price. The rows of the events must be held: those that nobody has posted yet are posted as they are then, and left out here. */
export async function postLater(tx: Tx, portable: PortableSql, charges: readonly LaterCharge[]): Promise<void> {
  const held = await tx.usageEvent.findMany({ where: { id: { in: charges.map(({ eventId }) => eventId) } }, select: { id: true, centreId: true, repo: true, branch: true, ticket: true, sessionId: true } });
  const rows = new Map(held.map((row) => [row.id, row]));
  const centres = await tx.costCentre.findMany({ where: { id: { in: [...new Set(held.flatMap(({ centreId }) => centreId ?? []))] } }, select: { id: true, tenantId: true, payer: true } });
  const payers = new Map(centres.map((row) => [row.id, row]));
  const posted = charges.flatMap((charge) => {
    const row = rows.get(charge.eventId);
    const centre = payers.get(row?.centreId ?? '');
    if (!row || !centre) return [];
    const { repo, branch, ticket, sessionId } = row;
    const labels = chargeLabels({ repo: repo ?? undefined, branch: branch ?? undefined, ticket: ticket ?? undefined, sessionId: sessionId ?? undefined }, {});
    const amounts = [charge.costNano, charge.excessNano, charge.estimated ? charge.costNano : 0n, -1];
    return [{ ...charge, centre, centreId: centre.id, tenantId: centre.tenantId, hour: hourOf(charge.startedAt), labels, amounts }];
  });
  if (posted.length === 0) return;
  await addToTimes(tx, portable, addedLater, posted);
  await addToLabels(tx, portable, addedLater, posted);
  await postToAccounts(tx, portable, posted.flatMap(({ centre, costNano, excessNano }) => chargePostings(centre.tenantId, payerOf(centre.payer), costNano, excessNano)));
}
