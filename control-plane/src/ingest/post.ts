import { json } from '@fairlead/prisma';
import type { PortableSql, Tx } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { chargePostings } from '../domain/billing/accounts.ts';
import { addToLabels, chargeLabels } from '../domain/billing/add-to-labels.ts';
import type { ChargeLabels } from '../domain/billing/add-to-labels.ts';
import { addToTimes } from '../domain/billing/add-to-times.ts';
import { CostCentres } from '../domain/billing/cost-centre.ts';
import type { CostCentre, KeyHolder } from '../domain/billing/cost-centre.ts';
import { postToAccounts } from '../domain/billing/post-to-accounts.ts';
import { summed } from '../domain/billing/sums.ts';
import { noticeLow } from '../domain/wallet/low.ts';
import { amountsOf, sumByHour } from './sum-by-hour.ts';

/** An event with the cost centre that it is counted in, and what it was for. */
export interface Centred { event: UsageEvent; centre: CostCentre; labels: ChargeLabels }

const atOnce = 500;

/** Finds where each event is counted. What a wallet's lease covered was paid by the wallet, whatever pays for the key by now. */
export async function centre(tx: Tx, portable: PortableSql, events: readonly UsageEvent[], holders: ReadonlyMap<string, KeyHolder>): Promise<Centred[]> {
  const paidByWallet = await walletLeases(tx, portable, events);
  const centres = new CostCentres();
  return events.map((event) => {
    const payer = event.leaseId !== undefined && paidByWallet.has(event.leaseId) ? 'WALLET' : event.poolId === undefined ? 'TENANT' : 'POOL';
    const made = centres.of(event, payer, holders.get(event.keyId));
    return { event, centre: made, labels: chargeLabels(event, made.labels) };
  });
}

async function walletLeases(tx: Tx, portable: PortableSql, events: readonly UsageEvent[]): Promise<Set<string>> {
  const leases = [...new Set(events.flatMap((event) => (event.leaseId === undefined ? [] : [event.leaseId])))];
  const found = new Set<string>();
  for (let at = 0; at < leases.length; at += atOnce) {
    const some = leases.slice(at, at + atOnce);
    const rows = await portable.queryRaw(tx, `SELECT held.lease_id FROM lease_budget held JOIN budget ON budget.id = held.budget_id JOIN quota ON quota.id = budget.quota_id WHERE quota.subject_kind = 'WALLET' AND held.lease_id IN (${some.map(() => '?').join(', ')})`, some);
    for (const row of rows) found.add(String(row.lease_id));
  }
  return found;
}

/** Posts the charges that this transaction inserted: the hours and days of their cost centres and labels, the balances of the accounts, and a notice where a wallet fell low. */
export async function postCharges(tx: Tx, portable: PortableSql, charges: readonly Centred[], now: Date): Promise<void> {
  if (charges.length === 0) return;
  await makeCentres(tx, portable, charges, now);
  const hours = sumByHour(charges);
  await addToTimes(tx, portable, summed, hours.map(({ centre: { id }, hour, sums }) => ({ centreId: id, hour, amounts: amountsOf(sums) })));
  await addToLabels(tx, portable, summed, hours.flatMap(({ centre: { id, tenantId }, hour, parts }) => parts.map(({ labels, sums }) => ({ tenantId, centreId: id, hour, labels, amounts: amountsOf(sums) }))));
  // Last, for these few rows are everybody's.
  await postToAccounts(tx, portable, hours.flatMap(({ centre: { tenantId, payer }, sums }) => chargePostings(tenantId, payer, sums.cost, sums.excess)));
  await noticeLow(tx, portable, new Set(hours.flatMap(({ centre: { payer, tenantId } }) => (payer === 'WALLET' ? [tenantId] : []))), now);
}

async function makeCentres(tx: Tx, portable: PortableSql, charges: readonly Centred[], now: Date): Promise<void> {
  const centres = new Map(charges.map(({ centre: made }) => [made.id, made]));
  const known = new Set<string>();
  const ids = [...centres.keys()].sort();
  for (let at = 0; at < ids.length; at += atOnce) {
    for (const row of await tx.costCentre.findMany({ where: { id: { in: ids.slice(at, at + atOnce) } }, select: { id: true } })) known.add(row.id);
  }
  await portable.upsert(tx, {
    table: 'cost_centre', keys: ['id'], columns: ['id', 'tenant_id', 'payer', 'key_id', 'member_id', 'campaign_id', 'pool_id', 'upstream_id', 'credential_id', 'model', 'tags', 'created_at'],
    rows: ids.flatMap((id) => {
      const made = centres.get(id);
      return !made || known.has(id) ? [] : [[id, made.tenantId, made.payer, made.keyId, made.memberId, made.campaignId, made.poolId, made.upstreamId, made.credentialId, made.model, made.tags.length > 0 ? json(made.tags) : null, now]];
    }),
    // Whoever made it meanwhile made the same.
    set: [['created_at', (at) => at.stored('created_at')]],
  });
}
