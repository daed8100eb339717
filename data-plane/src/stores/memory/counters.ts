import type { Counters } from '../stores.ts';

/** Counters of this process alone; forgets names that are at rest when there are more than `cap`. */
export function createMemoryCounters(cap = 100_000): Counters {
  const arrivals = new Map<string, number>();
  return {
    pace(name, limit, windowMs, nowMs) {
      const step = windowMs / limit;
      // No more than a window can ever be waited for: beyond it the clock was set back.
      const due = Math.max(Math.min(arrivals.get(name) ?? 0, nowMs + windowMs), nowMs);
      const wait = due + step - nowMs - windowMs;
      if (wait > 0) return Math.ceil(wait);
      if (arrivals.size >= cap) for (const [other, at] of arrivals) if (at <= nowMs) arrivals.delete(other);
      arrivals.set(name, due + step);
      return 0;
    },
    close: () => Promise.resolve(),
  };
}
