import type { Key } from '@fairlead/prisma';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { createKey } from '../domain/keys/create.ts';
import { keyEnv } from '../domain/keys/key-env.ts';
import { visibleKeys } from '../domain/keys/reads.ts';
import { revokeKey, updateKey } from '../domain/keys/update.ts';
import { claimKey } from '../domain/experience/claim.ts';
import { textList } from '../domain/upstreams/stored.ts';
import { reportUsage } from '../domain/usage/report.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { gatherById } from './gather.ts';
import { MemberRef } from './members.ts';
import { QuotaRef, gatherQuotas } from './quotas.ts';
import { BudgetInput, EnvVar } from './shapes.ts';
import { UsageTotalsRef } from './usage.ts';

const KeyStatus = builder.enumType('KeyStatus', { description: 'Whether a key works.', values: ['ACTIVE', 'PAUSED', 'REVOKED'] as const });
const Funding = builder.enumType('Funding', {
  description: 'What pays for a key. It can change; the secret does not.',
  values: { POOL: { description: 'A campaign\'s pool.' }, WALLET: { description: 'The holder\'s own credit.' }, OWN_PROVIDER: { description: 'The holder\'s own account with a vendor.' }, TENANT_BUDGET: { description: 'The tenant.' } },
});

const gatherMembers = gatherById((query, ids, { domain }) => domain.db.client.member.findMany({ ...query, where: { id: { in: ids } } }));

/** What a client presents. */
export const KeyRef = builder.prismaNode('Key', {
  description: 'What a client presents to a node (flk_…). Only a digest of its secret is kept.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    hint: t.exposeString('hint', { description: 'The public part of the secret.' }),
    status: t.field({ type: KeyStatus, description: 'Whether it works.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' || row.status === 'REVOKED' ? row.status : 'ACTIVE') }),
    funding: t.field({
      type: Funding, description: 'What pays for it.',
      select: { funding: true }, resolve: (row) => (row.funding === 'POOL' || row.funding === 'WALLET' || row.funding === 'OWN_PROVIDER' ? row.funding : 'TENANT_BUDGET'),
    }),
    tenant: t.relation('tenant', { nullable: true, description: 'Whose it is.' }),
    member: t.field({ type: MemberRef, nullable: true, description: 'Who made or claimed it.', select: { memberId: true }, resolve: (row, _, context, info) => gatherMembers(context, info, row.memberId) }),
    campaign: t.relation('campaign', { nullable: true, description: 'The campaign it was issued from.' }),
    models: t.stringList({ nullable: true, description: 'Model names (with "*") it may ask for; null = all.', select: { models: true }, resolve: (row) => textList(row.models) ?? null }),
    maxOutputTokens: t.exposeInt('maxOutputTokens', { nullable: true, description: 'The most output tokens of one request.' }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', { nullable: true, description: 'The most requests in a minute, on each node, or on all that share a Redis.' }),
    tokensPerMinute: t.exposeInt('tokensPerMinute', { nullable: true, description: 'The most tokens of input and output in a minute, on each node, or on all that share a Redis; what is read from a prompt cache does not count. null = no limit.' }),
    concurrent: t.exposeInt('concurrent', { nullable: true, description: 'The most requests at once, on each node, or on all that share a Redis; null = no limit.' }),
    sessions: t.exposeInt('sessions', { nullable: true, description: 'The most sessions at once, on each node, or on all that share a Redis; one counts until it has been idle for five minutes. null = no limit.' }),
    clients: t.stringList({ nullable: true, description: 'Clients (with "*") it may be used with, such as "claude-code", "codex", "gemini-cli", "*-sdk"; null = any. Clients say themselves who they are: this keeps order, it is no lock.', select: { clients: true }, resolve: (row) => textList(row.clients) ?? null }),
    tags: t.stringList({ description: 'Words that rules of routes may ask for.', select: { tags: true }, resolve: (row) => textList(row.tags) ?? [] }),
    replay: t.exposeBoolean('replay', { description: 'Whether streams that its clients leave are kept and replayed to the same request.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it ends; null = never.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When a request of it ended last.' }),
    claimedAt: t.expose('claimedAt', { type: 'DateTime', nullable: true, description: 'When somebody made this experience key their own.' }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
    quotas: t.field({ type: [QuotaRef], description: 'The limits set on this very key.', complexity: 5, select: { id: true }, resolve: (row, _, context, info) => gatherQuotas.KEY(context, info, row.id) }),
    usage: t.field({
      type: UsageTotalsRef, description: 'What it used; of the last 30 days when no time is given.', complexity: 5,
      args: { from: t.arg({ type: 'DateTime', description: 'From the beginning of this hour.' }), to: t.arg({ type: 'DateTime', description: 'Until before this instant.' }) },
      resolve: async (row, { from, to }, { domain, actor }) => {
        const until = to ?? new Date(domain.clock.now() + 1);
        return (await reportUsage(domain, actor, { from: from ?? new Date(until.getTime() - 30 * 86_400_000), to: until, keyId: row.id })).totals;
      },
    }),
  }),
});

