import type { Clock } from '@fairlead/shared/time/clock.ts';

/** Watches one call for silence: one timer, moved on by what is seen. */
export interface Watchdog {
  /** Something must be seen within this time from now; each `seen` begins it anew. */
  expect(what: string, withinMs: number): void;
  /** Something that must have come by then, whatever else is seen; undefined takes it back. */
  until(what: string, dueMs: number | undefined): void;
  seen(): void;
  close(): void;
}

/** A watchdog that calls `late` once, with what did not come. */
export function openWatchdog(clock: Clock, late: (what: string) => void): Watchdog {
  let expected = '';
  let withinMs = Infinity;
  let seenAtMs = 0;
  let awaited = '';
  let untilMs = Infinity;
  let closed = false;
  let wakesAtMs = Infinity;
  let sleep: AbortController | undefined;

  const dueMs = () => Math.min(seenAtMs + withinMs, untilMs);
  const watch = async () => {
    while (!closed) {
      const due = dueMs();
      if (due === Infinity) { wakesAtMs = Infinity; return; }
      const now = clock.now();
      if (now >= due) {
        closed = true;
        late(untilMs <= now ? awaited : `${expected} within ${Math.round(withinMs)} ms`);
        return;
      }
      wakesAtMs = due;
      sleep = new AbortController();
      await clock.sleep(due - now, sleep.signal).catch(() => undefined);
    }
  };
  /** A time that comes before the timer's needs a new one; a later one is seen when the timer wakes. */
  const arrange = () => {
    if (closed || dueMs() >= wakesAtMs) return;
    const waiting = wakesAtMs !== Infinity;
    wakesAtMs = dueMs();
    if (waiting) sleep?.abort();
    else void watch();
  };
  return {
    expect(what, ms) { expected = what; withinMs = ms; seenAtMs = clock.now(); arrange(); },
    until(what, due) { awaited = what; untilMs = due ?? Infinity; arrange(); },
    seen() { seenAtMs = clock.now(); },
    close() { closed = true; sleep?.abort(); },
  };
}
