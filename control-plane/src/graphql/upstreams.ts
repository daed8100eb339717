import type { Upstream } from '@fairlead/prisma';
import { createUpstream } from '../domain/upstreams/create.ts';
import { mayInspect, visibleUpstreams } from '../domain/upstreams/reads.ts';
import { readUpstreamSettings } from '../domain/upstreams/settings.ts';
import { authOf, dialectsOf, modelMap } from '../domain/upstreams/stored.ts';
import { deleteUpstream, updateUpstream } from '../domain/upstreams/update.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { CredentialRef } from './credentials.ts';
import { payload, settle } from './errors.ts';
import { gatherById } from './gather.ts';
import { Capability } from './routing-words.ts';
import { SwitchStatus } from './shapes.ts';
import { DialectAddress, UpstreamHeader, settingsInput } from './upstream-settings.ts';
import { AbortPolicy, Addressing, UpstreamAuth } from './upstream-words.ts';

const ModelMapping = builder.objectRef<{ model: string; upstreamModel: string }>('ModelMapping').implement({
  description: 'Under which name a model is sent to the vendor.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The name clients ask for; may be a pattern.' }),
    upstreamModel: t.exposeString('upstreamModel', { description: 'The name that is sent; "*" = as asked.' }),
  }),
});

/** A vendor account. */
export const UpstreamRef = builder.prismaNode('Upstream', {
  description: 'A vendor account that nodes call. Screens call it a provider.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    preset: t.exposeString('preset', { nullable: true, description: 'The preset it was made from.' }),
    shared: t.boolean({ description: 'Whether it is the operator\'s and serves every tenant.', select: { tenantId: true }, resolve: (row) => row.tenantId === null }),
    tenant: t.relation('tenant', { nullable: true, description: 'Whose it is; null when it is the operator\'s.' }),
    baseUrl: t.string({ nullable: true, description: 'Where it is; null when it is not the viewer\'s.', select: { tenantId: true, baseUrl: true }, resolve: (row, _, { actor }) => (mayInspect(actor, row) ? row.baseUrl : null) }),
    dialects: t.stringList({ description: 'The wire formats it speaks, the preferred first.', select: { dialects: true }, resolve: (row) => dialectsOf(row.dialects) }),
    auth: t.field({ type: UpstreamAuth, description: 'How its secrets are presented.', select: { auth: true }, resolve: (row) => authOf(row.auth) }),
    models: t.field({ type: [ModelMapping], nullable: true, description: 'Which models it serves; null = every name, sent as asked.', select: { models: true }, resolve: (row) => modelMap(row.models) ?? null }),
    priority: t.exposeInt('priority', { description: 'Lower is asked first.' }),
    weight: t.exposeInt('weight', { description: 'Its share among those of the same priority.' }),
    status: t.field({ type: SwitchStatus, description: 'Whether nodes call it.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE') }),
    baseUrls: t.field({
      type: [DialectAddress], description: 'Addresses of wire formats that the vendor serves apart; empty when it is not the viewer\'s.', select: { tenantId: true, settings: true },
      resolve: (row, _, { actor }) => (mayInspect(actor, row) ? Object.entries(readUpstreamSettings(row.settings).baseUrls ?? {}).map(([dialect, baseUrl]) => ({ dialect, baseUrl })) : []),
    }),
    addressing: t.field({ type: Addressing, nullable: true, description: 'How its addresses are made, where they differ from the wire format\'s own.', select: { settings: true }, resolve: (row) => readUpstreamSettings(row.settings).addressing ?? null }),
    quirks: t.stringList({ description: 'Named adjustments of requests, in order.', select: { settings: true }, resolve: (row) => readUpstreamSettings(row.settings).quirks ?? [] }),
    headers: t.field({
      type: [UpstreamHeader], description: 'Headers that every call carries; empty when it is not the viewer\'s.', select: { tenantId: true, settings: true },
      resolve: (row, _, { actor }) => (mayInspect(actor, row) ? Object.entries(readUpstreamSettings(row.settings).headers ?? {}).map(([name, value]) => ({ name, value })) : []),
    }),
    patience: t.int({ description: 'How many times longer than usual it may take.', select: { settings: true }, resolve: (row) => readUpstreamSettings(row.settings).patience ?? 1 }),
    onAbort: t.field({ type: AbortPolicy, description: 'What a client that leaves is charged.', select: { settings: true }, resolve: (row) => readUpstreamSettings(row.settings).onAbort ?? 'ESTIMATED' }),
    lacks: t.field({ type: [Capability], description: 'What it cannot do.', select: { settings: true }, resolve: (row) => readUpstreamSettings(row.settings).lacks ?? [] }),
    credentials: t.field({
      type: [CredentialRef], description: 'Its secrets, by hint; empty when it is not the viewer\'s.',
      complexity: 5,
      select: (_, __, nested) => ({ tenantId: true, credentials: nested({ orderBy: { id: 'asc' } }) }),
      resolve: (row, _, { actor }) => (mayInspect(actor, row) ? row.credentials : []),
    }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
  }),
});