const KeyConnection = connectionOf('Key', KeyRef);
const KeyFilter = builder.inputType('KeyFilter', {
  description: 'Which keys are wanted.',
  fields: (t) => ({
    status: t.field({ type: KeyStatus, description: 'Only with this status.' }),
    campaignId: t.id({ description: 'Only issued from this campaign.' }),
    tenantId: t.id({ description: 'Only of this tenant.' }),
    search: t.string({ description: 'A part of the name, or the beginning of the secret.' }),
  }),
});

builder.queryFields((t) => ({
  keys: t.field({
    type: KeyConnection, description: 'The keys of the viewer\'s tenant; of all tenants for an operator.', complexity: listCost,
    args: { ...pageArgs(t.arg), filter: t.arg({ type: KeyFilter, description: 'Which ones.' }) },
    resolve: (_, { filter, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.key.findMany({ ...query, where: { AND: [visibleKeys(context.actor, filter ?? {}), after] } })),
  }),
  key: t.prismaField({
    type: KeyRef, nullable: true, description: 'One key.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (query, _, { id }, { domain, actor }) => domain.db.client.key.findFirst({ ...query, where: { AND: [visibleKeys(actor), { id }] } }),
  }),
}));

const OwnFunding = builder.enumType('OwnFunding', {
  description: 'What a tenant may let pay for its keys.',
  values: { TENANT_BUDGET: { description: 'The tenant, within its limits.' }, WALLET: { description: 'The tenant\'s wallet, as long as there is something in it.' } },
});
const KeyCreateInput = builder.inputType('KeyCreateInput', {
  description: 'What a key is made from.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }),
    tenantId: t.id({ description: 'Whose it is (operators); the viewer\'s tenant when left out.' }),
    models: t.stringList({ description: 'Model names (with "*") it may ask for; all when left out.' }),
    maxOutputTokens: t.int({ description: 'The most output tokens of one request.' }),
    requestsPerMinute: t.int({ description: 'The most requests in a minute, on each node.' }),
    tokensPerMinute: t.int({ description: 'The most tokens of input and output in a minute.' }),
    concurrent: t.int({ description: 'The most requests at once.' }),
    sessions: t.int({ description: 'The most sessions at once.' }),
    clients: t.stringList({ description: 'Clients (with "*") it may be used with; any when left out.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; never when left out.' }),
    tags: t.stringList({ description: 'Words that rules of routes may ask for.' }),
    replay: t.boolean({ description: 'Whether streams that its clients leave are kept and replayed to the same request.' }),
    budget: t.field({ type: BudgetInput, description: 'What it may spend; without limit when left out.' }),
    funding: t.field({ type: OwnFunding, description: 'What pays for it; TENANT_BUDGET when left out.' }),
  }),
});
const KeyCreatePayload = payload<{ key: Key; secret: Secret }>('KeyCreatePayload', 'What keyCreate answers.', (t) => ({
  key: t.field({ type: KeyRef, nullable: true, description: 'The new key.', resolve: ({ value }) => value?.key ?? null }),
  secret: t.string({ nullable: true, description: 'What clients present (flk_…). It is shown only here.', resolve: ({ value }) => value?.secret.reveal() ?? null }),
  env: t.field({
    type: [EnvVar], description: 'The variables with which Claude Code uses it.',
    resolve: ({ value }, _, { domain }) => (value ? keyEnv(domain.places.nodeUrl, value.secret.reveal(), false) : []),
  }),
}));
const KeyUpdateInput = builder.inputType('KeyUpdateInput', {
  description: 'Changes to a key: what is left out stays, null takes a limit away.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which key.' }),
    name: t.string({ description: 'Its new name.' }),
    models: t.stringList({ description: 'Model names (with "*") it may ask for; null = all.' }),
    maxOutputTokens: t.int({ description: 'The most output tokens of one request; null = no limit.' }),
    requestsPerMinute: t.int({ description: 'The most requests in a minute; null = no limit.' }),
    tokensPerMinute: t.int({ description: 'The most tokens of input and output in a minute; null = no limit.' }),
    concurrent: t.int({ description: 'The most requests at once; null = no limit.' }),
    sessions: t.int({ description: 'The most sessions at once; null = no limit.' }),
    clients: t.stringList({ description: 'Clients (with "*") it may be used with; null = any.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends; null = never.' }),
    tags: t.stringList({ description: 'Words that rules of routes may ask for; null = none.' }),
    replay: t.boolean({ description: 'Whether streams that its clients leave are kept and replayed to the same request.' }),
    status: t.field({ type: KeyStatus, description: 'ACTIVE or PAUSED; revoking is keyRevoke.' }),
    funding: t.field({ type: OwnFunding, description: 'What pays for it from now on.' }),
    expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const keyPayload = (name: string) => payload<Key>(`${name}Payload`, `What ${name[0]?.toLowerCase()}${name.slice(1)} answers.`, (t) => ({ key: t.field({ type: KeyRef, nullable: true, description: 'The key as it is now.', resolve: ({ value }) => value }) }));
