// Pure. What could not be carried from one dialect to another.
import type { LossName } from './losses.ts';

/** A feature that was left behind or changed, and how often. */
export type Loss = { readonly feature: string; readonly count: number };

/** A value, and what had to be left behind to make it. */
export type Written<T> = { readonly value: T; readonly losses: readonly Loss[] };

/** Gathers losses while a value is written: those of the catalog, or a field that only its own dialect has. */
export type LossList = { add(feature: LossName): void; addField(name: string): void; list(): readonly Loss[] };

/** Starts an empty list; it is given out sorted, so that equal losses read equal. */
export function createLossList(): LossList {
  let counts: Map<string, number> | undefined;
  const add = (feature: string): void => {
    counts ??= new Map();
    counts.set(feature, (counts.get(feature) ?? 0) + 1);
  };
  return {
    add,
    addField: (name) => add(`field: ${name}`),
    list: () => (counts ? [...counts].map(([feature, count]) => ({ feature, count })).sort((a, b) => (a.feature < b.feature ? -1 : 1)) : []),
  };
}

/** Two lists of losses as one. */
export function joinLosses(...lists: readonly (readonly Loss[])[]): readonly Loss[] {
  const counts = new Map<string, number>();
  for (const { feature, count } of lists.flat()) counts.set(feature, (counts.get(feature) ?? 0) + count);
  return [...counts].map(([feature, count]) => ({ feature, count })).sort((a, b) => (a.feature < b.feature ? -1 : 1));
}
