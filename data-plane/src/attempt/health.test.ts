import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createHealth } from './health.ts';

test('a shorter rest noticed later does not end the one that an upstream asked for', () => {
  const clock = new TestClock();
  const health = createHealth(clock);
  health.hurt('ups_1', 'limited', 60_000);
  health.hurt('ups_1', 'failed', 1_000);
  clock.advance(5_000);
  expect(health.resting('ups_1')).toBe('limited');
  clock.advance(60_000);
  expect(health.resting('ups_1')).toBeUndefined();
});
