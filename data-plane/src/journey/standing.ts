import type { Standing } from '@fairlead/shared/faults/standing.ts';

/** What was taken of a pace, at every level where one is set. */
export interface Taken {
  /** Of several levels the one with the least left, as far as this node knows. */
  standing(nowMs: number): Standing;
  /** Takes what `used` is beyond what was taken, or gives back the rest; `used` is all of it, told as often as it grows. */
  settle(used: number): void;
}
