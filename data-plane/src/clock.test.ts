import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { openNodeClock } from './clock.ts';

function clockOn() {
  const own = new TestClock(1_000);
  const started = own.now();
  const ends: (() => void)[] = [];
  const clock = openNodeClock(own, (work) => { ends.push(work); }, () => own.now() - started);
  return { own, clock, turn: () => { for (const end of ends.splice(0)) end(); }, pass: async (ms: number) => { for (let at = 0; at < ms; at += 100) { own.advance(100); await Promise.resolve(); } } };
}

test('the time stands still within a turn of the event loop and goes on with the next', () => {
  const { own, clock, turn } = clockOn();
  const first = clock.now();
  own.set(5_000);
  expect(clock.now()).toBe(first);
  turn();
  expect(clock.now()).toBe(5_000);
});

test('a distant alarm rings once, not before its time and less than half a second after it; one that was taken back never does', async () => {
  const { own, clock, pass } = clockOn();
  const rung: string[] = [];
  const started = own.now();
  for (const ms of [2_000, 2_050, 30_000]) clock.alarm(ms, () => { rung.push(`${ms}`); expect(own.now() - started).toBeGreaterThanOrEqual(ms); expect(own.now() - started).toBeLessThan(ms + 500); });
  const cancel = clock.alarm(2_010, () => rung.push('taken back'));
  clock.alarm(2_020, () => { throw new Error('not heard'); })();
  cancel();
  cancel();
  await pass(40_000);
  expect(rung).toEqual(['2000', '2050', '30000']);
  expect(own.waiting).toBe(0);
});

test('an alarm that is set while others ring rings in its turn', async () => {
  const { clock, pass } = clockOn();
  const rung: string[] = [];
  clock.alarm(3_000, () => { rung.push('first'); clock.alarm(3_000, () => rung.push('second')); });
  await pass(7_000);
  expect(rung).toEqual(['first', 'second']);
});

test('a near alarm is the own clock\'s', async () => {
  const { clock, pass } = clockOn();
  const rung: string[] = [];
  clock.alarm(100, () => rung.push('near'));
  await pass(100);
  expect(rung).toEqual(['near']);
});
