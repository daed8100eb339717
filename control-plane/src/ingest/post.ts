import { json } from '@fairlead/prisma';
import type { PortableSql, Tx } from '@fairlead/prisma';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { chargePostings } from '../domain/billing/accounts.ts';
import { addToTimes } from '../domain/billing/add-to-times.ts';
import { CostCentres } from '../domain/billing/cost-centre.ts';
import type { CostCentre, KeyHolder } from '../domain/billing/cost-centre.ts';
import { postToAccounts } from '../domain/billing/post-to-accounts.ts';
import { summed } from '../domain/billing/sums.ts';
import { hourOf } from '../domain/usage/report.ts';
import { noticeLow } from '../domain/wallet/low.ts';

/** An event with the cost centre that it is counted in. */
export interface Centred { event: UsageEvent; centre: CostCentre }

const atOnce = 500;

/** Finds where each event is counted. What a wallet's lease covered was paid by the wallet, whatever pays for the key by now. */
export async function centre(tx: Tx, portable: PortableSql, events: readonly UsageEvent[], holders: ReadonlyMap<string, KeyHolder>): Promise<Centred[]> {
  const paidByWallet = await walletLeases(tx, portable, events);
  const centres = new CostCentres();
  return events.map((event) => {
    const payer = event.leaseId !== undefined && paidByWallet.has(event.leaseId) ? 'WALLET' : event.poolId === undefined ? 'TENANT' : 'POOL';
    return { event, centre: centres.of(event, payer, holders.get(event.keyId)) };
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

/** Posts the charges that this transaction inserted: the hours and days of their cost centres, the balances of the accounts, and a notice where a wallet fell low. */
export async function postCharges(tx: Tx, portable: PortableSql, charges: readonly Centred[], now: Date): Promise<void> {
  if (charges.length === 0) return;
  await makeCentres(tx, portable, charges, now);
  const hours = sumByHour(charges);
  await addToTimes(tx, portable, summed, hours.map(({ centre: { id }, hour, ...sums }) => ({ centreId: id, hour, amounts: [sums.requests, sums.input, sums.output, sums.cacheRead, sums.cacheWrite, sums.cost, sums.excess, sums.estimatedCost, sums.estimated, sums.unpriced] })));
  // Last, for these few rows are everybody's.
  await postToAccounts(tx, portable, hours.flatMap(({ centre: { tenantId, payer }, cost, excess }) => chargePostings(tenantId, payer, cost, excess)));
  await noticeLow(tx, portable, new Set(hours.flatMap(({ centre: { payer, tenantId } }) => (payer === 'WALLET' ? [tenantId] : []))), now);
}

/** What one cost centre cost in one hour of a batch. */
interface HourSums { centre: CostCentre; hour: Date; requests: number; input: bigint; output: bigint; cacheRead: bigint; cacheWrite: bigint; cost: bigint; excess: bigint; estimatedCost: bigint; estimated: number; unpriced: number }

function sumByHour(charges: readonly Centred[]): HourSums[] {
  const found = new Map<string, HourSums>();
  for (const { event, centre: made } of charges) {
    const hour = hourOf(new Date(event.startedAt));
    const name = `${made.id} ${hour.getTime()}`;
    let sums = found.get(name);
    if (!sums) {
      sums = { centre: made, hour, requests: 0, input: 0n, output: 0n, cacheRead: 0n, cacheWrite: 0n, cost: 0n, excess: 0n, estimatedCost: 0n, estimated: 0, unpriced: 0 };
      found.set(name, sums);
    }
    const cost = BigInt(event.costNano);
    sums.requests += 1;
    sums.input += BigInt(event.input);
    sums.output += BigInt(event.output);
    sums.cacheRead += BigInt(event.cacheRead);
    sums.cacheWrite += BigInt(event.cacheWrite5m) + BigInt(event.cacheWrite1h);
    sums.cost += cost;
    sums.excess += BigInt(event.excessNano);
    if (event.estimated) { sums.estimated += 1; sums.estimatedCost += cost; }
    if (event.unpriced) sums.unpriced += 1;
  }
  return [...found.values()];
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
