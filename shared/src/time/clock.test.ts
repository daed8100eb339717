import { expect, test } from 'vitest';
import { TestClock, systemClock } from './clock.ts';

test('alarms ring in the order of their times, once, and one that is taken back never rings, not even by another of the same move', () => {
  const clock = new TestClock(0);
  const rung: string[] = [];
  const takeBack = [clock.alarm(30, () => rung.push('late')), clock.alarm(10, () => rung.push('taken back before'))];
  clock.alarm(20, () => { rung.push('first'); takeBack[0]?.(); });
  clock.alarm(40, () => rung.push('second'));
  takeBack[1]?.();
  clock.advance(19);
  expect(rung).toEqual([]);
  clock.advance(100);
  clock.advance(100);
  expect(rung).toEqual(['first', 'second']);
});

test('an alarm of the machine that is years away does not ring at once', async () => {
  let rung = false;
  const takeBack = systemClock.alarm(1e12, () => { rung = true; });
  await new Promise<void>((resolve) => { systemClock.alarm(5, resolve); });
  takeBack();
  expect(rung).toBe(false);
});
