/** Counts what an address does within a span of time, in memory. */
export interface Pace { /** Takes one; false when there were too many. */ take(address: string, nowMs: number): boolean }

/** A pace of at most `most` in `spanMs` for each address. */
export function createPace(most: number, spanMs: number, mostAddresses = 20_000): Pace {
  const seen = new Map<string, { since: number; count: number }>();
  return {
    take(address, nowMs) {
      const found = seen.get(address);
      const entry = found && found.since > nowMs - spanMs ? found : { since: nowMs, count: 0 };
      entry.count++;
      seen.delete(address);
      seen.set(address, entry);
      for (const oldest of seen.keys()) {
        if (seen.size <= mostAddresses) break;
        seen.delete(oldest);
      }
      return entry.count <= most;
    },
  };
}
