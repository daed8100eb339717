import type { VendorBalance, Credential, ErrorRule, Key, Model, Price, PriceMultiplier, Quota, Route, Tenant, Tx, Upstream } from '@fairlead/prisma';
import { digestsOfBin } from '@fairlead/shared/snapshot/bins.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import type { ListName } from '@fairlead/shared/snapshot/manifest.ts';
import { boundBy, keyRowOf } from './build.ts';

/** What lists are built from, read in one transaction. */
export interface ListRows {
  tenants: Tenant[];
  upstreams: (Upstream & { credentials: (Credential & { balance: VendorBalance | null })[] })[];
  models: Model[];
  /** In the order in which they take effect; what is to come is among them. */
  prices: Price[];
  multipliers: PriceMultiplier[];
  routes: Route[];
  errorRules: ErrorRule[];
  /** Those that bind many keys at once, and those of upstreams and credentials. */
  quotas: Pick<Quota, 'subjectKind' | 'subjectId' | 'unit' | 'whenUnreachable'>[];
  pausedPools: { id: string }[];
  /** Where routes and rules may lead. */
  upstreamIds: ReadonlySet<string>;
}

/** Of a key what nodes are told. */
export type KeyRowRead = Pick<Key, (typeof keyFields)[number]>;

const keyFields = ['id', 'digest', 'tenantId', 'memberId', 'name', 'status', 'funding', 'poolId', 'campaignId', 'models', 'maxOutputTokens', 'requestsPerMinute', 'tokensPerMinute', 'concurrent', 'sessions', 'clients', 'tags', 'replay', 'expiresAt'] as const;
const keySelect = Object.fromEntries(keyFields.map((name) => [name, true])) as Record<(typeof keyFields)[number], true>;

// A key that ended this long ago is no longer sent: its text is then as unknown as any other.
const forgetKeysAfterMs = 30 * 86_400_000;

/** Reads the rows of these lists alone. `upstreamIds`: as published, for when upstreams are not read. */
export async function collectLists(tx: Tx, names: ReadonlySet<ListName>, upstreamIds: ReadonlySet<string>): Promise<ListRows> {
  const order = { id: 'asc' } as const;
  const upstreams = names.has('upstreams') ? await tx.upstream.findMany({ include: { credentials: { where: { status: 'ACTIVE' }, include: { balance: true }, orderBy: order } }, orderBy: order }) : [];
  return {
    upstreams,
    upstreamIds: names.has('upstreams') ? new Set(upstreams.map(({ id }) => id)) : upstreamIds,
    tenants: names.has('tenants') ? await tx.tenant.findMany({ orderBy: order }) : [],
    models: names.has('models') ? await tx.model.findMany({ orderBy: { name: 'asc' } }) : [],
    prices: names.has('prices') ? await tx.price.findMany({ orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] }) : [],
    multipliers: names.has('multipliers') ? await tx.priceMultiplier.findMany({ orderBy: order }) : [],
    routes: names.has('routes') ? await tx.route.findMany({ where: { status: 'ACTIVE' }, orderBy: order }) : [],
    errorRules: names.has('errorRules') ? await tx.errorRule.findMany({ where: { status: 'ACTIVE' }, orderBy: order }) : [],
    quotas: names.has('purses') || names.has('upstreams') ? await tx.quota.findMany({ where: { subjectKind: { not: 'KEY' } }, select: quotaSelect }) : [],
    pausedPools: names.has('pools') ? await tx.pool.findMany({ where: { status: 'PAUSED' }, select: { id: true } }) : [],
  };
}

const quotaSelect = { subjectKind: true, subjectId: true, unit: true, whenUnreachable: true } as const;

/** Which keys are sent at all. */
function sent(nowMs: number) {
  const since = new Date(nowMs - forgetKeysAfterMs);
  return [{ OR: [{ status: { not: 'REVOKED' } }, { updatedAt: { gt: since } }] }, { OR: [{ expiresAt: null }, { expiresAt: { gt: since } }] }];
}

/** How many keys are sent. */
export function countKeys(tx: Tx, nowMs: number): Promise<number> {
  return tx.key.count({ where: { AND: sent(nowMs) } });
}

/** The keys of some bins that lie side by side. */
export async function collectKeys(tx: Tx, bins: { first: number; count: number; bits: number }, nowMs: number): Promise<KeyRow[]> {
  const { from } = digestsOfBin(bins.first, bins.bits);
  const { below } = digestsOfBin(bins.first + bins.count - 1, bins.bits);
  const rows: KeyRowRead[] = await tx.key.findMany({ where: { AND: [{ digest: { gte: from, ...(below === undefined ? {} : { lt: below }) } }, ...sent(nowMs)] }, select: keySelect });
  const quotas: ListRows['quotas'] = [];
  for (let at = 0; at < rows.length; at += 500) {
    quotas.push(...(await tx.quota.findMany({ where: { subjectKind: 'KEY', subjectId: { in: rows.slice(at, at + 500).map(({ id }) => id) } }, select: quotaSelect })));
  }
  const bound = boundBy(quotas);
  return rows.map((row) => keyRowOf(row, bound));
}

/** The digests of these keys; undefined when one of them is gone, for nobody knows then in which bin it was. */
export async function digestsOfKeys(tx: Tx, ids: readonly string[]): Promise<string[] | undefined> {
  const digests: string[] = [];
  for (let at = 0; at < ids.length; at += 500) digests.push(...(await tx.key.findMany({ where: { id: { in: ids.slice(at, at + 500) } }, select: { digest: true } })).map(({ digest }) => digest));
  return digests.length === ids.length ? digests : undefined;
}
