import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRedisPost } from './redis/post.ts';
import type { Post } from './stores.ts';

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;
const fleet = `test-${crypto.randomUUID()}`;

describe.skipIf(redisUrl === undefined)(`post through Redis${redisUrl === undefined ? ' (not available here)' : ''}`, () => {
  const posts: Post[] = [];
  const heard: Record<string, string[]> = { one: [], two: [], other: [] };
  beforeAll(async () => {
    for (const [name, of] of [['one', fleet], ['two', fleet], ['other', `${fleet}-b`]] as const) {
      const post = await openRedisPost({ url: redisUrl ?? '', fleet: of, nodeId: `nod_${name}`, onTrouble: (error) => { throw error; } });
      post.onText((text) => heard[name]?.push(text));
      posts.push(post);
    }
  });
  afterAll(async () => { await Promise.all(posts.map((post) => post.close())); });

  test('what is sent to a node reaches it alone, and what is sent to all reaches all of the fleet', async () => {
    const [one] = posts;
    await expect.poll(() => posts.every((post) => post.isUp())).toBe(true);
    one?.send('nod_two', 'for two');
    one?.send(undefined, 'for all');
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual({ one: ['for all'], two: ['for two', 'for all'], other: [] });
  });
});

test('without Redis it is not up, and sending does nothing', async () => {
  const troubles: unknown[] = [];
  const post = await openRedisPost({ url: 'redis://127.0.0.1:1', fleet, nodeId: 'nod_one', onTrouble: (error) => { troubles.push(error); } });
  expect(post.isUp()).toBe(false);
  post.send('nod_two', 'lost');
  await expect.poll(() => troubles.length).toBeGreaterThan(0);
  await post.close();
});
