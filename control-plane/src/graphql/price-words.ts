// What a price says, in and out.
import { millionthsText, usdText } from '@fairlead/shared/money/dollars.ts';
import type { Rates, Service, Step } from '@fairlead/shared/money/price.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { Money } from './shapes.ts';

/** Prices of tokens. */
export const PriceRates = builder.objectRef<Rates>('PriceRates').implement({
  description: 'What a million tokens cost.',
  fields: (t) => ({
    input: t.field({ type: Money, description: 'Input.', resolve: (row) => row.inputNano }),
    output: t.field({ type: Money, description: 'Output.', resolve: (row) => row.outputNano }),
    cacheRead: t.field({ type: Money, description: 'Input read from a cache.', resolve: (row) => row.cacheReadNano }),
    cacheWrite5m: t.field({ type: Money, description: 'Input written to a cache for five minutes.', resolve: (row) => row.cacheWrite5mNano }),
    cacheWrite1h: t.field({ type: Money, description: 'Input written to a cache for an hour.', resolve: (row) => row.cacheWrite1hNano }),
    reasoning: t.field({ type: Money, nullable: true, description: 'Reasoning; null = as other output.', resolve: (row) => row.reasoningNano ?? null }),
  }),
});

/** Prices of long prompts. */
export const PriceStep = builder.objectRef<Step>('PriceStep').implement({
  description: 'Prices of long prompts: from so many prompt tokens on, cached ones among them, they count for the whole request.',
  fields: (t) => ({
    fromTokens: t.int({ description: 'From how many prompt tokens on.', resolve: (row) => row.fromTokens }),
    rates: t.field({ type: PriceRates, description: 'What a million tokens cost then.', resolve: (row) => row }),
  }),
});

/** What another grade of service costs. */
export const PriceService = builder.objectRef<Service>('PriceService').implement({
  description: 'What another grade of service costs, such as "priority", "flex" or "batch".',
  fields: (t) => ({
    name: t.string({ description: 'The vendor\'s word for it.', resolve: (row) => row.name }),
    multiplier: t.field({ type: 'Decimal', nullable: true, description: 'What the usual prices of tokens are multiplied with; null when it has its own.', resolve: (row) => ('millionths' in row ? millionthsText(row.millionths) : null) }),
    rates: t.field({ type: PriceRates, nullable: true, description: 'Its own prices of tokens.', resolve: (row) => ('rates' in row ? row.rates : null) }),
    steps: t.field({ type: [PriceStep], description: 'Its own prices of long prompts.', resolve: (row) => ('steps' in row ? [...row.steps] : []) }),
  }),
});

/** What a unit besides tokens of text costs. */
export const PriceUnit = builder.objectRef<{ kind: string; nano: bigint }>('PriceUnit').implement({
  description: 'What a million uses of a vendor\'s tool cost, or a million tokens of sound or pictures, which then cost this instead of the price of input or output.',
  fields: (t) => ({
    kind: t.string({ description: 'web-search, web-fetch, code-execution, audio-input, audio-output, image-input, image-output or video-input.', resolve: (row) => row.kind }),
    price: t.field({ type: 'Decimal', description: 'Dollars for a million.', resolve: (row) => usdText(row.nano) }),
  }),
});

const rates = (t: PothosSchemaTypes.InputFieldBuilder<Extended, 'InputObject'>) => ({
  input: t.field({ type: 'Decimal', required: true, description: 'Input.' }),
  output: t.field({ type: 'Decimal', required: true, description: 'Output.' }),
  cacheRead: t.field({ type: 'Decimal', description: 'Input read from a cache; a tenth of input when left out.' }),
  cacheWrite5m: t.field({ type: 'Decimal', description: 'Input written to a cache for five minutes; five quarters of input when left out.' }),
  cacheWrite1h: t.field({ type: 'Decimal', description: 'Input written to a cache for an hour; twice input when left out.' }),
  reasoning: t.field({ type: 'Decimal', description: 'Reasoning; as other output when left out.' }),
});
const RatesInput = builder.inputType('PriceRatesInput', {
  description: 'Dollars for a million tokens.',
  fields: (t) => ({
    ...rates(t),
  }),
});
const StepInput = builder.inputType('PriceStepInput', {
  description: 'Prices of long prompts.',
  fields: (t) => ({
    fromTokens: t.int({ required: true, description: 'From how many prompt tokens on they count, for the whole request.' }),
    ...rates(t),
  }),
});
const ServiceInput = builder.inputType('PriceServiceInput', {
  description: 'What another grade of service costs: a multiplier, or prices of its own.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The vendor\'s word for it, such as "priority".' }),
    multiplier: t.field({ type: 'Decimal', description: 'What the usual prices of tokens are multiplied with: above 0, up to 100.' }),
    rates: t.field({ type: RatesInput, description: 'Its own prices of tokens.' }),
    steps: t.field({ type: [StepInput], description: 'Its own prices of long prompts, by rising threshold.' }),
  }),
});
const UnitInput = builder.inputType('PriceUnitInput', {
  description: 'What a unit besides tokens of text costs.',
  fields: (t) => ({
    kind: t.string({ required: true, description: 'web-search, web-fetch, code-execution, audio-input, audio-output, image-input, image-output or video-input.' }),
    price: t.field({ type: 'Decimal', required: true, description: 'Dollars for a million uses, or a million tokens.' }),
  }),
});

/** Everything that a price may say. */
export const PriceSetInput = builder.inputType('PriceSetInput', {
  description: 'A price in dollars for a million tokens.',
  fields: (t) => ({
    modelName: t.string({ required: true, description: 'The model.' }),
    upstreamId: t.id({ description: 'Only for this upstream; everywhere when left out (operators).' }),
    ...rates(t),
    request: t.field({ type: 'Decimal', description: 'Dollars for each request, whatever its size.' }),
    units: t.field({ type: [UnitInput], description: 'Uses of the vendor\'s tools, and tokens of sound and pictures.' }),
    steps: t.field({ type: [StepInput], description: 'Prices of long prompts, by rising threshold.' }),
    services: t.field({ type: [ServiceInput], description: 'Other grades of service.' }),
    effectiveAt: t.field({ type: 'DateTime', description: 'From when it counts; now when left out. A time before can be filled only where nothing had a price.' }),
  }),
});
