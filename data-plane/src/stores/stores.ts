// Ports: the memory of a stateless node. Two implementations, one contract test.
import type { Binding } from '@fairlead/shared/plan/plan.ts';

/** Counters that nodes may share. */
export interface Counters {
  /**
   * Takes `amount` of `limit` per `windowMs` (generic cell rate algorithm, a burst of `limit`), or nothing at all.
   * An amount above the limit is taken as the whole of it: what it is beyond is taken with `correct`, when it is known.
   */
  pace(name: string, limit: number, windowMs: number, nowMs: number, amount: number): Paced | Promise<Paced>;
  /** Takes `more` beyond what `taken` did, however much is free; below zero it is given back. Later ones wait for what is owed. */
  correct(name: string, limit: number, windowMs: number, nowMs: number, more: number, taken: Paced): void;
  /** Takes one of `limit` places until it is freed; nothing when all are taken. Places of a node that is gone free themselves within a minute. */
  hold(name: string, limit: number): Place | undefined | Promise<Place | undefined>;
  /**
   * Lets a session in when it is in already, or fewer than `limit` are; nothing when there are as many. It stays in while
   * it has requests under way, and `idleMs` longer.
   */
  enter(name: string, session: string, limit: number, idleMs: number, nowMs: number): Stay | undefined | Promise<Stay | undefined>;
  close(): Promise<void>;
}

/** What came of taking from a pace. */
export interface Paced {
  /** 0 = it is taken; else the milliseconds until as much is free, and nothing is taken. */
  waitMs: number;
  /** The milliseconds until the whole of it is free again, when nobody takes more. */
  wholeInMs: number;
  /** What nodes share was away, and this one counted for itself. */
  alone?: boolean;
}

/** How many windows can be owed of a pace at most: what an upstream tells of by mistake locks nobody out for ever. */
export const mostOwedWindows = 10;

/** A place that is taken; freeing it again does nothing. */
export interface Place { free(): void }

/** A session's request under way; leaving again does nothing. */
export interface Stay { leave(nowMs: number): void }

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

/** Where nodes send each other short texts. What is sent may be lost, come twice, late or in another order, and is kept nowhere. */
export interface Post {
  /** Whether anything can be sent now. */
  isUp(): boolean;
  /** `to` is a node's id; undefined = all nodes. */
  send(to: string | undefined, text: string): void;
  onText(hear: (text: string) => void): void;
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
