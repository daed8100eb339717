import type { Campaign, Key } from '@fairlead/prisma';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { newId } from '@fairlead/shared/id.ts';
import { digestOf, randomText } from '../../crypto/digest.ts';
import type { Actor } from '../actor.ts';
import { AccessDenied, isOperator, requireMember } from '../actor.ts';
import { Checks } from '../check.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { mint } from '../keys/mint.ts';
import { Refused } from '../problem.ts';
import type { Result } from '../problem.ts';
import { writeQuota } from '../quotas/write.ts';
import { campaignState } from './campaign-state.ts';
import type { IssueGuard } from './issue-guard.ts';
import { poolLeft } from './pool-left.ts';

/** What an experience key is asked for with. */
export interface IssueInput { campaign?: string | null | undefined; client?: string | null | undefined; referrer?: string | null | undefined }

/** A key just issued; secret and claim code are in this answer and nowhere else. */
export interface Issued { key: Key; campaign: Campaign; secret: Secret; claimCode: Secret; expiresAt: Date }

/** Issues an experience key: a whole key with a small budget of its own, paid by the campaign's pool. */
export async function issueExperienceKey(domain: Domain, actor: Actor, input: IssueInput, guard: IssueGuard): Promise<Result<Issued>> {
  if (actor.kind === 'NODE') throw new AccessDenied('UNAUTHENTICATED', 'A node is given no keys.');
  // A token gives what its rights name, and a key calls models.
  if (actor.kind === 'TOKEN') requireMember(actor, 'keys:write');
  if (actor.kind !== 'SYSTEM' && !isOperator(actor)) {
    const refusal = actor.kind === 'PUBLIC' ? guard.check(actor.address, domain.places.loopback, domain.clock.now()) : guard.check(actor.memberId, true, domain.clock.now());
    if (refusal) return { ok: false, problems: [refusal] };
  }
  const at = domain.clock.now();
  const id = newId('key', at);
  const quotaId = newId('quota', at);
  const minted = mint('key');
  const claim = mintClaim();
  return runCommand(domain, actor, async (command) => {
    const checks = new Checks();
    const client = input.client ? checks.name(input.client, ['client'], 60) : undefined;
    const referrer = input.referrer ? checks.name(input.referrer, ['referrer'], 120) : undefined;
    checks.done();
    const wanted = input.campaign?.trim();
    const campaign = wanted
      ? await command.tx.campaign.findFirst({ where: { OR: [{ slug: wanted }, { id: wanted }] } })
      : await command.tx.campaign.findFirst({ where: { status: 'ACTIVE' }, orderBy: { id: 'asc' } });
    if (!campaign || (campaign.status === 'DRAFT' && !isOperator(actor))) {
      throw new Refused({ code: 'NOT_FOUND', message: wanted ? 'There is no such campaign.' : 'Nothing is offered here at the moment.', path: ['campaign'] });
    }
    const state = campaignState(campaign, command.now);
    if (state !== 'OPEN') throw new Refused({ code: 'CAMPAIGN_CLOSED', message: state === 'NOT_YET' ? 'This campaign has not begun yet.' : 'This campaign is closed.', path: ['campaign'] });
    const left = await poolLeft(command.tx, campaign.poolId, command.now);
    if (left.paused) throw new Refused({ code: 'CAMPAIGN_CLOSED', message: 'The pool behind this campaign is paused.', path: ['campaign'] });
    if (left.nano <= 0n) {
      throw new Refused({ code: 'POOL_EXHAUSTED', message: left.reopensAt ? `The pool is empty until ${left.reopensAt.toISOString()}.` : 'The pool is empty.', path: ['campaign'], reopensAt: left.reopensAt, fix: 'Come back then, or connect a provider of your own.' });
    }
    const ends = command.now.getTime() + campaign.keyTtlSeconds * 1000;
    const expiresAt = new Date(campaign.endsAt ? Math.min(ends, campaign.endsAt.getTime()) : ends);
    const key = await command.tx.key.create({
      data: {
        id, tenantId: campaign.tenantId, name: client ? `${campaign.name} (${client})` : campaign.name, hint: minted.hint, digest: minted.digest,
        funding: 'POOL', poolId: campaign.poolId, campaignId: campaign.id, claimDigest: claim.digest,
        ...(Array.isArray(campaign.models) ? { models: campaign.models } : {}),
        maxOutputTokens: campaign.maxOutputTokens, requestsPerMinute: campaign.requestsPerMinute, expiresAt, createdAt: command.now,
      },
    });
    await writeQuota(command, { id: quotaId, tenantId: campaign.tenantId, subjectKind: 'KEY', subjectId: id, limitNano: campaign.keyBudgetNano, window: 'TOTAL', timeZone: 'UTC' });
    await command.mark('key', id);
    await command.audit({ action: 'experienceKey.issue', objectId: id, tenantId: campaign.tenantId, detail: { campaign: campaign.slug, hint: minted.hint, ...(client ? { client } : {}), ...(referrer ? { referrer } : {}) } });
    return { key, campaign, secret: minted.secret, claimCode: claim.secret, expiresAt };
  }, { propagate: true });
}

function mintClaim(): { secret: Secret; digest: string } {
  const text = randomText(18);
  return { secret: new Secret(text), digest: digestOf(text) };
}
