import { setImmediate } from 'node:timers';

/** Lets whoever waits have a turn, in the middle of long work. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}
