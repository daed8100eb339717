// Pure. What a price says beside its usual prices of tokens, in short lines.
import { fill } from '#lib/words/fill.ts';
import { dollars } from '#lib/words/money.ts';
import { count } from '#lib/words/numbers.ts';
import { words } from '#lib/words/prices.ts';

interface Amount { amount: string }
interface Rates { input: Amount; output: Amount }

/** The part of a price that the lines are made from. */
export interface PriceTerms {
  reasoning: Amount | null; request: Amount; units: readonly { kind: string; price: string }[];
  steps: readonly { fromTokens: number; rates: Rates }[]; services: readonly { name: string; multiplier: string | null; rates: Rates | null }[];
}

/** The lines of a price. */
export function termLines(price: PriceTerms): string[] {
  return [
    ...price.steps.map(({ fromTokens, rates }) => fill(words.step, { tokens: count(fromTokens), ...said(rates) })),
    ...price.services.map(({ name, multiplier, rates }) => (rates ? fill(words.serviceOwn, { name, ...said(rates) }) : fill(words.service, { name, multiplier: multiplier ?? '1' }))),
    ...(price.reasoning ? [fill(words.reasoning, { price: dollars(price.reasoning.amount) })] : []),
    ...price.units.map(({ kind, price: each }) => fill(words.unit, { kind, price: dollars(each) })),
    ...(Number(price.request.amount) > 0 ? [fill(words.request, { price: dollars(price.request.amount) })] : []),
  ];
}

function said(rates: Rates): { input: string; output: string } {
  return { input: dollars(rates.input.amount), output: dollars(rates.output.amount) };
}
