import type { ManagementToken } from '@fairlead/prisma';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import type { Actor, MemberActor } from '../domain/actor.ts';
import { isOperator, roles } from '../domain/actor.ts';
import { ownMembers, visibleManagementTokens } from '../domain/members/reads.ts';
import { createSignInLink, endSignIn, redeemSignIn } from '../domain/members/sign-in.ts';
import { createManagementToken, revokeManagementToken } from '../domain/members/tokens.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';

const Role = builder.enumType('Role', {
  description: 'What a member may do in the tenant.',
  values: {
    OWNER: { description: 'Everything.' }, ADMIN: { description: 'Everything.' }, BILLING: { description: 'Reads everything and sets limits.' },
    DEVELOPER: { description: 'Reads, and makes keys.' }, VIEWER: { description: 'Reads.' },
  },
});
const roleOf = (text: string) => roles.find((role) => role === text) ?? 'VIEWER';

/** A person who signs in. */
export const MemberRef = builder.prismaNode('Member', {
  description: 'A person who signs in to one tenant.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The person\'s name.' }),
    email: t.exposeString('email', { nullable: true, description: 'The person\'s e-mail address.' }),
    role: t.field({ type: Role, description: 'What the member may do.', select: { role: true }, resolve: (row) => roleOf(row.role) }),
    operator: t.exposeBoolean('operator', { description: 'Whether the member acts above all tenants.' }),
    status: t.exposeString('status', { description: 'ACTIVE or DISABLED.' }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the member was added.' }),
  }),
});

