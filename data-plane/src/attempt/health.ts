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
    hurt(id, why, restMs) { if (restMs > 0) resting.set(id, { why, untilMs: clock.now() + restMs }); },
    healed(id) { resting.delete(id); },
  };
}
