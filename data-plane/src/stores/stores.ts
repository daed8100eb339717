// Ports: the memory of a stateless node. Two implementations, one contract test.
import type { Binding } from '@fairlead/shared/plan/plan.ts';

/** Counters that nodes may share. */
export interface Counters {
  /**
   * Takes one place of `limit` per `windowMs` (generic cell rate algorithm, a burst of `limit`).
   * Returns 0 when it was free, else the milliseconds until the next one is; then nothing is taken.
   */
  pace(name: string, limit: number, windowMs: number, nowMs: number): Promise<number>;
  close(): Promise<void>;
}

/** A binding as it is kept; each replaces one of a lower generation. */
export interface KeptBinding extends Binding { generation: number }

/** Where sessions were last served, by any of their names. Names carry their tenant. */
export interface Bindings {
  /** The binding of the first name that has one. */
  find(names: readonly string[], nowMs: number): Promise<KeptBinding | undefined>;
  /** Keeps a binding under each name for `ttlMs`, except where one newer than the `seen` generation is kept: what finishes late overwrites nothing. Returns under how many names it is kept. */
  keep(names: readonly string[], binding: KeptBinding, seen: number, ttlMs: number, nowMs: number): Promise<number>;
  close(): Promise<void>;
}
