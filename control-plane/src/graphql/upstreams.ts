import type { Credential, Upstream } from '@fairlead/prisma';
import { createUpstream } from '../domain/upstreams/create.ts';
import { addCredential, removeCredential, rotateCredential } from '../domain/upstreams/credentials.ts';
import { upstreamPresets } from '../domain/upstreams/presets.ts';
import type { PresetModel, UpstreamPreset } from '../domain/upstreams/presets.ts';
import { mayInspect, visibleUpstreams } from '../domain/upstreams/reads.ts';
import { authOf, dialectsOf, modelMap } from '../domain/upstreams/stored.ts';
import { deleteUpstream, updateUpstream } from '../domain/upstreams/update.ts';
import { ratesOf } from '../domain/prices/preset-prices.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { gatherById } from './gather.ts';
import { Money, SwitchStatus } from './shapes.ts';

const UpstreamAuth = builder.enumType('UpstreamAuth', {
  description: 'How a secret is presented to the vendor.',
  values: { BEARER: { description: '"Authorization: Bearer …".' }, X_API_KEY: { description: 'The header x-api-key.' }, X_GOOG_API_KEY: { description: 'The header x-goog-api-key.' }, API_KEY: { description: 'The header api-key.' }, QUERY_KEY: { description: 'The parameter "key" of the address.' }, SIGV4: { description: 'AWS signatures; the secret is "access key id:secret access key[:session token]".' }, SERVICE_ACCOUNT: { description: 'A Google service account; the secret is its JSON file.' }, NONE: { description: 'Nothing is presented.' } },
});
const switchOf = (status: string) => (status === 'PAUSED' ? 'PAUSED' as const : 'ACTIVE' as const);

/** One secret of an upstream. */
export const CredentialRef = builder.prismaNode('Credential', {
  description: 'One secret of an upstream. It is sealed and cannot be read again.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    hint: t.exposeString('hint', { description: 'The last characters of the secret.' }),
    status: t.field({ type: SwitchStatus, description: 'Whether nodes use it.', select: { status: true }, resolve: (row) => switchOf(row.status) }),
    priority: t.exposeInt('priority', { description: 'Lower is used first.' }),
    weight: t.exposeInt('weight', { description: 'Its share among those of the same priority.' }),
    version: t.exposeInt('version', { description: 'Rises when the secret is replaced.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
  }),
});

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
    status: t.field({ type: SwitchStatus, description: 'Whether nodes call it.', select: { status: true }, resolve: (row) => switchOf(row.status) }),
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

const PresetModelRef = builder.objectRef<PresetModel>('PresetModel').implement({
  description: 'A model of a preset with its list price.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name clients ask for.' }),
    displayName: t.exposeString('displayName', { description: 'What people call it.' }),
    input: t.field({ type: Money, description: 'For a million input tokens.', resolve: (model) => ratesOf(model).inputNano }),
    output: t.field({ type: Money, description: 'For a million output tokens.', resolve: (model) => ratesOf(model).outputNano }),
  }),
});
const UpstreamPresetRef = builder.objectRef<UpstreamPreset>('UpstreamPreset').implement({
  description: 'A vendor whose address, wire formats and prices are known.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Pass it as `preset`.' }),
    displayName: t.exposeString('displayName', { description: 'What people call it.' }),
    baseUrl: t.exposeString('baseUrl', { description: 'Where it is.' }),
    dialects: t.exposeStringList('dialects', { description: 'The wire formats it speaks.' }),
    auth: t.field({ type: UpstreamAuth, description: 'How its secrets are presented.', resolve: (row) => row.auth }),
    keyHint: t.exposeString('keyHint', { description: 'What its secrets look like.' }),
    docsUrl: t.string({ nullable: true, description: 'Where to read more.', resolve: (row) => row.docsUrl ?? null }),
    local: t.boolean({ description: 'Whether it runs on one\'s own machine.', resolve: (row) => row.local ?? false }),
    models: t.field({ type: [PresetModelRef], description: 'Its models.', resolve: (row) => row.models }),
  }),
});
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
  upstreamPresets: t.field({ type: [UpstreamPresetRef], description: 'Vendors that can be added by name. Public.', resolve: () => upstreamPresets() }),
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
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it.' }),
    expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const idInput = (name: string, what: string) => builder.inputType(name, { description: `Which ${what}.`, fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const upstreamPayload = (name: string) => payload<Upstream>(name, 'The upstream as it is now.', (t) => ({ upstream: t.field({ type: UpstreamRef, nullable: true, description: 'The upstream.', resolve: ({ value }) => value }) }));
const credentialPayload = (name: string) => payload<Credential>(name, 'The credential as it is now.', (t) => ({ credential: t.field({ type: CredentialRef, nullable: true, description: 'The credential.', resolve: ({ value }) => value }) }));
const removedPayload = (name: string, what: string) => payload<string>(name, `Which ${what} is gone.`, (t) => ({ removedId: t.id({ nullable: true, description: 'Its id.', resolve: ({ value }) => value }) }));

const UpstreamCreatePayload = upstreamPayload('UpstreamCreatePayload');
const UpstreamUpdatePayload = upstreamPayload('UpstreamUpdatePayload');
const UpstreamDeleteInput = idInput('UpstreamDeleteInput', 'upstream');
const UpstreamDeletePayload = removedPayload('UpstreamDeletePayload', 'upstream');
const CredentialAddPayload = credentialPayload('CredentialAddPayload');
const CredentialRotatePayload = credentialPayload('CredentialRotatePayload');
const CredentialRemoveInput = idInput('CredentialRemoveInput', 'credential');
const CredentialRemovePayload = removedPayload('CredentialRemovePayload', 'credential');
const CredentialAddInput = builder.inputType('CredentialAddInput', {
  description: 'A further secret of an upstream.',
  fields: (t) => ({
    upstreamId: t.id({ required: true, description: 'Whose secret.' }),
    name: t.string({ required: true, description: 'What people call it.' }),
    secret: t.string({ required: true, description: 'The vendor\'s secret. It is sealed at once.' }),
  }),
});
const CredentialRotateInput = builder.inputType('CredentialRotateInput', {
  description: 'A new secret for a credential.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Which credential.' }), secret: t.string({ required: true, description: 'The new secret.' }) }),
});

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
  credentialAdd: t.field({
    type: CredentialAddPayload, description: 'Adds a secret to an upstream.',
    args: { input: t.arg({ type: CredentialAddInput, required: true, description: 'What to add.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await addCredential(domain, actor, input)),
  }),
  credentialRotate: t.field({
    type: CredentialRotatePayload, description: 'Replaces a secret.',
    args: { input: t.arg({ type: CredentialRotateInput, required: true, description: 'The new secret.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await rotateCredential(domain, actor, input.id, input.secret)),
  }),
  credentialRemove: t.field({
    type: CredentialRemovePayload, description: 'Removes a secret.',
    args: { input: t.arg({ type: CredentialRemoveInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await removeCredential(domain, actor, input.id)),
  }),
}));
