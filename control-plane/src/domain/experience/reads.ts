import type { Campaign, Key, Prisma } from '@fairlead/prisma';
import { readKey } from '@fairlead/shared/keys/key-text.ts';
import { digestOf } from '../../crypto/digest.ts';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { dollarQuotasOf, standingOf } from '../quotas/reads.ts';
import { campaignState } from './campaign-state.ts';
import { poolLeft } from './pool-left.ts';

/** What an open campaign shows in public. */
export interface ExperienceOffer { campaign: Campaign; open: boolean; reopensAt: Date | null }

/** What the holder of an experience key, or of its claim code, may know of it. */
export interface ExperienceStatus { key: Key; state: 'ACTIVE' | 'PAUSED' | 'REVOKED' | 'EXPIRED' | 'SPENT'; budgetNano: bigint | null; leftNano: bigint | null; expiresAt: Date | null; claimed: boolean }

/** Every campaign, for operators. */
export function visibleCampaigns(actor: Actor): Prisma.CampaignWhereInput {
  requireOperator(actor, 'campaigns:read');
  return {};
}

/** Every pool, for operators. */
export function visiblePools(actor: Actor): Prisma.PoolWhereInput {
  requireOperator(actor, 'pools:read');
  return {};
}

/** What is offered to people without an account. */
export async function readOffers(domain: Domain): Promise<ExperienceOffer[]> {
  const now = new Date(domain.clock.now());
  const campaigns = await domain.db.client.campaign.findMany({ where: { status: 'ACTIVE' }, orderBy: { id: 'asc' }, take: 50 });
  const offers: ExperienceOffer[] = [];
  for (const campaign of campaigns) {
    if (campaignState(campaign, now) !== 'OPEN') continue;
    const left = await poolLeft(domain.db.client, campaign.poolId, now);
    offers.push({ campaign, open: left.nano > 0n && !left.paused, reopensAt: left.nano > 0n ? null : left.reopensAt });
  }
  return offers;
}

/** How the key with this secret stands; null for everything that is no experience key of ours. */
export async function statusBySecret(domain: Domain, secret: string): Promise<ExperienceStatus | null> {
  if (readKey(secret)?.kind !== 'key') return null;
  const key = await domain.db.client.key.findUnique({ where: { digest: digestOf(secret) } });
  return key?.campaignId ? statusOf(domain, key) : null;
}

/** How the key with this claim code stands. */
export async function statusByClaim(domain: Domain, code: string): Promise<ExperienceStatus | null> {
  const key = await domain.db.client.key.findUnique({ where: { claimDigest: digestOf(code.trim()) } });
  return key ? statusOf(domain, key) : null;
}

async function statusOf(domain: Domain, key: Key): Promise<ExperienceStatus> {
  let left: { budgetNano: bigint; leftNano: bigint } | undefined;
  for (const quota of await dollarQuotasOf(domain, 'KEY', key.id)) {
    const standing = await standingOf(domain, quota);
    const leftNano = standing.limitNano - standing.spentNano;
    if (!left || leftNano < left.leftNano) left = { budgetNano: standing.limitNano, leftNano: leftNano > 0n ? leftNano : 0n };
  }
  const expired = key.expiresAt !== null && key.expiresAt.getTime() <= domain.clock.now();
  const state = key.status === 'REVOKED' ? 'REVOKED' : expired ? 'EXPIRED' : key.status === 'PAUSED' ? 'PAUSED' : left && left.leftNano <= 0n ? 'SPENT' : 'ACTIVE';
  return { key, state, budgetNano: left?.budgetNano ?? null, leftNano: left?.leftNano ?? null, expiresAt: key.expiresAt, claimed: key.claimedAt !== null };
}
