// The contract of Bindings, kept by both implementations.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryBindings } from './memory/bindings.ts';
import { openRedisBindings } from './redis/bindings.ts';
import type { Bindings, KeptBinding } from './stores.ts';

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;
const implementations: [string, boolean, () => Bindings | Promise<Bindings>][] = [
  ['memory', true, () => createMemoryBindings()],
  [`Redis${redisUrl === undefined ? ' (not available here)' : ''}`, redisUrl !== undefined, () => openRedisBindings(redisUrl ?? '', createMemoryBindings(), (error) => { throw error; })],
];
const binding = (generation: number, more: Partial<KeptBinding> = {}): KeptBinding => ({ upstream: 'ups_1', model: 'm', credential: 'crd_1', lastUsedMs: 5, cacheTokens: 7, generation, ...more });

for (const [name, here, open] of implementations) {
  describe.skipIf(!here)(`bindings in ${name}`, () => {
    let bindings: Bindings;
    beforeAll(async () => { bindings = await open(); });
    afterAll(() => bindings.close());
    const fresh = () => `{test}:${Math.random().toString(36).slice(2)}`;

    test('are found by any of their names, the first named first, and whole', async () => {
      const [a, b, c] = [fresh(), fresh(), fresh()];
      const now = Date.now();
      expect(await bindings.keep([a, b], binding(1, { from: 'ups_0' }), 0, 60_000, now)).toBe(2);
      await bindings.keep([c], binding(1, { upstream: 'ups_2' }), 0, 60_000, now);
      expect([await bindings.find([fresh(), b, c], now), await bindings.find([c, a], now), await bindings.find([fresh()], now), await bindings.find([], now)]).toEqual([binding(1, { from: 'ups_0' }), binding(1, { upstream: 'ups_2' }), undefined, undefined]);
    });

    test('are never overwritten by what saw an older generation, name by name', async () => {
      const [a, b] = [fresh(), fresh()];
      const now = Date.now();
      await bindings.keep([a], binding(1), 0, 60_000, now);
      await bindings.keep([a], binding(2, { upstream: 'newer' }), 1, 60_000, now);
      expect(await bindings.keep([a, b], binding(2, { upstream: 'late' }), 1, 60_000, now)).toBe(1);
      expect([(await bindings.find([a], now))?.upstream, (await bindings.find([b], now))?.upstream]).toEqual(['newer', 'late']);
    });

    test('of many that finish at once, one is kept', async () => {
      const a = fresh();
      const now = Date.now();
      const kept = await Promise.all(Array.from({ length: 20 }, (_, at) => bindings.keep([a], binding(1, { upstream: `u${at}` }), 0, 60_000, now)));
      expect(kept.filter((count) => count === 1)).toHaveLength(1);
    });

    test('end with their time', async () => {
      const a = fresh();
      const now = Date.now();
      await bindings.keep([a], binding(1), 0, 1, now);
      const gone = async () => (await bindings.find([a], Date.now())) === undefined;
      for (const until = Date.now() + 2_000; !(await gone()) && Date.now() < until; );
      expect(await gone()).toBe(true);
    });
  });
}

test('memory forgets the name unused for longest', async () => {
  const bindings = createMemoryBindings(3);
  for (const name of ['a', 'b', 'c']) await bindings.keep([name], binding(1), 0, 1_000, 0);
  await bindings.find(['a'], 1);
  await bindings.keep(['d'], binding(1), 0, 1_000, 1);
  expect([await bindings.find(['b'], 1), (await bindings.find(['a'], 1))?.generation, (await bindings.find(['d'], 1))?.generation]).toEqual([undefined, 1, 1]);
});

test('without Redis a node remembers by itself', async () => {
  const trouble: unknown[] = [];
  const bindings = await openRedisBindings('redis://127.0.0.1:1', createMemoryBindings(), (error) => trouble.push(error));
  await bindings.keep(['a'], binding(1), 0, 1_000, 0);
  expect([(await bindings.find(['a'], 1))?.upstream, trouble.length > 0]).toEqual(['ups_1', true]);
  await bindings.close();
});
