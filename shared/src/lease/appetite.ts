// Pure. How much a node asks for at once: room for some requests like the one at hand, more where a purse is busy.

/** A lease holds room for at least this many requests. */
export const slicesLeast = 8n;
const slicesMost = 2_048n;
const quickMs = 2_000;
const pursesMost = 10_000;

/** What a node wants to hold, by purse name. */
export interface Appetite {
  /** For how many requests like the one at hand the next lease should have room: four times as many as the last one when that did not last two seconds, half as many when it did. */
  next(purse: string, nowMs: number): bigint;
  /** For how many the last lease was asked; undefined when none was. */
  last(purse: string): bigint | undefined;
  /** There was not enough left: the next wish is a small one. */
  refused(purse: string, nowMs: number): void;
}

/** Nothing has been asked for yet. */
export function createAppetite(): Appetite {
  const asked = new Map<string, { slices: bigint; atMs: number }>();
  return {
    next(purse, nowMs) {
      const last = asked.get(purse);
      const quick = last !== undefined && nowMs - last.atMs < quickMs;
      const slices = last === undefined ? slicesLeast : quick ? last.slices * 4n : last.slices / 2n;
      const bounded = slices < slicesLeast ? slicesLeast : slices > slicesMost ? slicesMost : slices;
      if (asked.size > pursesMost) asked.clear();
      asked.set(purse, { slices: bounded, atMs: nowMs });
      return bounded;
    },
    last: (purse) => asked.get(purse)?.slices,
    refused(purse, nowMs) { asked.set(purse, { slices: slicesLeast, atMs: nowMs }); },
  };
}
