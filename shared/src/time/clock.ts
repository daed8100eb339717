import type { Signal } from './stop.ts';

/** Where time comes from; everything that measures or waits takes one. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`, rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: Signal): Promise<void>;
  /** Calls `ring` once after `ms` (at most 24 days), unless what it returns is called before: a fraction of what a sleep costs. */
  alarm(ms: number, ring: () => void): () => void;
}

/** The machine's timers take more for nothing: what is further away rings early, and whoever set it looks at the time. */
const timerMostMs = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => { clearTimeout(timer); reject(signal?.reason); };
      const timer = setTimeout(() => { signal?.removeEventListener('abort', onAbort); resolve(); }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    }),
  alarm(ms, ring) {
    const timer = setTimeout(ring, Math.min(ms, timerMostMs));
    return () => clearTimeout(timer);
  },
};

/** A clock that moves only when a test says so. */
export class TestClock implements Clock {
  #now: number;
  #waiting: { at: number; wake: () => void }[] = [];
  constructor(now = 1_800_000_000_000) { this.#now = now; }
  now(): number { return this.#now; }
  /** How many sleepers there are: none when nothing was left behind. */
  get waiting(): number { return this.#waiting.length; }
  /** Sets the time without waking anybody, as people and NTP do. */
  set(now: number): void { this.#now = now; }
  sleep(ms: number, signal?: Signal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const entry = { at: this.#now + ms, wake: () => { signal?.removeEventListener('abort', onAbort); resolve(); } };
      const onAbort = () => { this.#waiting = this.#waiting.filter((other) => other !== entry); reject(signal?.reason); };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
    });
  }
  alarm(ms: number, ring: () => void): () => void {
    const entry = { at: this.#now + ms, wake: ring };
    this.#waiting.push(entry);
    // Also when both are due in one move and this one is taken back by what rang before it.
    return () => { entry.wake = () => undefined; this.#waiting = this.#waiting.filter((other) => other !== entry); };
  }
  /** Moves time on and wakes, in order, everything that was due by then. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#waiting.filter((entry) => entry.at <= this.#now).sort((a, b) => a.at - b.at);
    this.#waiting = this.#waiting.filter((entry) => entry.at > this.#now);
    for (const entry of due) entry.wake();
  }
}
