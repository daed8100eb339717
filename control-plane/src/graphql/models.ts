import type { Model } from '@fairlead/prisma';
import { visibleModels } from '../domain/prices/reads.ts';
import { upsertModel } from '../domain/prices/set.ts';
import { readCapabilities } from '../domain/upstreams/settings.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { Capability } from './routing-words.ts';

const ModelRef = builder.prismaNode('Model', {
  description: 'A model name that clients may ask for, with what is known of it.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name clients ask for.' }),
    displayName: t.exposeString('displayName', { description: 'What people call it.' }),
    vendor: t.exposeString('vendor', { nullable: true, description: 'Who made it.' }),
    contextTokens: t.exposeInt('contextTokens', { nullable: true, description: 'How much it can read.' }),
    maxOutputTokens: t.exposeInt('maxOutputTokens', { nullable: true, description: 'How much it can write.' }),
    lacks: t.field({ type: [Capability], description: 'What it cannot do.', select: { lacks: true }, resolve: (row) => readCapabilities(row.lacks) }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
  }),
});

const ModelConnection = connectionOf('Model', ModelRef);

builder.queryFields((t) => ({
  models: t.field({
    type: ModelConnection, description: 'The known models.', complexity: listCost, args: { ...pageArgs(t.arg), search: t.arg.string({ description: 'A part of the name.' }) },
    resolve: (_, { search, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.model.findMany({ ...query, where: { AND: [visibleModels(context.actor, search), after] } })),
  }),
}));

const ModelUpsertInput = builder.inputType('ModelUpsertInput', {
  description: 'What is known of a model; what is left out stays.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name clients ask for.' }), displayName: t.string({ description: 'What people call it.' }), vendor: t.string({ description: 'Who made it.' }),
    contextTokens: t.int({ description: 'How much it can read.' }), maxOutputTokens: t.int({ description: 'How much it can write.' }),
    lacks: t.field({ type: [Capability], description: 'What it cannot do.' }),
  }),
});
const ModelUpsertPayload = payload<Model>('ModelUpsertPayload', 'The model as it is now.', (t) => ({ model: t.field({ type: ModelRef, nullable: true, description: 'The model.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  modelUpsert: t.field({
    type: ModelUpsertPayload, description: 'Adds a model, or changes what is known of it (operators).',
    args: { input: t.arg({ type: ModelUpsertInput, required: true, description: 'What is known.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await upsertModel(domain, actor, input)),
  }),
}));
