// Types that several files share.
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

/** How often a quota starts anew. */
export const QuotaWindow = builder.enumType('QuotaWindow', {
  description: 'How often a limit starts anew.',
  values: {
    FIVE_HOURS: { description: 'Every five hours, counted in UTC.' }, DAY: { description: 'Every day at midnight in the time zone.' },
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
