import { expect, test } from 'vitest';
import { Stop } from './stop.ts';
import type { Signal } from './stop.ts';

/** Both kinds of it. */
const kinds: [string, () => { signal: Signal; abort(reason: unknown): void }][] = [['a Stop', () => new Stop()], ['an AbortController', () => new AbortController()]];

test.each(kinds)('%s tells everybody who still listens once, with its reason', (_kind, make) => {
  const stop = make();
  const told: string[] = [];
  const taken = () => told.push('taken back');
  stop.signal.addEventListener('abort', () => told.push('one'), { once: true });
  stop.signal.addEventListener('abort', taken);
  stop.signal.addEventListener('abort', () => told.push('two'));
  stop.signal.removeEventListener('abort', taken);
  expect(stop.signal.aborted).toBe(false);
  const reason = new Error('left');
  stop.abort(reason);
  stop.abort(new Error('again'));
  stop.signal.addEventListener('abort', () => told.push('late'));
  expect([told, stop.signal.aborted, stop.signal.reason]).toEqual([['one', 'two'], true, reason]);
});
