import type { Credential } from '@fairlead/prisma';
import { addCredential, removeCredential, rotateCredential, updateCredential } from '../domain/upstreams/credentials.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { payload, settle } from './errors.ts';
import { SwitchStatus } from './shapes.ts';

/** One secret of an upstream. */
export const CredentialRef = builder.prismaNode('Credential', {
  description: 'One secret of an upstream. It is sealed and cannot be read again.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    upstream: t.relation('upstream', { description: 'Whose secret it is.' }),
    name: t.exposeString('name', { description: 'What people call it.' }),
    hint: t.exposeString('hint', { description: 'The last characters of the secret.' }),
    status: t.field({ type: SwitchStatus, description: 'Whether nodes use it.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE') }),
    priority: t.exposeInt('priority', { description: 'Lower is used first.' }),
    weight: t.exposeInt('weight', { description: 'Its share among those of the same priority.' }),
    requestsPerMinute: t.exposeInt('requestsPerMinute', { nullable: true, description: 'The most requests in a minute, on each node; null = no limit of our own.' }),
    concurrent: t.exposeInt('concurrent', { nullable: true, description: 'The most calls at once, on each node; null = no limit of our own.' }),
    spillAtPercent: t.exposeInt('spillAtPercent', { nullable: true, description: 'The share of the vendor\'s own limit, in percent, from which the next secret is preferred; null = 90.' }),
    version: t.exposeInt('version', { description: 'Rises when the secret is replaced.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was changed last.' }),
  }),
});

const limits = (t: PothosSchemaTypes.InputFieldBuilder<Extended, 'InputObject'>) => ({
  priority: t.int({ description: 'Lower is used first.' }),
  weight: t.int({ description: 'Its share among those of the same priority.' }),
  requestsPerMinute: t.int({ description: 'The most requests in a minute, on each node.' }),
  concurrent: t.int({ description: 'The most calls at once, on each node.' }),
  spillAtPercent: t.int({ description: 'The share of the vendor\'s own limit, in percent, from which the next secret is preferred; 90 when left out.' }),
});
const CredentialAddInput = builder.inputType('CredentialAddInput', {
  description: 'A further secret of an upstream.',
  fields: (t) => ({
    upstreamId: t.id({ required: true, description: 'Whose secret.' }),
    name: t.string({ required: true, description: 'What people call it.' }),
    secret: t.string({ required: true, description: 'The vendor\'s secret. It is sealed at once.' }),
    ...limits(t),
  }),
});
const CredentialUpdateInput = builder.inputType('CredentialUpdateInput', {
  description: 'Changes to how a secret is used: what is left out stays, null takes a limit away.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which credential.' }),
    name: t.string({ description: 'Its new name.' }),
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it.' }),
    ...limits(t),
  }),
});
const CredentialRotateInput = builder.inputType('CredentialRotateInput', {
  description: 'A new secret for a credential.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Which credential.' }), secret: t.string({ required: true, description: 'The new secret.' }) }),
});
const CredentialRemoveInput = builder.inputType('CredentialRemoveInput', { description: 'Which credential.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const credentialPayload = (name: string) => payload<Credential>(name, 'The credential as it is now.', (t) => ({ credential: t.field({ type: CredentialRef, nullable: true, description: 'The credential.', resolve: ({ value }) => value }) }));
const CredentialAddPayload = credentialPayload('CredentialAddPayload');
const CredentialUpdatePayload = credentialPayload('CredentialUpdatePayload');
const CredentialRotatePayload = credentialPayload('CredentialRotatePayload');
const CredentialRemovePayload = payload<string>('CredentialRemovePayload', 'Which credential is gone.', (t) => ({ removedId: t.id({ nullable: true, description: 'Its id.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  credentialAdd: t.field({
    type: CredentialAddPayload, description: 'Adds a secret to an upstream.',
    args: { input: t.arg({ type: CredentialAddInput, required: true, description: 'What to add.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await addCredential(domain, actor, input)),
  }),
  credentialUpdate: t.field({
    type: CredentialUpdatePayload, description: 'Changes, pauses or resumes a secret.',
    args: { input: t.arg({ type: CredentialUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateCredential(domain, actor, input)),
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
