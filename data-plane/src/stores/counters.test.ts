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

    /** Takes one of a minute's pace; how long to wait. */
    const wait = async (at: string, limit: number, amount = 1) => (await counters.pace(at, limit, 60_000, Date.now(), amount)).waitMs;

    test('let a whole burst through and then say how long to wait', async () => {
      const at = key();
      const waits: number[] = [];
      for (let count = 0; count < 7; count++) waits.push(await wait(at, 5));
      expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
      for (const ms of waits.slice(5)) { expect(ms).toBeGreaterThan(11_000); expect(ms).toBeLessThanOrEqual(12_000); }
    });

    test('take nothing when they refuse, and count names apart', async () => {
      const [one, two] = [key(), key()];
      expect(await wait(one, 1)).toBe(0);
      for (let count = 0; count < 3; count++) expect(await wait(one, 1)).toBeGreaterThan(59_000);
      expect(await wait(two, 1)).toBe(0);
    });

    test('take several at once or none of them, and tell when the whole is free again', async () => {
      const at = key();
      const first = await counters.pace(at, 100, 60_000, Date.now(), 70);
      expect([first.waitMs, Math.round(first.wholeInMs / 1_000)]).toEqual([0, 42]);
      expect(await wait(at, 100, 40)).toBeGreaterThan(5_000);
      expect(await wait(at, 100, 30)).toBe(0);
    });

    test('take an amount above the limit as the whole of it, when nothing else is taken', async () => {
      const at = key();
      expect(await wait(at, 100, 1_000)).toBe(0);
      expect(await wait(at, 100, 1_000)).toBeGreaterThan(59_000);
    });

    test('give back what was not used, and let later ones wait for what was used beyond', async () => {
      const at = key();
      const now = Date.now();
      const taken = await counters.pace(at, 100, 60_000, now, 100);
      counters.correct(at, 100, 60_000, now, -60, taken);
      await expect.poll(() => wait(at, 100, 60)).toBe(0);
      counters.correct(at, 100, 60_000, now, 100, taken);
      await expect.poll(() => wait(at, 100, 100)).toBeGreaterThan(110_000);
      counters.correct(at, 100, 60_000, now, 1e9, taken);
      await expect.poll(() => wait(at, 100, 100)).toBeGreaterThan(590_000);
      expect(await wait(at, 100, 100)).toBeLessThanOrEqual(600_000);
      counters.correct(at, 100, 60_000, now, -1e9, taken);
      await expect.poll(() => wait(at, 100, 100)).toBe(0);
    });

    test('let as many sessions in as there may be, each as often as it asks, until it has been idle', async () => {
      const at = key();
      const enter = (session: string, idleMs = 60_000) => counters.enter(at, session, 2, idleMs, Date.now());
      const [a, again, b] = [await enter('a'), await enter('a'), await enter('b', 50)];
      expect([a, again, b]).not.toContain(undefined);
      expect(await enter('c')).toBeUndefined();
      expect(await enter('a')).toBeDefined();
      b?.leave(Date.now());
      await expect.poll(async () => (await enter('c', 60_000)) !== undefined, { timeout: 2_000 }).toBe(true);
      expect(await enter('b')).toBeUndefined();
      expect(await counters.enter(key(), 'c', 1, 1_000, Date.now())).toBeDefined();
    });

    test('give a place to as many as there are, and a freed one to the next', async () => {
      const [at, other] = [key(), key()];
      const places = await Promise.all(Array.from({ length: 5 }, () => counters.hold(at, 3)));
      const taken = places.filter((place) => place !== undefined);
      expect(taken).toHaveLength(3);
      expect(await counters.hold(other, 1)).toBeDefined();
      taken[0]?.free();
      taken[0]?.free();
      await expect.poll(async () => (await counters.hold(at, 3)) !== undefined).toBe(true);
      expect(await counters.hold(at, 3)).toBeUndefined();
    });

    test('never let more through than the limit, however many ask at once', async () => {
      const at = key();
      const waits = await Promise.all(Array.from({ length: 50 }, () => wait(at, 20)));
      expect(waits.filter((ms) => ms === 0)).toHaveLength(20);
    });
  });
}

const waitAt = async (counters: Counters, nowMs: number) => (await counters.pace('k', 1, 1_000, nowMs, 1)).waitMs;

test('memory frees a place as time goes by', async () => {
  const counters = createMemoryCounters();
  expect([await waitAt(counters, 0), await waitAt(counters, 500), await waitAt(counters, 1_000)]).toEqual([0, 500, 0]);
});

test('a clock that is set back locks nobody out for longer than a window', async () => {
  const counters = createMemoryCounters();
  const hour = 3_600_000;
  await waitAt(counters, 2 * hour);
  expect(await waitAt(counters, hour)).toBeLessThanOrEqual(1_000);
});

test('a session with a request under way counts, however long that takes', async () => {
  const counters = createMemoryCounters();
  const enter = (session: string, nowMs: number) => counters.enter('k', session, 1, 1_000, nowMs);
  const long = await enter('a', 0);
  expect(await enter('b', 50_000)).toBeUndefined();
  long?.leave(50_000);
  expect([await enter('b', 50_999) !== undefined, await enter('b', 51_000) !== undefined]).toEqual([false, true]);
});

test('what was taken while Redis was away is given back where it was taken', async () => {
  const counters = await openRedisCounters('redis://127.0.0.1:1', createMemoryCounters(), () => undefined);
  const taken = await counters.pace('k', 10, 60_000, 0, 10);
  counters.correct('k', 10, 60_000, 0, -4, taken);
  expect([taken.alone, (await counters.pace('k', 10, 60_000, 0, 4)).waitMs, (await counters.pace('k', 10, 60_000, 0, 1)).waitMs]).toEqual([true, 0, 6_000]);
  await counters.close();
});
