import type { Clock } from '@fairlead/shared/time/clock.ts';

/** Watches one call for silence: one timer, moved on by what is seen. */
export interface Watchdog {
  /** Something must be seen within this time from now; each `seen` begins it anew. */
  expect(what: string, withinMs: number): void;
  /** Something that must have come within this time from `fromMs`, whatever else is seen; Infinity takes it back. */
  until(what: string, withinMs: number, fromMs: number): void;
  seen(): void;
  close(): void;
}

/** A watchdog that calls `late` once, with what did not come. */
export function openWatchdog(clock: Clock, late: (what: string) => void): Watchdog {
  let expected = '';
  let withinMs = Infinity;
  let seenAtMs = 0;
  let awaited = '';
  let awaitedMs = Infinity;
  let untilMs = Infinity;
  let closed = false;
  let wakesAtMs = Infinity;
  let cancel: (() => void) | undefined;

  const dueMs = () => Math.min(seenAtMs + withinMs, untilMs);
  const woken = () => {
    wakesAtMs = Infinity;
    cancel = undefined;
    const now = clock.now();
    if (closed || now < dueMs()) { arrange(); return; }
    closed = true;
    late(untilMs <= now ? `${awaited} within ${Math.round(awaitedMs)} ms` : `${expected} within ${Math.round(withinMs)} ms`);
  };
  /** A time that comes before the timer's needs a new one; a later one is seen when the timer wakes. */
  const arrange = () => {
    const due = dueMs();
    if (closed || due >= wakesAtMs) return;
    cancel?.();
    wakesAtMs = due;
    cancel = clock.alarm(Math.ceil(due - clock.now()), woken);
  };
  return {
    expect(what, ms) { expected = what; withinMs = ms; seenAtMs = clock.now(); arrange(); },
    until(what, ms, fromMs) { awaited = what; awaitedMs = ms; untilMs = fromMs + ms; arrange(); },
    seen() { seenAtMs = clock.now(); },
    close() { closed = true; cancel?.(); cancel = undefined; },
  };
}
