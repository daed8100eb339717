import type { Member, Tenant } from '@fairlead/prisma';
import { createTenant, updateTenant } from '../domain/tenants/create.ts';
import { visibleTenant, visibleTenants } from '../domain/tenants/reads.ts';
import { textList } from '../domain/upstreams/stored.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { MemberRef } from './members.ts';

const TenantStatus = builder.enumType('TenantStatus', { description: 'Whether a tenant\'s keys work.', values: ['ACTIVE', 'SUSPENDED'] as const });

/** Who pays. */
export const TenantRef = builder.prismaNode('Tenant', {
  description: 'Who pays. Everything that costs money or may be seen belongs to one tenant.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    slug: t.exposeString('slug', { description: 'A short name for URLs; no other tenant has it.' }),
    status: t.field({ type: TenantStatus, description: 'Whether its keys work.', select: { status: true }, resolve: (row) => (row.status === 'SUSPENDED' ? 'SUSPENDED' : 'ACTIVE') }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', { nullable: true, description: 'The most requests of all its keys together in a minute, on each node, or on all that share a Redis; null = no limit.' }),
    tokensPerMinute: t.exposeInt('tokensPerMinute', { nullable: true, description: 'The most tokens of input and output of all its keys together in a minute; null = no limit.' }),
    concurrent: t.exposeInt('concurrent', { nullable: true, description: 'The most requests of all its keys together at once; null = no limit.' }),
    models: t.stringList({ nullable: true, description: 'Model names (with "*") its keys may ask for; null = all.', select: { models: true }, resolve: (row) => textList(row.models) ?? null }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
  }),
});

const TenantConnection = connectionOf('Tenant', TenantRef);

builder.queryFields((t) => ({
  tenant: t.prismaField({
    type: TenantRef, nullable: true, description: 'A tenant; the viewer\'s own when no id is given.',
    args: { id: t.arg.id({ description: 'Its id.' }) },
    resolve: (query, _, { id }, { domain, actor }) => domain.db.client.tenant.findFirst({ ...query, where: visibleTenant(actor, id) }),
  }),
  tenants: t.field({
    type: TenantConnection, description: 'Every tenant for an operator, the own one for others.', complexity: listCost,
    args: { ...pageArgs(t.arg), search: t.arg.string({ description: 'A part of the name or slug.' }) },
    resolve: (_, { search, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.tenant.findMany({ ...query, where: { AND: [visibleTenants(context.actor, search), after] } })),
  }),
}));

const TenantCreateInput = builder.inputType('TenantCreateInput', {
  description: 'What a tenant is made from.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }),
    slug: t.string({ description: 'A short name for URLs; made from the name when left out.' }),
    ownerName: t.string({ description: 'The first owner\'s name.' }),
    ownerEmail: t.string({ description: 'The first owner\'s e-mail address.' }),
  }),
});

const TenantCreatePayload = payload<{ tenant: Tenant; owner: Member; signInUrl: { reveal(): string } }>('TenantCreatePayload', 'What tenantCreate answers.', (t) => ({
  tenant: t.field({ type: TenantRef, nullable: true, description: 'The new tenant.', resolve: ({ value }) => value?.tenant ?? null }),
  owner: t.field({ type: MemberRef, nullable: true, description: 'Its first owner.', resolve: ({ value }) => value?.owner ?? null }),
  signInUrl: t.string({ nullable: true, description: 'A link that signs the owner in, once, within a week. It is shown only here.', resolve: ({ value }) => value?.signInUrl.reveal() ?? null }),
}));

const TenantUpdateInput = builder.inputType('TenantUpdateInput', {
  description: 'Changes to a tenant; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which tenant.' }),
    name: t.string({ description: 'Its new name.' }),
    status: t.field({ type: TenantStatus, description: 'Suspend or resume it (operators).' }),
    requestsPerMinute: t.int({ description: 'The most requests of all its keys together in a minute; null = no limit (operators).' }),
    tokensPerMinute: t.int({ description: 'The most tokens of all its keys together in a minute; null = no limit (operators).' }),
    concurrent: t.int({ description: 'The most requests of all its keys together at once; null = no limit (operators).' }),
    models: t.stringList({ description: 'Model names (with "*") its keys may ask for; null = all (operators).' }),
    expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});

const TenantUpdatePayload = payload<Tenant>('TenantUpdatePayload', 'What tenantUpdate answers.', (t) => ({
  tenant: t.field({ type: TenantRef, nullable: true, description: 'The changed tenant.', resolve: ({ value }) => value }),
}));

builder.mutationFields((t) => ({
  tenantCreate: t.field({
    type: TenantCreatePayload, description: 'Makes a tenant with its first owner (operators).',
    args: { input: t.arg({ type: TenantCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createTenant(domain, actor, input)),
  }),
  tenantUpdate: t.field({
    type: TenantUpdatePayload, description: 'Changes a tenant. Its own people may draw its limits tighter; only an operator loosens them.',
    args: { input: t.arg({ type: TenantUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateTenant(domain, actor, input)),
  }),
}));
