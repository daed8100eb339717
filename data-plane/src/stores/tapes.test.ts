// The contracts of TapeShelf and RestBoard, kept by both implementations.
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { createMemoryTapes } from './memory/tapes.ts';
import { openRedisBoard } from './redis/rest-board.ts';
import { openRedisTapes } from './redis/tapes.ts';
import type { Rest, TapeShelf } from './stores.ts';

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;
const trouble = (error: unknown) => { if (!String(error).includes('enableOfflineQueue')) throw error; };
const implementations: [string, boolean, () => TapeShelf][] = [
  ['memory', true, () => createMemoryTapes(systemClock)],
  [`Redis${redisUrl === undefined ? ' (not available here)' : ''}`, redisUrl !== undefined, () => openRedisTapes(redisUrl ?? '', createMemoryTapes(systemClock), trouble)],
];
const name = () => `test-${Math.random().toString(36).slice(2)}`;

for (const [where, here, open] of implementations) {
  describe.skipIf(!here)(`tapes in ${where}`, () => {
    test('a tape is taken once, byte for byte, by its name alone', async () => {
      const shelf = open();
      const [mine, other] = [name(), name()];
      const tape = Uint8Array.from({ length: 1000 }, (_, at) => at % 256);
      await shelf.keep(mine, tape, 5_000);
      expect(await shelf.take(other)).toBeUndefined();
      expect([...(await shelf.take(mine) ?? [])]).toEqual([...tape]);
      expect(await shelf.take(mine)).toBeUndefined();
      await shelf.close();
    });
  });
}

test('memory lets the oldest go when there is no room', async () => {
  const shelf = createMemoryTapes(systemClock, 100);
  for (const at of [1, 2, 3]) await shelf.keep(`t${at}`, new Uint8Array(40), 60_000);
  expect([await shelf.take('t1'), (await shelf.take('t3'))?.length]).toEqual([undefined, 40]);
});

test.skipIf(redisUrl === undefined)('what one node tells rests at the others, also at those that come later', async () => {
  const open = () => openRedisBoard(redisUrl ?? '', () => Date.now(), trouble);
  const [one, two] = [await open(), await open()];
  const rest: Rest = { what: 'upstream', upstream: name(), model: 'm', why: 'failed', untilMs: Date.now() + 20_000 };
  const heard = new Promise<Rest>((done) => two.onRest((told) => { if (told.what === 'upstream' && told.upstream === rest.upstream) done(told); }));
  one.rest(rest);
  expect(await heard).toEqual(rest);
  const three = await open();
  const later = new Promise<Rest>((done) => three.onRest((told) => { if (told.what === 'upstream' && told.upstream === rest.upstream) done(told); }));
  expect(await later).toEqual(rest);
  await Promise.all([one.close(), two.close(), three.close()]);
});

test.skipIf(redisUrl === undefined)('what has rested long enough does not pile up in Redis', async () => {
  const redis = new Redis(redisUrl ?? '');
  const stale = name();
  await redis.hset('fairlead:rests:now', stale, JSON.stringify({ what: 'upstream', upstream: stale, model: 'm', why: 'failed', untilMs: Date.now() - 600_000 }));
  const board = await openRedisBoard(redisUrl ?? '', () => Date.now(), trouble);
  board.onRest(() => undefined);
  await expect.poll(() => redis.hexists('fairlead:rests:now', stale)).toBe(0);
  await board.close();
  redis.disconnect();
});
