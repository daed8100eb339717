// Types that several files share.
import type { QuotaUnit as Unit } from '@fairlead/shared/lease/purse.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import { builder } from './builder.ts';

/** An exact amount of money. */
export const Money = builder.objectRef<bigint>('Money').implement({
  description: 'An exact amount of money.',
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', description: 'The amount, never rounded.', resolve: (nano) => usdText(nano) }),
    currency: t.string({ description: 'Always "USD".', resolve: () => 'USD' }),
  }),
});

/** What a limit counts. */
export const QuotaUnit = builder.enumType('QuotaUnit', {
  description: 'What a limit counts.',
  values: {
    USD: { description: 'Dollars that are charged.' },
    TOKENS: { description: 'Tokens that the upstream reported: input, output, and what was read from or written to a prompt cache. Thinking is part of output; every token counts alike.' },
    REQUESTS: { description: 'Calls that an upstream answered with a status, or used tokens for. A call that failed over counts at each upstream that it was one for.' },
  } satisfies Record<Unit, { description: string }>,
});

const amountIn = (unit: Unit, amount: bigint) => (unit === 'USD' ? usdText(amount) : String(amount));

/** An exact amount of what a limit counts. */
export const QuotaAmount = builder.objectRef<{ unit: Unit; amount: bigint }>('QuotaAmount').implement({
  description: 'An exact amount of what a limit counts.',
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', description: 'The amount, never rounded: dollars, or a whole number of tokens or requests.', resolve: ({ unit, amount }) => amountIn(unit, amount) }),
    unit: t.expose('unit', { type: QuotaUnit, description: 'Of what.' }),
    currency: t.string({ nullable: true, description: '"USD" when it is money.', resolve: ({ unit }) => (unit === 'USD' ? 'USD' : null) }),
  }),
});

/** How often a quota starts anew. */
export const QuotaWindow = builder.enumType('QuotaWindow', {
  description: 'How often a limit starts anew.',
  values: {
    FIVE_HOURS: { description: 'Every five hours, counted in UTC.' },
    FIVE_HOURS_ROLLING: { description: 'Never at once: what was spent in the last five hours counts, to within five minutes.' }, DAY: { description: 'Every day at midnight in the time zone.' },
    WEEK: { description: 'Every Monday at midnight in the time zone.' }, MONTH: { description: 'Every first day of a month in the time zone.' }, TOTAL: { description: 'Never: it counts for ever.' },
  },
});

/** A limit with its window. */
export const BudgetInput = builder.inputType('BudgetInput', {
  description: 'A limit with its window.',
  fields: (t) => ({
    limit: t.field({ type: 'Decimal', required: true, description: 'Dollars that may be spent in one window.' }),
    window: t.field({ type: QuotaWindow, required: true, description: 'How often the limit starts anew.' }),
    timeZone: t.string({ description: 'Whose midnight counts, such as "Europe/Berlin"; UTC when left out.' }),
  }),
});

/** One environment variable. */
export const EnvVar = builder.objectRef<{ name: string; value: string }>('EnvVar').implement({
  description: 'One environment variable.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Its name.' }), value: t.exposeString('value', { description: 'Its value.' }) }),
});

/** A public face of whatever is on or off. */
export const SwitchStatus = builder.enumType('SwitchStatus', { description: 'Whether it counts at the moment.', values: ['ACTIVE', 'PAUSED'] as const });
