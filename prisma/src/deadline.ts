import { setTimeout as delay } from 'node:timers/promises';

/** When to stop waiting: a time of the monotonic clock and, perhaps, a signal. */
export interface Deadline {
  readonly endsAtMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A deadline `timeoutMs` from now. */
export function deadlineIn(timeoutMs: number, signal?: AbortSignal): Deadline {
  return { endsAtMs: performance.now() + timeoutMs, signal };
}

/** Milliseconds that are left, never below zero. */
export function remainingMs({ endsAtMs }: Deadline): number {
  return Math.max(0, endsAtMs - performance.now());
}

/** Waits a random time that grows with `attempt` (full jitter), within the deadline; throws when the signal aborts. */
export async function backOff(attempt: number, deadline: Deadline, { firstMs = 5, mostMs = 400 } = {}): Promise<void> {
  const ceilingMs = Math.min(mostMs, firstMs * 2 ** attempt, remainingMs(deadline));
  await delay(Math.random() * ceilingMs, undefined, deadline.signal === undefined ? {} : { signal: deadline.signal });
}
