import type { Clock } from '@fairlead/shared/time/clock.ts';

/** Who rests, and until when: this node's memory of recent failures. */
export interface Health {
  /** Why this should not be called now; undefined when it is well. */
  resting(id: string): string | undefined;
  hurt(id: string, why: string, restMs: number): void;
  healed(id: string): void;
}

/** Health by upstream or credential id. */
export function createHealth(clock: Clock): Health {
  const resting = new Map<string, { why: string; untilMs: number }>();
  return {
    resting(id) {
      const entry = resting.get(id);
      if (!entry) return undefined;
      if (entry.untilMs > clock.now()) return entry.why;
      resting.delete(id);
      return undefined;
    },
    hurt(id, why, restMs) {
      const untilMs = clock.now() + restMs;
      // A shorter rest that is noticed later does not end a longer one that was asked for.
      if (restMs > 0 && untilMs >= (resting.get(id)?.untilMs ?? 0)) resting.set(id, { why, untilMs });
    },
    healed(id) { resting.delete(id); },
  };
}
