import type { Price, PriceMultiplier } from '@fairlead/prisma';
import { millionthsText } from '@fairlead/shared/money/dollars.ts';
import type { Price as CountedPrice } from '@fairlead/shared/money/price.ts';
import { unitKinds } from '@fairlead/shared/money/reading.ts';
import { multiplierSubjects } from '@fairlead/shared/snapshot/snapshot-price.ts';
import { refreshPrices, resetPrice } from '../domain/prices/bundled.ts';
import type { PriceChange, PricesRefreshed } from '../domain/prices/bundled.ts';
import { priceUnpriced } from '../domain/prices/back-fill.ts';
import { listMultipliers, setMultiplier } from '../domain/prices/multiplier.ts';
import { previewPrice } from '../domain/prices/preview.ts';
import type { PricePreview } from '../domain/prices/preview.ts';
import { currentPrices, visiblePrices } from '../domain/prices/reads.ts';
import { setPrice } from '../domain/prices/set.ts';
import { priceOfStored } from '../domain/prices/stored.ts';
import { listUnpriced } from '../domain/prices/unpriced.ts';
import type { UnpricedUse } from '../domain/prices/unpriced.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { PriceRates, PriceService, PriceSetInput, PriceStep, PriceUnit } from './price-words.ts';
import { Money } from './shapes.ts';

/** The columns of a row that say more than its usual prices of tokens. */
const termColumns = {
  id: true, modelName: true, upstreamId: true, inputNano: true, outputNano: true, cacheReadNano: true, cacheWrite5mNano: true, cacheWrite1hNano: true, reasoningNano: true, requestNano: true, units: true, steps: true, services: true, effectiveAt: true,
} as const;
const unitsOf = (price: Omit<CountedPrice, 'id'> | undefined) => unitKinds.flatMap((kind) => { const nano = price?.units?.[kind]; return nano === undefined ? [] : [{ kind, nano }]; });

/** What a model costs. */
export const PriceRef = builder.prismaNode('Price', {
  description: 'What a model costs, for a million tokens. Rows are never changed: of those that have taken effect the latest counts.',
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
    reasoning: t.field({ type: Money, nullable: true, description: 'Reasoning; null = as other output.', select: { reasoningNano: true }, resolve: (row) => row.reasoningNano }),
    request: t.field({ type: Money, description: 'For each request, whatever its size.', select: { requestNano: true }, resolve: (row) => row.requestNano }),
    units: t.field({ type: [PriceUnit], description: 'Uses of the vendor\'s tools, and tokens of sound and pictures.', select: termColumns, resolve: (row) => unitsOf(priceOfStored(row)) }),
    steps: t.field({ type: [PriceStep], description: 'Prices of long prompts, by rising threshold.', select: termColumns, resolve: (row) => [...(priceOfStored(row)?.steps ?? [])] }),
    services: t.field({ type: [PriceService], description: 'Other grades of service.', select: termColumns, resolve: (row) => [...(priceOfStored(row)?.services ?? [])] }),
    source: t.exposeString('source', { description: 'Where it is from: "hand", "preset:…", or "library:…" with its version.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it counts.' }),
  }),
});