/** A script's credential for this API. */
export const ManagementTokenRef = builder.prismaNode('ManagementToken', {
  description: 'What a script presents to this API. It can never call a model.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    hint: t.exposeString('hint', { description: 'The public part of the secret.' }),
    scopes: t.stringList({ description: 'Its rights, such as "keys:write"; "*" = all of its member.', select: { scopes: true }, resolve: (row) => (Array.isArray(row.scopes) ? row.scopes.filter((scope) => typeof scope === 'string') : []) }),
    member: t.relation('member', { nullable: true, description: 'As whom it acts.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was used last, to the minute.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

/** Who is asking. */
export const Viewer = builder.objectRef<MemberActor>('Viewer').implement({
  description: 'Who is asking.',
  fields: (t) => ({
    member: t.prismaField({ type: 'Member', nullable: true, description: 'The member.', resolve: (query, actor, _, { domain }) => domain.db.client.member.findUnique({ ...query, where: { id: actor.memberId } }) }),
    tenant: t.prismaField({ type: 'Tenant', nullable: true, description: 'The member\'s tenant.', resolve: (query, actor, _, { domain }) => domain.db.client.tenant.findUnique({ ...query, where: { id: actor.tenantId } }) }),
    role: t.field({ type: Role, description: 'What the member may do in the tenant.', resolve: (actor) => actor.role }),
    operator: t.boolean({ description: 'Whether the viewer acts above all tenants.', resolve: (actor) => isOperator(actor) }),
    scopes: t.stringList({ description: 'The rights of this sign-in or token; "*" = all of the role.', resolve: (actor) => [...actor.scopes] }),
  }),
});

const asMember = (actor: Actor) => (actor.kind === 'MEMBER' || actor.kind === 'TOKEN' ? actor : null);
const MemberConnection = connectionOf('Member', MemberRef);
const ManagementTokenConnection = connectionOf('ManagementToken', ManagementTokenRef);

builder.queryFields((t) => ({
  viewer: t.field({ type: Viewer, nullable: true, description: 'Who is asking; null when not signed in.', resolve: (_, __, { actor }) => asMember(actor) }),
  members: t.field({
    type: MemberConnection, description: 'The members of the viewer\'s tenant.', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.member.findMany({ ...query, where: { AND: [ownMembers(context.actor), after] } })),
  }),
  managementTokens: t.field({
    type: ManagementTokenConnection, description: 'The viewer\'s management tokens; owners and admins see the tenant\'s.', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.managementToken.findMany({ ...query, where: { AND: [visibleManagementTokens(context.actor), after] } })),
  }),
}));

const SignInRedeemInput = builder.inputType('SignInRedeemInput', { description: 'A sign-in link\'s secret.', fields: (t) => ({
  token: t.string({ required: true, description: 'What follows "#token=" in the link.' }) }),
});
const SignInRedeemPayload = payload<MemberActor>('SignInRedeemPayload', 'What signInRedeem answers.', (t) => ({ viewer: t.field({ type: Viewer, nullable: true, description: 'Who is signed in now.', resolve: ({ value }) => value }) }));
const SignOutInput = builder.inputType('SignOutInput', { description: 'Nothing is needed.', fields: (t) => ({ clientMutationId: t.string({ description: 'Ignored; an input must have a field.' }) }) });
const SignOutPayload = payload<null>('SignOutPayload', 'What signOut answers.', () => ({}));
const SignInLinkCreateInput = builder.inputType('SignInLinkCreateInput', { description: 'Whom the link signs in.', fields: (t) => ({
  memberId: t.id({ description: 'A member of the tenant; oneself when left out.' }) }),
});
const SignInLinkCreatePayload = payload<{ url: Secret; expiresAt: Date }>('SignInLinkCreatePayload', 'What signInLinkCreate answers.', (t) => ({
  url: t.string({ nullable: true, description: 'The link; it works once and is shown only here.', resolve: ({ value }) => value?.url.reveal() ?? null }),
  expiresAt: t.field({ type: 'DateTime', nullable: true, description: 'When it stops working.', resolve: ({ value }) => value?.expiresAt ?? null }),
}));
const ManagementTokenCreateInput = builder.inputType('ManagementTokenCreateInput', {
  description: 'What a management token is made from.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }),
    scopes: t.stringList({ required: true, description: 'Its rights, such as ["keys:read"]; ["*"] for all of the member\'s.' }),
    expiresInDays: t.int({ defaultValue: 90, description: 'How long it works, at most 366 days.' }),
  }),
});
const ManagementTokenCreatePayload = payload<{ row: ManagementToken; secret: Secret }>('ManagementTokenCreatePayload', 'What managementTokenCreate answers.', (t) => ({
  managementToken: t.field({ type: ManagementTokenRef, nullable: true, description: 'The new token.', resolve: ({ value }) => value?.row ?? null }),
  secret: t.string({ nullable: true, description: 'What to present (flm_…). It is shown only here.', resolve: ({ value }) => value?.secret.reveal() ?? null }),
}));
const ManagementTokenRevokeInput = builder.inputType('ManagementTokenRevokeInput', { description: 'Which token.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const ManagementTokenRevokePayload = payload<ManagementToken>('ManagementTokenRevokePayload', 'What managementTokenRevoke answers.', (t) => ({ managementToken: t.field({ type: ManagementTokenRef, nullable: true, description: 'The revoked token.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  signInRedeem: t.field({
    type: SignInRedeemPayload, description: 'Signs in with a one-time link; the answer sets a cookie.',
    args: { input: t.arg({ type: SignInRedeemInput, required: true, description: 'The link\'s secret.' }) },
    resolve: async (_, { input }, context) => {
      if (!context.tryPace.take(context.address, context.domain.clock.now())) return { value: null, userErrors: [{ code: 'RATE_LIMITED' as const, message: 'Too many tries from this address. Wait a minute.' }] };
      const done = await redeemSignIn(context.domain, input.token, context.userAgent);
      if (!done.ok) return { value: null, userErrors: done.problems };
      context.cookie.set(done.value.cookie.reveal(), done.value.expiresAt);
      return { value: done.value.actor, userErrors: done.warnings };
    },
  }),
  signOut: t.field({
    type: SignOutPayload, description: 'Ends this sign-in.',
    args: { input: t.arg({ type: SignOutInput, description: 'Nothing is needed.' }) },
    resolve: async (_, __, { domain, actor, cookie }) => {
      const done = await endSignIn(domain, actor);
      cookie.clear();
      return settle(done);
    },
  }),
  signInLinkCreate: t.field({
    type: SignInLinkCreatePayload, description: 'Makes a one-time link that signs a member in.',
    args: { input: t.arg({ type: SignInLinkCreateInput, required: true, description: 'For whom.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createSignInLink(domain, actor, input.memberId)),
  }),
  managementTokenCreate: t.field({
    type: ManagementTokenCreatePayload, description: 'Makes a management token.',
    args: { input: t.arg({ type: ManagementTokenCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createManagementToken(domain, actor, input)),
  }),
  managementTokenRevoke: t.field({
    type: ManagementTokenRevokePayload, description: 'Ends a management token for ever.',
    args: { input: t.arg({ type: ManagementTokenRevokeInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await revokeManagementToken(domain, actor, input.id)),
  }),
}));
