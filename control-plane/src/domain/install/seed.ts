import type { Tx } from '@fairlead/prisma';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import { digestOf, randomText } from '../../crypto/digest.ts';
import type { Domain } from '../domain.ts';
import { writePresetPrices } from '../prices/preset-prices.ts';
import { upstreamPresets } from '../upstreams/presets.ts';

/** What a start leaves for whoever started it. */
export interface Seeded { ownerId: string; /** SHA-256 of the practice upstream's credential. */ practiceDigest: string | undefined }

/** Makes, on the first start, a tenant with an owner, prices, and (when practice is on) its upstream, pool and campaign. */
export async function seed(domain: Domain, practiceUrl: string | undefined): Promise<Seeded> {
  const owner = await seedOwner(domain);
  const practiceDigest = practiceUrl === undefined ? undefined : await seedPractice(domain, owner.tenantId, practiceUrl);
  return { ownerId: owner.id, practiceDigest };
}

async function seedOwner(domain: Domain) {
  const at = domain.clock.now();
  const tenantId = newId('tenant', at);
  const memberId = newId('member', at);
  return domain.db.transaction(async (tx) => {
    const existing = await tx.member.findFirst({ where: { operator: true, status: 'ACTIVE' }, orderBy: { id: 'asc' } });
    if (existing) return existing;
    const now = new Date(at);
    await tx.tenant.create({ data: { id: tenantId, name: 'Home', slug: 'home', createdAt: now } });
    const owner = await tx.member.create({ data: { id: memberId, tenantId, name: 'Owner', role: 'OWNER', operator: true, createdAt: now } });
    for (const preset of upstreamPresets()) if (preset.pricesEverywhere) await writePresetPrices(tx, preset, null, now);
    await tx.dirtyMark.create({ data: { kind: 'seed', objectId: tenantId } });
    return owner;
  }, { timeoutMs: 30_000 });
}

async function seedPractice(domain: Domain, tenantId: string, practiceUrl: string): Promise<string> {
  const preset = upstreamPresets().find((known) => known.name === 'practice');
  if (!preset) throw new Error('The preset "practice" is missing.');
  const at = domain.clock.now();
  const ids = { upstream: newId('upstream', at), credential: newId('credential', at), pool: newId('pool', at), quota: newId('quota', at), campaign: newId('campaign', at) };
  const secret = new Secret(randomText(32));
  const sealed = await domain.keyring.sealCredential({ upstreamId: ids.upstream, credentialId: ids.credential, version: 1 }, secret);
  const stored = await domain.db.transaction(async (tx) => {
    const now = new Date(at);
    const existing = await tx.upstream.findFirst({ where: { preset: 'practice', tenantId: null }, include: { credentials: { orderBy: { id: 'asc' } } } });
    if (existing) {
      // The practice upstream may listen elsewhere at each start.
      if (existing.baseUrl !== practiceUrl) {
        await tx.upstream.update({ where: { id: existing.id }, data: { baseUrl: practiceUrl, version: { increment: 1 } } });
        await tx.dirtyMark.create({ data: { kind: 'upstream', objectId: existing.id } });
      }
      return existing.credentials[0];
    }
    await tx.upstream.create({
      data: {
        id: ids.upstream, name: preset.displayName, preset: preset.name, baseUrl: practiceUrl, dialects: preset.dialects, dialect: preset.dialects[0] ?? 'anthropic-messages',
        auth: preset.auth, models: preset.models.map((model) => ({ model: model.name, upstreamModel: model.name })), priority: preset.priority ?? 1000, createdAt: now,
      },
    });
    const credential = await tx.credential.create({ data: { id: ids.credential, upstreamId: ids.upstream, name: 'practice', hint: '…', sealed, createdAt: now } });
    await writePresetPrices(tx, preset, ids.upstream, now);
    await seedCampaign(tx, tenantId, ids, now);
    await tx.dirtyMark.create({ data: { kind: 'upstream', objectId: ids.upstream } });
    return credential;
  }, { timeoutMs: 30_000 });
  if (!stored) return digestOf(secret.reveal());
  const opened = await domain.keyring.openCredential({ upstreamId: stored.upstreamId, credentialId: stored.id, version: stored.version }, stored.sealed);
  return digestOf(opened.reveal());
}

async function seedCampaign(tx: Tx, tenantId: string, ids: { pool: string; quota: string; campaign: string }, now: Date): Promise<void> {
  await tx.pool.create({ data: { id: ids.pool, tenantId, name: 'Practice pool', createdAt: now } });
  await tx.quota.create({ data: { id: ids.quota, tenantId, subjectKind: 'POOL', subjectId: ids.pool, window: 'DAY', limitNano: 5_000_000_000n, createdAt: now } });
  await tx.campaign.create({
    data: { id: ids.campaign, tenantId, poolId: ids.pool, slug: 'practice', name: 'Practice', keyBudgetNano: 500_000_000n, keyTtlSeconds: 72 * 3600, requestsPerMinute: 60, createdAt: now },
  });
}