const PriceConnection = connectionOf('Price', PriceRef);
const UnpricedRef = builder.objectRef<UnpricedUse>('UnpricedModel').implement({
  description: 'A model that was used without a price. Its use is charged as soon as a price counts for that time.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The model that was used.' }),
    attempts: t.exposeInt('attempts', { description: 'How many calls are not charged yet.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When the first of them began.' }),
    until: t.expose('until', { type: 'DateTime', description: 'When the last of them began.' }),
    inputTokens: t.field({ type: 'Long', description: 'What they read, caches included.', resolve: (row) => row.inputTokens }),
    outputTokens: t.field({ type: 'Long', description: 'What they wrote.', resolve: (row) => row.outputTokens }),
  }),
});
const MultiplierSubjectKind = builder.enumType('MultiplierSubjectKind', { description: 'Whose charges are multiplied.', values: multiplierSubjects });
const MultiplierRef = builder.objectRef<PriceMultiplier>('PriceMultiplier').implement({
  description: 'What multiplies the charges of an upstream, a tenant or a key. Each charge keeps what it was multiplied with.',
  fields: (t) => ({
    subjectKind: t.field({ type: MultiplierSubjectKind, description: 'Whose.', resolve: (row) => multiplierSubjects.find((known) => known === row.subjectKind) ?? 'UPSTREAM' }),
    subjectId: t.exposeID('subjectId', { description: 'The id of the upstream, tenant or key.' }),
    multiplier: t.field({ type: 'Decimal', description: 'The factor.', resolve: (row) => millionthsText(row.millionths) }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was set last.' }),
  }),
});

builder.queryFields((t) => ({
  prices: t.field({
    type: PriceConnection, description: 'The prices the viewer may see, earlier ones among them.', complexity: listCost, args: { ...pageArgs(t.arg),
    modelName: t.arg.string({ description: 'Only of this model.' }), current: t.arg.boolean({ description: 'Only those that count now, or will.' }) },
    resolve: async (_, { modelName, current, ...page }, context, info) => {
      const where = current ? await currentPrices(context.domain, context.actor, modelName) : visiblePrices(context.actor, modelName);
      return pageOf(page, context, info, (query, after) => context.domain.db.client.price.findMany({ ...query, where: { AND: [where, after] } }));
    },
  }),
  unpricedModels: t.field({ type: [UnpricedRef], description: 'Models that were used without a price by the viewer\'s tenant, by all for an operator.', complexity: 20, resolve: (_, __, { domain, actor }) => listUnpriced(domain, actor) }),
  priceMultipliers: t.field({ type: [MultiplierRef], description: 'What multiplies charges; what is not listed is not multiplied.', complexity: 10, resolve: (_, __, { domain, actor }) => listMultipliers(domain, actor) }),
}));

const PriceChangeRef = builder.objectRef<PriceChange>('PriceChange').implement({
  description: 'A price that a refresh changes, or would.',
  fields: (t) => ({
    modelName: t.exposeString('modelName', { description: 'The model.' }),
    before: t.field({ type: PriceRef, nullable: true, description: 'What counts until then; null when it had no price.', resolve: (row) => row.before ?? null }),
    after: t.field({ type: PriceRates, description: 'What a million tokens will cost.', resolve: (row) => row.after }),
    units: t.field({ type: [PriceUnit], description: 'What units will cost.', resolve: (row) => unitsOf(row.after) }),
    steps: t.field({ type: [PriceStep], description: 'What long prompts will cost.', resolve: (row) => [...(row.after.steps ?? [])] }),
    source: t.exposeString('source', { description: 'Where it is from.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it counts: a model that was used without a price is charged from its first use on.' }),
  }),
});
const PricesRefreshPayload = payload<PricesRefreshed>('PricesRefreshPayload', 'What the bundled library changes.', (t) => ({
  source: t.string({ nullable: true, description: 'The library with its version.', resolve: ({ value }) => value?.source ?? null }),
  applied: t.boolean({ description: 'Whether it was done, and not only previewed.', resolve: ({ value }) => value?.applied ?? false }),
  changes: t.field({ type: [PriceChangeRef], description: 'What changes, by model.', resolve: ({ value }) => value?.changes ?? [] }),
  kept: t.stringList({ description: 'Models whose price differs and was set by hand: it stays.', resolve: ({ value }) => value?.kept ?? [] }),
}));
const PricePreviewPayload = payload<PricePreview>('PricePreviewPayload', 'What setting a price would do.', (t) => ({
  effectiveAt: t.field({ type: 'DateTime', nullable: true, description: 'From when it would count.', resolve: ({ value }) => value?.effectiveAt ?? null }),
  replaces: t.field({ type: PriceRef, nullable: true, description: 'What it takes over from; null when nothing counted there.', resolve: ({ value }) => value?.replaces ?? null }),
  unpricedAttempts: t.int({ description: 'How many calls without a price it would charge.', resolve: ({ value }) => value?.unpricedAttempts ?? 0 }),
  unpricedCost: t.field({ type: Money, description: 'What they would be charged.', resolve: ({ value }) => value?.unpricedNano ?? 0n }),
  more: t.boolean({ description: 'Whether there are more such calls than were added up.', resolve: ({ value }) => value?.more ?? false }),
}));
const PriceSetPayload = payload<Price>('PriceSetPayload', 'The price that counts from then on.', (t) => ({ price: t.field({ type: PriceRef, nullable: true, description: 'The price.', resolve: ({ value }) => value }) }));
const PriceResetPayload = payload<Price>('PriceResetPayload', 'The price that counts now.', (t) => ({ price: t.field({ type: PriceRef, nullable: true, description: 'The price.', resolve: ({ value }) => value }) }));
const MultiplierSetPayload = payload<{ row: PriceMultiplier | undefined }>('PriceMultiplierSetPayload', 'The multiplier as it is now.', (t) => ({ multiplier: t.field({ type: MultiplierRef, nullable: true, description: 'Null when it is 1, which is none.', resolve: ({ value }) => value?.row ?? null }) }));
const PriceResetInput = builder.inputType('PriceResetInput', {
  description: 'Which price.',
  fields: (t) => ({ modelName: t.string({ required: true, description: 'The model.' }), upstreamId: t.id({ description: 'Only for this upstream; everywhere when left out (operators).' }) }),
});
const PricesRefreshInput = builder.inputType('PricesRefreshInput', { description: 'Whether to do it.', fields: (t) => ({ apply: t.boolean({ required: true, description: 'False: only say what would change.' }) }) });
const MultiplierSetInput = builder.inputType('PriceMultiplierSetInput', {
  description: 'A multiplier for exactly one of the three.',
  fields: (t) => ({
    upstreamId: t.id({ description: 'For this upstream.' }), tenantId: t.id({ description: 'For this tenant (operators).' }), keyId: t.id({ description: 'For this key (operators).' }),
    multiplier: t.field({ type: 'Decimal', required: true, description: 'Above 0, up to 100; 1 takes it away.' }),
  }),
});

builder.mutationFields((t) => ({
  priceSet: t.field({
    type: PriceSetPayload, description: 'Sets what a model costs, from now on or from when is said. Use that had no price and is covered by it is charged.',
    args: { input: t.arg({ type: PriceSetInput, required: true, description: 'The price.' }) },
    resolve: async (_, { input }, { domain, actor }) => {
      const set = await setPrice(domain, actor, input);
      if (set.ok) await priceUnpriced(domain, set.value.modelName);
      return settle(set);
    },
  }),
  pricePreview: t.field({
    type: PricePreviewPayload, description: 'Says what setting a price would do; nothing is changed.',
    args: { input: t.arg({ type: PriceSetInput, required: true, description: 'The price.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await previewPrice(domain, actor, input)),
  }),
  priceReset: t.field({
    type: PriceResetPayload, description: 'Goes back from a price that was set by hand to the bundled one, from now on.',
    args: { input: t.arg({ type: PriceResetInput, required: true, description: 'Which.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await resetPrice(domain, actor, input)),
  }),
  pricesRefresh: t.field({
    type: PricesRefreshPayload, description: 'Takes over the prices of the bundled library, or says what that would change (operators). Prices that were set by hand stay.',
    args: { input: t.arg({ type: PricesRefreshInput, required: true, description: 'Whether to do it.' }) },
    resolve: async (_, { input }, { domain, actor }) => {
      const refreshed = await refreshPrices(domain, actor, input.apply);
      if (refreshed.ok && refreshed.value.applied) await priceUnpriced(domain);
      return settle(refreshed);
    },
  }),
  priceMultiplierSet: t.field({
    type: MultiplierSetPayload, description: 'Sets what multiplies the charges of an upstream, a tenant or a key from now on.',
    args: { input: t.arg({ type: MultiplierSetInput, required: true, description: 'Whose, and by what.' }) },
    resolve: async (_, { input }, { domain, actor }) => {
      const set = await setMultiplier(domain, actor, input);
      return settle(set.ok ? { ...set, value: { row: set.value } } : set);
    },
  }),
}));
