import type { Model, Price } from '@fairlead/prisma';
import { visibleModels, visiblePrices } from '../domain/prices/reads.ts';
import { setPrice, upsertModel } from '../domain/prices/set.ts';
import { readCapabilities } from '../domain/upstreams/settings.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { Capability } from './routing-words.ts';
import { Money } from './shapes.ts';

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

/** What a model costs. */
export const PriceRef = builder.prismaNode('Price', {
  description: 'What a model costs, for a million tokens. Rows are never changed: the newest counts.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    modelName: t.exposeString('modelName', { description: 'The model.' }),
    upstream: t.relation('upstream', { nullable: true, description: 'Only for this upstream; null = everywhere.' }),
    input: t.field({ type: Money, description: 'Input.', select: { inputNano: true }, resolve: (row) => row.inputNano }),
    output: t.field({ type: Money, description: 'Output.', select: { outputNano: true }, resolve: (row) => row.outputNano }),
    cacheRead: t.field({ type: Money, description: 'Input read from a cache.', select: { cacheReadNano: true }, resolve: (row) => row.cacheReadNano }),
    cacheWrite5m: t.field({ type: Money, description: 'Input written to a cache for five minutes.', select: { cacheWrite5mNano: true }, resolve: (row) => row.cacheWrite5mNano }),
    cacheWrite1h: t.field({ type: Money, description: 'Input written to a cache for an hour.', select: { cacheWrite1hNano: true }, resolve: (row) => row.cacheWrite1hNano }),
    source: t.exposeString('source', { description: 'Where the price is from.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it counts.' }),
  }),
});

const ModelConnection = connectionOf('Model', ModelRef);
const PriceConnection = connectionOf('Price', PriceRef);

builder.queryFields((t) => ({
  models: t.field({
    type: ModelConnection, description: 'The known models.', complexity: listCost, args: { ...pageArgs(t.arg), search: t.arg.string({ description: 'A part of the name.' }) },
    resolve: (_, { search, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.model.findMany({ ...query, where: { AND: [visibleModels(context.actor, search), after] } })),
  }),
  prices: t.field({
    type: PriceConnection, description: 'The prices the viewer may see, earlier ones among them.', complexity: listCost, args: { ...pageArgs(t.arg),
    modelName: t.arg.string({ description: 'Only of this model.' }) },
    resolve: (_, { modelName, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.price.findMany({ ...query, where: { AND: [visiblePrices(context.actor, modelName), after] } })),
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
const PriceSetInput = builder.inputType('PriceSetInput', {
  description: 'A price in dollars for a million tokens.',
  fields: (t) => ({
    modelName: t.string({ required: true, description: 'The model.' }),
    upstreamId: t.id({ description: 'Only for this upstream; everywhere when left out (operators).' }),
    input: t.field({ type: 'Decimal', required: true, description: 'Input.' }),
    output: t.field({ type: 'Decimal', required: true, description: 'Output.' }),
    cacheRead: t.field({ type: 'Decimal', description: 'Input read from a cache; a tenth of input when left out.' }),
    cacheWrite5m: t.field({ type: 'Decimal', description: 'Input written to a cache for five minutes; five quarters of input when left out.' }),
    cacheWrite1h: t.field({ type: 'Decimal', description: 'Input written to a cache for an hour; twice input when left out.' }),
  }),
});
const ModelUpsertPayload = payload<Model>('ModelUpsertPayload', 'The model as it is now.', (t) => ({ model: t.field({ type: ModelRef, nullable: true, description: 'The model.', resolve: ({ value }) => value }) }));
const PriceSetPayload = payload<Price>('PriceSetPayload', 'The price that counts now.', (t) => ({ price: t.field({ type: PriceRef, nullable: true, description: 'The price.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  modelUpsert: t.field({
    type: ModelUpsertPayload, description: 'Adds a model, or changes what is known of it (operators).',
    args: { input: t.arg({ type: ModelUpsertInput, required: true, description: 'What is known.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await upsertModel(domain, actor, input)),
  }),
  priceSet: t.field({
    type: PriceSetPayload, description: 'Sets what a model costs from now on.',
    args: { input: t.arg({ type: PriceSetInput, required: true, description: 'The price.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await setPrice(domain, actor, input)),
  }),
}));
