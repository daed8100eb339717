// Ports: the memory of a stateless node. Two implementations, one contract test.
import type { Binding } from '@fairlead/shared/plan/plan.ts';

/** Counters that nodes may share. */
export interface Counters {
  /**
   * Takes one place of `limit` per `windowMs` (generic cell rate algorithm, a burst of `limit`).
   * Returns 0 when it was free, else the milliseconds until the next one is; then nothing is taken.
   */
  pace(name: string, limit: number, windowMs: number, nowMs: number): number | Promise<number>;
  close(): Promise<void>;
}

/** Something that should not be called until a time (epoch ms), and why. */
export type Rest =
  | { what: 'upstream'; upstream: string; model: string; why: string; untilMs: number }
  | { what: 'credential'; id: string; why: string; untilMs: number };

/** Where nodes tell each other what rests. What is told may be lost: each node still sees for itself. */
export interface RestBoard {
  rest(rest: Rest): void;
  /** Hears of what others told; also of what was told before this node came. */
  onRest(hear: (rest: Rest) => void): void;
  close(): Promise<void>;
}

/** Where finished streams are kept for the client that lost them. What is kept may be lost. */
export interface TapeShelf {
  keep(name: string, tape: Uint8Array, forMs: number): Promise<void>;
  /** Takes a tape out: it is played once. */
  take(name: string): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

/** A binding as it is kept; each replaces one of a lower generation. */
export interface KeptBinding extends Binding { generation: number }

/** Where sessions were last served, by any of their names. Names carry their tenant. */
export interface Bindings {
  /** The binding of the first name that has one. */
  find(names: readonly string[], nowMs: number): KeptBinding | undefined | Promise<KeptBinding | undefined>;
  /** Keeps a binding under each name for `ttlMs`, except where one newer than the `seen` generation is kept: what finishes late overwrites nothing. Returns under how many names it is kept. */
  keep(names: readonly string[], binding: KeptBinding, seen: number, ttlMs: number, nowMs: number): Promise<number>;
  close(): Promise<void>;
}
