// How a charge came about.
import type { ExplainedCharge, ExplainedPart } from '../domain/prices/explain.ts';
import { builder } from './builder.ts';
import { Money } from './shapes.ts';

/** What an explanation reads of an event. */
export const explainedColumns = {
  inputTokens: true, outputTokens: true, cacheReadTokens: true, cacheWrite5mTokens: true, cacheWrite1hTokens: true, reasoningTokens: true, outcome: true, unpriced: true, priceId: true, terms: true, costNano: true, excessNano: true, reservedNano: true,
} as const;

const ChargePartRef = builder.objectRef<ExplainedPart>('ChargePart').implement({
  description: 'One part of a charge.',
  fields: (t) => ({
    kind: t.string({ description: 'input, cache-read, cache-write-5m, cache-write-1h, output, reasoning, request, or a unit such as web-search.', resolve: (row) => row.kind }),
    count: t.field({ type: 'Long', description: 'How many tokens or uses.', resolve: (row) => row.count }),
    perMillion: t.field({ type: Money, description: 'What a million of them cost.', resolve: (row) => row.perMillionNano }),
    serviceMultiplier: t.field({ type: 'Decimal', description: 'What that is multiplied with for the grade of service.', resolve: (row) => row.serviceMultiplier }),
    amount: t.field({ type: 'Decimal', description: 'The dollars of this part, exact: before multipliers and rounding.', resolve: (row) => row.amount }),
  }),
});
const ChargeMultiplierRef = builder.objectRef<ExplainedCharge['multipliers'][number]>('ChargeMultiplier').implement({
  description: 'What a charge was multiplied with.',
  fields: (t) => ({
    subject: t.string({ description: 'Whose it was: UPSTREAM, TENANT or KEY.', resolve: (row) => row.subject }),
    multiplier: t.field({ type: 'Decimal', description: 'The factor.', resolve: (row) => row.multiplier }),
  }),
});

/** A charge in its parts. */
export const ExplainedChargeRef = builder.objectRef<ExplainedCharge>('ExplainedCharge').implement({
  description: 'A charge in its parts, made again from what the ledger keeps.',
  fields: (t) => ({
    basis: t.field({
      type: builder.enumType('ChargeBasis', {
        description: 'What a charge was made from.',
        values: {
          READING: { description: 'What was used.' }, RESERVATION: { description: 'The node stopped in the middle: all that was held is charged.' },
          UNPRICED: { description: 'Nothing yet: the model has no price.' }, PRICE_GONE: { description: 'The row it was charged by is not there.' },
        },
      }),
      description: 'What it was made from.', resolve: (row) => row.basis,
    }),
    parts: t.field({ type: [ChargePartRef], description: 'The parts; their sum times the multipliers, rounded up once, is the total.', resolve: (row) => row.parts }),
    service: t.string({ description: 'The grade of service whose prices counted.', resolve: (row) => row.service }),
    fromTokens: t.int({ description: 'Where the prices of long prompts began that counted; 0 = the usual ones.', resolve: (row) => row.fromTokens }),
    multipliers: t.field({ type: [ChargeMultiplierRef], description: 'What it was multiplied with.', resolve: (row) => row.multipliers }),
    sum: t.field({ type: 'Decimal', description: 'The dollars of all parts, exact.', resolve: (row) => row.sum }),
    total: t.field({ type: Money, description: 'The charge: what was settled and what is excess together.', resolve: (row) => row.totalNano }),
    agrees: t.boolean({ description: 'Whether the ledger says the same.', resolve: (row) => row.agrees }),
  }),
});
