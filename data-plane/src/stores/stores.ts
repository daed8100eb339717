// Ports: the memory of a stateless node. Two implementations, one contract test.

/** Counters that nodes may share. */
export interface Counters {
  /**
   * Takes one place of `limit` per `windowMs` (generic cell rate algorithm, a burst of `limit`).
   * Returns 0 when it was free, else the milliseconds until the next one is; then nothing is taken.
   */
  pace(name: string, limit: number, windowMs: number, nowMs: number): Promise<number>;
  close(): Promise<void>;
}
