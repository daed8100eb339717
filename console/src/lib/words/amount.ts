// Pure. What limits count: dollars, tokens or requests.
import type { QuotaUnit } from '#lib/api/generated/graphql.ts';
import { dollars, exactDollars } from './money.ts';

const words: Record<Exclude<QuotaUnit, 'USD'>, [one: string, many: string]> = { TOKENS: ['token', 'tokens'], REQUESTS: ['request', 'requests'] };

/** An amount as people read it: $12.40, 1,250,000 tokens. */
export function amountText(amount: string, unit: QuotaUnit): string {
  return unit === 'USD' ? dollars(amount) : counted(amount, unit);
}

/** The whole amount, never rounded. */
export function exactAmount(amount: string, unit: QuotaUnit): string {
  return unit === 'USD' ? `${exactDollars(amount)} USD` : counted(amount, unit);
}

function counted(amount: string, unit: Exclude<QuotaUnit, 'USD'>): string {
  const [one, many] = words[unit];
  return `${amount.replace(/\B(?=(\d{3})+$)/g, ',')} ${amount === '1' ? one : many}`;
}