const KeyUpdatePayload = keyPayload('KeyUpdate');
const KeyRevokePayload = keyPayload('KeyRevoke');
const KeyClaimPayload = keyPayload('KeyClaim');
const KeyRevokeInput = builder.inputType('KeyRevokeInput', { description: 'Which key.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const KeyClaimInput = builder.inputType('KeyClaimInput', { description: 'A claim code.', fields: (t) => ({ code: t.string({ required: true, description: 'The last part of the claim link.' }) }) });

builder.mutationFields((t) => ({
  keyCreate: t.field({
    type: KeyCreatePayload, description: 'Makes a key. It answers when the live nodes know the key, or after two seconds.',
    args: { input: t.arg({ type: KeyCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createKey(domain, actor, input)),
  }),
  keyUpdate: t.field({
    type: KeyUpdatePayload, description: 'Changes, pauses or resumes a key.',
    args: { input: t.arg({ type: KeyUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateKey(domain, actor, input)),
  }),
  keyRevoke: t.field({
    type: KeyRevokePayload, description: 'Ends a key for ever.',
    args: { input: t.arg({ type: KeyRevokeInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await revokeKey(domain, actor, input.id)),
  }),
  keyClaim: t.field({
    type: KeyClaimPayload, description: 'Makes an experience key the viewer\'s own; its secret stays the same.',
    args: { input: t.arg({ type: KeyClaimInput, required: true, description: 'Its claim code.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await claimKey(domain, actor, input.code)),
  }),
}));
