import type { Campaign, Pool } from '@fairlead/prisma';
import { isOperator } from '../domain/actor.ts';
import { createCampaign, createPool, updateCampaign, updatePool } from '../domain/experience/campaigns.ts';
import { issueExperienceKey } from '../domain/experience/issue.ts';
import type { Issued } from '../domain/experience/issue.ts';
import { readOffers, statusByClaim, statusBySecret, visibleCampaigns, visiblePools } from '../domain/experience/reads.ts';
import type { ExperienceOffer, ExperienceStatus } from '../domain/experience/reads.ts';
import { claimUrl } from '../domain/experience/claim.ts';
import { keyCommand, keyEnv } from '../domain/keys/key-env.ts';
import { textList } from '../domain/upstreams/stored.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { QuotaRef, gatherQuotas } from './quotas.ts';
import { BudgetInput, EnvVar, Money, SwitchStatus } from './shapes.ts';

/** Sponsored money. */
export const PoolRef = builder.prismaNode('Pool', {
  description: 'Sponsored money under a hard cap.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    status: t.field({ type: SwitchStatus, description: 'A paused pool pauses its keys.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE') }),
    quotas: t.field({ type: [QuotaRef], description: 'Its caps.', complexity: 5, select: { id: true }, resolve: (row, _, context, info) => (isOperator(context.actor) ? gatherQuotas.POOL(context, info, row.id) : []) }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

const CampaignStatus = builder.enumType('CampaignStatus', { description: 'Whether keys are issued.', values: ['DRAFT', 'ACTIVE', 'PAUSED', 'ENDED'] as const });
const campaignStatuses = ['DRAFT', 'ACTIVE', 'PAUSED', 'ENDED'] as const;

/** What is promised to people without an account. */
export const CampaignRef = builder.prismaNode('Campaign', {
  description: 'What is promised to people without an account: keys with a small budget from a pool.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    slug: t.exposeString('slug', { description: 'Its short name, to ask for a key with.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    status: t.field({ type: CampaignStatus, description: 'Whether keys are issued.', select: { status: true }, resolve: (row) => campaignStatuses.find((status) => status === row.status) ?? 'ENDED' }),
    pool: t.field({
      type: PoolRef, nullable: true, description: 'Whose money it is (operators).',
      select: (_, __, nested) => ({ pool: nested() }),
      resolve: (row, _, { actor }) => (isOperator(actor) ? row.pool : null),
    }),
    keyBudget: t.field({ type: Money, description: 'What each key may spend in all.', select: { keyBudgetNano: true }, resolve: (row) => row.keyBudgetNano }),
    keyTtlHours: t.float({ description: 'How long each key works.', select: { keyTtlSeconds: true }, resolve: (row) => row.keyTtlSeconds / 3600 }),
    models: t.stringList({ nullable: true, description: 'Model names (with "*") its keys may ask for; null = all.', select: { models: true }, resolve: (row) => textList(row.models) ?? null }),
    maxOutputTokens: t.exposeInt('maxOutputTokens', { description: 'The most output tokens of one request.' }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', { description: 'The most requests of a key in a minute.' }),
    startsAt: t.expose('startsAt', { type: 'DateTime', nullable: true, description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', nullable: true, description: 'When it ends.' }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

const ExperienceOfferRef = builder.objectRef<ExperienceOffer>('ExperienceOffer').implement({
  description: 'What a campaign shows in public.',
  fields: (t) => ({
    campaign: t.string({ description: 'Its short name: pass it to experienceKeyIssue.', resolve: (offer) => offer.campaign.slug }),
    name: t.string({ description: 'What people call it.', resolve: (offer) => offer.campaign.name }),
    budget: t.field({ type: Money, description: 'What a key may spend.', resolve: (offer) => offer.campaign.keyBudgetNano }),
    ttlHours: t.float({ description: 'How long a key works.', resolve: (offer) => offer.campaign.keyTtlSeconds / 3600 }),
    models: t.stringList({ nullable: true, description: 'Which models; null = all.', resolve: (offer) => textList(offer.campaign.models) ?? null }),
    open: t.boolean({ description: 'Whether its pool has money now.', resolve: (offer) => offer.open }),
    reopensAt: t.field({ type: 'DateTime', nullable: true, description: 'When the pool is filled again.', resolve: (offer) => offer.reopensAt }),
    proofRequired: t.boolean({ description: 'Whether one must sign in to get a key.', resolve: (_, __, { domain }) => !domain.places.loopback }),
  }),
});

const ExperienceKeyState = builder.enumType('ExperienceKeyState', { description: 'Whether an experience key works.', values: ['ACTIVE', 'PAUSED', 'REVOKED', 'EXPIRED', 'SPENT'] as const });
const statusFields = (ref: ReturnType<typeof builder.objectRef<ExperienceStatus>>, description: string) => builder.objectType(ref, {
  description,
  fields: (t) => ({
    hint: t.string({ description: 'The public part of the key.', resolve: (row) => row.key.hint }),
    state: t.field({ type: ExperienceKeyState, description: 'Whether it works.', resolve: (row) => row.state }),
    budget: t.field({ type: Money, nullable: true, description: 'What it may spend in all.', resolve: (row) => row.budgetNano }),
    left: t.field({ type: Money, nullable: true, description: 'What it has left.', resolve: (row) => row.leftNano }),
    expiresAt: t.field({ type: 'DateTime', nullable: true, description: 'When it ends.', resolve: (row) => row.expiresAt }),
    claimed: t.boolean({ description: 'Whether somebody has made it their own.', resolve: (row) => row.claimed }),
  }),
});
const ExperienceKeyStatus = builder.objectRef<ExperienceStatus>('ExperienceKeyStatus');
statusFields(ExperienceKeyStatus, 'How an experience key stands, for who holds it.');
const Claim = builder.objectRef<ExperienceStatus>('Claim');
statusFields(Claim, 'What a claim code stands for.');

const CampaignConnection = connectionOf('Campaign', CampaignRef);
const PoolConnection = connectionOf('Pool', PoolRef);

builder.queryFields((t) => ({
  campaigns: t.field({
    type: CampaignConnection, description: 'Every campaign (operators).', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.campaign.findMany({ ...query, where: { AND: [visibleCampaigns(context.actor), after] } })),
  }),
  pools: t.field({
    type: PoolConnection, description: 'Every pool (operators).', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.pool.findMany({ ...query, where: { AND: [visiblePools(context.actor), after] } })),
  }),
  experienceOffers: t.field({ type: [ExperienceOfferRef], description: 'What is offered to people without an account. Public.', resolve: (_, __, { domain }) => readOffers(domain) }),
  experienceKey: t.field({
    type: ExperienceKeyStatus, nullable: true, description: 'How the experience key with this secret stands. Public, with a limit on tries. Pass the secret as a variable.',
    args: { secret: t.arg.string({ required: true, description: 'The whole key (flk_…).' }) },
    resolve: (_, { secret }, context) => (context.tryPace.take(context.address, context.domain.clock.now()) ? statusBySecret(context.domain, secret) : null),
  }),
  claim: t.field({
    type: Claim, nullable: true, description: 'What a claim code stands for. Public, with a limit on tries.',
    args: { code: t.arg.string({ required: true, description: 'The last part of the claim link.' }) },
    resolve: (_, { code }, context) => (context.tryPace.take(context.address, context.domain.clock.now()) ? statusByClaim(context.domain, code) : null),
  }),
}));

const PoolCreateInput = builder.inputType('PoolCreateInput', { description: 'What a pool is made from.', fields: (t) => ({
  name: t.string({ required: true, description: 'What people call it.' }),
  cap: t.field({ type: BudgetInput, required: true, description: 'The most that may be spent from it.' }) }),
});
const poolPayload = (name: string) => payload<Pool>(name, 'The pool as it is now.', (t) => ({ pool: t.field({ type: PoolRef, nullable: true, description: 'The pool.', resolve: ({ value }) => value }) }));
const PoolCreatePayload = poolPayload('PoolCreatePayload');
const PoolUpdatePayload = poolPayload('PoolUpdatePayload');
const PoolUpdateInput = builder.inputType('PoolUpdateInput', {
  description: 'Changes to a pool; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which pool.' }),
    name: t.string({ description: 'Its new name.' }),
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it with its keys.' }),
    expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const CampaignCreateInput = builder.inputType('CampaignCreateInput', {
  description: 'What a campaign is made from.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }), slug: t.string({ description: 'Its short name; made from the name when left out.' }),
    poolId: t.id({ required: true, description: 'Whose money it is.' }), keyBudget: t.field({ type: 'Decimal', required: true, description: 'Dollars each key may spend in all.' }),
    keyTtlHours: t.int({ required: true, description: 'How long each key works.' }), models: t.stringList({ description: 'Model names (with "*"); all when left out.' }),
    maxOutputTokens: t.int({ description: 'The most output tokens of one request.' }), requestsPerMinute: t.int({ description: 'The most requests of a key in a minute.' }),
    startsAt: t.field({ type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.field({ type: 'DateTime', description: 'When it ends.' }),
    status: t.field({ type: CampaignStatus, description: 'ACTIVE when left out.' }),
  }),
});
const CampaignUpdateInput = builder.inputType('CampaignUpdateInput', {
  description: 'Changes to a campaign; what is left out stays. Keys that were issued keep what they were promised.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which campaign.' }),
    name: t.string({ description: 'Its new name.' }),
    keyBudget: t.field({ type: 'Decimal', description: 'Dollars each new key may spend in all.' }),
    keyTtlHours: t.int({ description: 'How long each new key works.' }), models: t.stringList({ description: 'Model names (with "*"); null = all.' }),
    maxOutputTokens: t.int({ description: 'The most output tokens of one request.' }), requestsPerMinute: t.int({ description: 'The most requests of a key in a minute.' }),
    startsAt: t.field({ type: 'DateTime', description: 'When it begins; null = at once.' }), endsAt: t.field({ type: 'DateTime', description: 'When it ends; null = never.' }),
    status: t.field({ type: CampaignStatus, description: 'Whether keys are issued.' }), expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const campaignPayload = (name: string) => payload<Campaign>(name, 'The campaign as it is now.', (t) => ({ campaign: t.field({ type: CampaignRef, nullable: true, description: 'The campaign.', resolve: ({ value }) => value }) }));
const CampaignCreatePayload = campaignPayload('CampaignCreatePayload');
const CampaignUpdatePayload = campaignPayload('CampaignUpdatePayload');

const ExperienceKey = builder.objectRef<Issued['key']>('ExperienceKey').implement({
  description: 'An experience key just issued.',
  fields: (t) => ({ id: t.exposeID('id', { description: 'The id of the key.' }), hint: t.exposeString('hint', { description: 'The public part of the secret.' }) }),
});
const ExperienceKeyIssueInput = builder.inputType('ExperienceKeyIssueInput', {
  description: 'What an experience key is asked for with.',
  fields: (t) => ({
    campaign: t.string({ description: 'Which campaign, by its short name; the first open one when left out.' }),
    client: t.string({ description: 'What asks, such as "fairlead-cli".' }),
    referrer: t.string({ description: 'Where people came from.' }),
  }),
});
const ExperienceKeyIssuePayload = payload<Issued>('ExperienceKeyIssuePayload', 'What experienceKeyIssue answers. Secret and links are shown only here.', (t) => ({
  key: t.field({ type: ExperienceKey, nullable: true, description: 'The key.', resolve: ({ value }) => value?.key ?? null }),
  secret: t.string({ nullable: true, description: 'What clients present (flk_…).', resolve: ({ value }) => value?.secret.reveal() ?? null }),
  budget: t.field({ type: Money, nullable: true, description: 'What it may spend in all.', resolve: ({ value }) => value?.campaign.keyBudgetNano ?? null }),
  expiresAt: t.field({ type: 'DateTime', nullable: true, description: 'When it ends.', resolve: ({ value }) => value?.expiresAt ?? null }),
  baseUrl: t.string({ nullable: true, description: 'Where clients send their requests.', resolve: ({ value }, _, { domain }) => (value ? domain.places.nodeUrl : null) }),
  env: t.field({
    type: [EnvVar], description: 'The variables with which Claude Code uses it.',
    resolve: ({ value }, _, { domain }) => (value ? keyEnv(domain.places.nodeUrl, value.secret.reveal(), true) : []),
  }),
  command: t.string({ nullable: true, description: 'One shell line that starts Claude Code with it.', resolve: ({ value }, _, { domain }) => (value ? keyCommand(keyEnv(domain.places.nodeUrl, value.secret.reveal(), true)) : null) }),
  claimUrl: t.string({ nullable: true, description: 'A link that makes the key one\'s own.', resolve: ({ value }, _, { domain }) => (value ? claimUrl(domain, value.claimCode) : null) }),
}));

builder.mutationFields((t) => ({
  poolCreate: t.field({
    type: PoolCreatePayload, description: 'Makes a pool (operators).',
    args: { input: t.arg({ type: PoolCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createPool(domain, actor, input)),
  }),
  poolUpdate: t.field({
    type: PoolUpdatePayload, description: 'Changes a pool (operators).',
    args: { input: t.arg({ type: PoolUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updatePool(domain, actor, input)),
  }),
  campaignCreate: t.field({
    type: CampaignCreatePayload, description: 'Opens a campaign (operators).',
    args: { input: t.arg({ type: CampaignCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createCampaign(domain, actor, input)),
  }),
  campaignUpdate: t.field({
    type: CampaignUpdatePayload, description: 'Changes a campaign (operators).',
    args: { input: t.arg({ type: CampaignUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateCampaign(domain, actor, input)),
  }),
  experienceKeyIssue: t.field({
    type: ExperienceKeyIssuePayload, description: 'Issues a key that works at once, paid by a campaign\'s pool. Public on an install that only this machine reaches.',
    args: { input: t.arg({ type: ExperienceKeyIssueInput, required: true, description: 'What is asked for.' }) },
    resolve: async (_, { input }, { domain, actor, issueGuard }) => settle(await issueExperienceKey(domain, actor, input, issueGuard)),
  }),
}));
