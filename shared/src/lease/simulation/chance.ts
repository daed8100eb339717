// Pure.

/** A small repeatable source of chance (mulberry32). */
export interface Chance {
  /** Between 0 and 1, without 1. */
  roll(): number;
  /** A whole number below this one. */
  pick(below: number): number;
  /** True this often. */
  hits(share: number): boolean;
}

/** The same seed gives the same rolls. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { roll, pick: (below) => Math.floor(roll() * below), hits: (share) => roll() < share };
}
