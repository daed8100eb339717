import type { VendorBalance, Credential, ErrorRule, Key, Model, Price, PriceMultiplier, Quota, Route, Tenant, Tx, Upstream } from '@fairlead/prisma';

/** Everything a snapshot is built from, read in one transaction. */
export interface SnapshotRows {
  tenants: Tenant[];
  keys: Key[];
  upstreams: (Upstream & { credentials: (Credential & { balance: VendorBalance | null })[] })[];
  models: Model[];
  /** In the order in which they take effect; what is to come is among them. */
  prices: Price[];
  multipliers: PriceMultiplier[];
  routes: Route[];
  errorRules: ErrorRule[];
  quotas: Pick<Quota, 'subjectKind' | 'subjectId' | 'unit' | 'whenUnreachable'>[];
  pausedPools: Set<string>;
}

// A key that ended this long ago is no longer sent: its text is then as unknown as any other.
const forgetKeysAfterMs = 30 * 86_400_000;

/** Reads what nodes must know. The transaction's isolation makes it one consistent read. */
export async function collect(tx: Tx, nowMs: number): Promise<SnapshotRows> {
  const since = new Date(nowMs - forgetKeysAfterMs);
  const order = { id: 'asc' } as const;
  const tenants = await tx.tenant.findMany({ orderBy: order });
  const keys = await tx.key.findMany({
    where: { AND: [{ OR: [{ status: { not: 'REVOKED' } }, { updatedAt: { gt: since } }] }, { OR: [{ expiresAt: null }, { expiresAt: { gt: since } }] }] },
    orderBy: order,
  });
  const upstreams = await tx.upstream.findMany({ include: { credentials: { where: { status: 'ACTIVE' }, include: { balance: true }, orderBy: order } }, orderBy: order });
  const models = await tx.model.findMany({ orderBy: { name: 'asc' } });
  const prices = await tx.price.findMany({ orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const multipliers = await tx.priceMultiplier.findMany({ orderBy: order });
  const routes = await tx.route.findMany({ where: { status: 'ACTIVE' }, orderBy: [{ position: 'asc' }, { id: 'asc' }] });
  const errorRules = await tx.errorRule.findMany({ where: { status: 'ACTIVE' }, orderBy: [{ position: 'asc' }, { id: 'asc' }] });
  const quotas = await tx.quota.findMany({ select: { subjectKind: true, subjectId: true, unit: true, whenUnreachable: true } });
  const paused = await tx.pool.findMany({ where: { status: 'PAUSED' }, select: { id: true } });
  return { tenants, keys, upstreams, models, prices, multipliers, routes, errorRules, quotas, pausedPools: new Set(paused.map((pool) => pool.id)) };
}
