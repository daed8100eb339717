// Pure. What could not be carried from one dialect to another.

/** A feature that was left behind, and how often. */
export type Loss = { readonly feature: string; readonly count: number };

/** A value, and what had to be left behind to make it. */
export type Written<T> = { readonly value: T; readonly losses: readonly Loss[] };

/** Gathers losses while a value is written. */
export type LossList = { add(feature: string): void; list(): readonly Loss[] };

/** Starts an empty list; it is given out sorted, so that equal losses read equal. */
export function createLossList(): LossList {
  const counts = new Map<string, number>();
  return {
    add: (feature) => void counts.set(feature, (counts.get(feature) ?? 0) + 1),
    list: () => [...counts].map(([feature, count]) => ({ feature, count })).sort((a, b) => (a.feature < b.feature ? -1 : 1)),
  };
}