/** Reads upstreams by id, those that serve the viewer. */
export const gatherUpstreams = gatherById((query, ids, { domain, actor }) => domain.db.client.upstream.findMany({ ...query, where: { AND: [visibleUpstreams(actor), { id: { in: ids } }] } }));

const UpstreamConnection = connectionOf('Upstream', UpstreamRef);

builder.queryFields((t) => ({
  upstreams: t.field({
    type: UpstreamConnection, description: 'The upstreams that serve the viewer.', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.upstream.findMany({ ...query, where: { AND: [visibleUpstreams(context.actor), after] } })),
  }),
  upstream: t.prismaField({
    type: UpstreamRef, nullable: true, description: 'One upstream.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (query, _, { id }, { domain, actor }) => domain.db.client.upstream.findFirst({ ...query, where: { AND: [visibleUpstreams(actor), { id }] } }),
  }),
}));

const ModelMappingInput = builder.inputType('ModelMappingInput', {
  description: 'Under which name a model is sent.',
  fields: (t) => ({
    model: t.string({ required: true, description: 'The name clients ask for; may be a pattern such as "claude-*".' }),
    upstreamModel: t.string({ description: 'The name that is sent; the asked one when left out.' }),
  }),
});
const UpstreamCreateInput = builder.inputType('UpstreamCreateInput', {
  description: 'What an upstream is made from. A preset fills what is left out.',
  fields: (t) => ({
    name: t.string({ description: 'What people call it; the preset\'s name when left out.' }),
    preset: t.string({ description: 'One of upstreamPresets.' }),
    baseUrl: t.string({ description: 'Where it is, without the path of an endpoint.' }),
    dialects: t.stringList({ description: 'The wire formats it speaks, the preferred first.' }),
    auth: t.field({ type: UpstreamAuth, description: 'How the secret is presented.' }),
    models: t.field({ type: [ModelMappingInput], description: 'Which models it serves; the preset\'s, or else every name.' }),
    priority: t.int({ description: 'Lower is asked first; 0 when left out.' }),
    weight: t.int({ description: 'Its share among those of the same priority; 1 when left out.' }),
    ...settingsInput(t),
    secret: t.string({ description: 'The vendor\'s secret. It is sealed at once. Needed unless the preset is local.' }),
    credentialName: t.string({ description: 'What people call the secret.' }),
    shared: t.boolean({ description: 'Whether it serves every tenant (operators; true for them when left out).' }),
  }),
});
const UpstreamUpdateInput = builder.inputType('UpstreamUpdateInput', {
  description: 'Changes to an upstream; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which upstream.' }),
    name: t.string({ description: 'Its new name.' }),
    baseUrl: t.string({ description: 'Where it is now.' }),
    dialects: t.stringList({ description: 'The wire formats it speaks, the preferred first.' }),
    auth: t.field({ type: UpstreamAuth, description: 'How its secrets are presented.' }),
    models: t.field({ type: [ModelMappingInput], description: 'Which models it serves; null = every name.' }),
    priority: t.int({ description: 'Lower is asked first.' }),
    weight: t.int({ description: 'Its share among those of the same priority.' }),
    ...settingsInput(t),
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it.' }),
    expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const idInput = (name: string, what: string) => builder.inputType(name, { description: `Which ${what}.`, fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const upstreamPayload = (name: string) => payload<Upstream>(name, 'The upstream as it is now.', (t) => ({ upstream: t.field({ type: UpstreamRef, nullable: true, description: 'The upstream.', resolve: ({ value }) => value }) }));
const removedPayload = (name: string, what: string) => payload<string>(name, `Which ${what} is gone.`, (t) => ({ removedId: t.id({ nullable: true, description: 'Its id.', resolve: ({ value }) => value }) }));

const UpstreamCreatePayload = upstreamPayload('UpstreamCreatePayload');
const UpstreamUpdatePayload = upstreamPayload('UpstreamUpdatePayload');
const UpstreamDeleteInput = idInput('UpstreamDeleteInput', 'upstream');
const UpstreamDeletePayload = removedPayload('UpstreamDeletePayload', 'upstream');
builder.mutationFields((t) => ({
  upstreamCreate: t.field({
    type: UpstreamCreatePayload, description: 'Adds a vendor account that nodes may call.',
    args: { input: t.arg({ type: UpstreamCreateInput, required: true, description: 'What to add.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createUpstream(domain, actor, input)),
  }),
  upstreamUpdate: t.field({
    type: UpstreamUpdatePayload, description: 'Changes, pauses or resumes an upstream.',
    args: { input: t.arg({ type: UpstreamUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateUpstream(domain, actor, input)),
  }),
  upstreamDelete: t.field({
    type: UpstreamDeletePayload, description: 'Removes an upstream with its secrets.',
    args: { input: t.arg({ type: UpstreamDeleteInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await deleteUpstream(domain, actor, input.id)),
  }),
}));
