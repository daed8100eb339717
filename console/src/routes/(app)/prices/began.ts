// Pure. What the form of a price begins with.
import type { PriceRowFragment, PriceSetInput } from '#lib/api/generated/graphql.ts';

/** The fields of the form, and what of a price it has no field for and keeps. */
export interface Began {
  fields: { model: string; input: string; output: string; cacheRead: string; threshold: string; longInput: string; longOutput: string; effectiveAt: string };
  kept: Omit<PriceSetInput, 'modelName' | 'input' | 'output'>;
}

/** An empty form, for a model that is known or not, from when it was used first. */
export function beginNew(model = '', since?: string): Began {
  return { fields: { model, input: '', output: '', cacheRead: '', threshold: '', longInput: '', longOutput: '', effectiveAt: since === undefined ? '' : localText(new Date(since)) }, kept: {} };
}

/** A form that holds a price. Only the first step has fields; a price with several, or with grades that have prices of their own, is changed through the API. */
export function beginFrom(row: PriceRowFragment): Began {
  const [step] = row.steps;
  return {
    fields: { model: row.modelName, input: row.input.amount, output: row.output.amount, cacheRead: row.cacheRead.amount, threshold: step ? String(step.fromTokens) : '', longInput: step?.rates.input.amount ?? '', longOutput: step?.rates.output.amount ?? '', effectiveAt: '' },
    kept: {
      ...(row.upstream ? { upstreamId: row.upstream.id } : {}), cacheWrite5m: row.cacheWrite5m.amount, cacheWrite1h: row.cacheWrite1h.amount, ...(row.reasoning ? { reasoning: row.reasoning.amount } : {}), request: row.request.amount,
      units: row.units.map(({ kind, price }) => ({ kind, price })), services: row.services.map(({ name, multiplier }) => ({ name, multiplier })),
    },
  };
}

/** Whether the form can show all of a price. */
export function fitsForm(row: PriceRowFragment): boolean {
  return row.steps.length <= 1 && row.services.every(({ rates }) => rates === null);
}

/** An instant as a field for date and time takes it: here, to the second, not later than it is. */
function localText(at: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
