// The contract of Counters, kept by both implementations.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryCounters } from './memory/counters.ts';
import { openRedisCounters } from './redis/counters.ts';
import type { Counters } from './stores.ts';

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;
const implementations: [string, boolean, () => Counters | Promise<Counters>][] = [
  ['memory', true, () => createMemoryCounters()],
  [`Redis${redisUrl === undefined ? ' (not available here)' : ''}`, redisUrl !== undefined, () => openRedisCounters(redisUrl ?? '', createMemoryCounters(), (error) => { throw error; })],
];

for (const [name, here, open] of implementations) {
  describe.skipIf(!here)(`counters in ${name}`, () => {
    let counters: Counters;
    beforeAll(async () => { counters = await open(); });
    const key = () => `test:${Math.random().toString(36).slice(2)}`;
    afterAll(() => counters.close());

    test('let a whole burst through and then say how long to wait', async () => {
      const at = key();
      const now = Date.now();
      const waits: number[] = [];
      for (let count = 0; count < 7; count++) waits.push(await counters.pace(at, 5, 60_000, now));
      expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
      for (const wait of waits.slice(5)) { expect(wait).toBeGreaterThan(11_000); expect(wait).toBeLessThanOrEqual(12_000); }
    });

    test('take nothing when they refuse, and count names apart', async () => {
      const [one, two] = [key(), key()];
      const now = Date.now();
      expect(await counters.pace(one, 1, 60_000, now)).toBe(0);
      for (let count = 0; count < 3; count++) expect(await counters.pace(one, 1, 60_000, now)).toBeGreaterThan(59_000);
      expect(await counters.pace(two, 1, 60_000, now)).toBe(0);
    });

    test('never let more through than the limit, however many ask at once', async () => {
      const at = key();
      const waits = await Promise.all(Array.from({ length: 50 }, () => counters.pace(at, 20, 60_000, Date.now())));
      expect(waits.filter((wait) => wait === 0)).toHaveLength(20);
    });
  });
}

test('memory frees a place as time goes by', async () => {
  const counters = createMemoryCounters();
  expect([await counters.pace('k', 1, 1_000, 0), await counters.pace('k', 1, 1_000, 500), await counters.pace('k', 1, 1_000, 1_000)]).toEqual([0, 500, 0]);
});

test('a clock that is set back locks nobody out for longer than a window', async () => {
  const counters = createMemoryCounters();
  const hour = 3_600_000;
  await counters.pace('k', 1, 1_000, 2 * hour);
  expect(await counters.pace('k', 1, 1_000, hour)).toBeLessThanOrEqual(1_000);
});
