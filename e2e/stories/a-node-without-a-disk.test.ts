// README: "A node needs no disk": it lives in Redis, and its account is as exact there.
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { emptyRedis, onRedis, servers } from '../stack/database.ts';
import { billNano, createKey, readBudget, usageOfModel } from '../stack/reads.ts';
import { openRedisRoad } from '../stack/redis-road.ts';
import type { RedisRoad } from '../stack/redis-road.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const [calm, cut] = ['practice-1', 'claude-haiku-5-5'] as const;

let stack: Stack;
let road: RedisRoad;
afterEach(async () => {
  await stack.close();
  await road.close();
  await emptyRedis(redisUrl());
});

/** A Redis database that no other story uses: it is emptied in the middle. */
function redisUrl(): string {
  const url = new URL(servers.redis ?? '');
  url.pathname = '/7';
  return url.href;
}

async function openDiskless(runtime: 'node' | 'deno' = 'node'): Promise<void> {
  await emptyRedis(redisUrl());
  road = await openRedisRoad(redisUrl());
  stack = await openStack({ runtime, diskless: true, redisUrl: road.url });
}

/** Requests in three dialects, whole and streamed; how many were answered whole. */
async function traffic(secret: string, model: string, count: number): Promise<number> {
  const heard = await Promise.all(Array.from({ length: count }, (_, at) => ask(stack.node.url, secret, (['anthropic', 'chat', 'responses'] as const)[at % 3] ?? 'chat', { model, stream: at % 2 === 0, prompt: 'Say hello. [[practice slow {"ms":60}]]' }).catch(() => undefined)));
  return heard.filter((answer) => answer?.status === 200 && answer.whole).length;
}

const ofModel = (model: string) => usageOfModel(stack.api, model);
/** What the vendor served of this model. */
const billed = async (model: string) => billNano(await stack.practice.bill(), model);

async function usageIsExact(): Promise<void> {
  const { requests } = await billed(calm);
  await stack.api.until(async () => (await ofModel(calm)).requests >= requests, 30_000);
  expect(await ofModel(calm)).toEqual(await billed(calm));
  const { usageAudit } = await stack.api.run('{ usageAudit { gap deadLetters } }');
  expect(usageAudit.map((row: { gap: number; deadLetters: number }) => [row.gap, row.deadLetters])).toEqual(usageAudit.map(() => [0, 0]));
}

// On Node too in the deep run; what follows is on Node always.
const runtimes = process.env.FAIRLEAD_TEST_DENO !== '1' ? (['node'] as const) : process.env.FAIRLEAD_TEST_DEEP === '1' ? (['node', 'deno'] as const) : (['deno'] as const);

test.skipIf(servers.redis === undefined).each(runtimes)('on %s, killed in mid-traffic with nobody to ask, it starts again from Redis and charges everything once; no second process is it too', async (runtime) => {
  await openDiskless(runtime);
  const bound = await createKey(stack.api, { budget: { limit: '100', window: 'TOTAL' }, requestsPerMinute: 100_000 });
  const free = await createKey(stack.api);
  expect(await traffic(bound.secret, calm, 3)).toBe(3);
  await expect(stack.node.second()).rejects.toThrow(/Another node is running as .*FAIRLEAD_NODE_NAME/s);
  expect(await traffic(free.secret, calm, 2)).toBe(2);
  await stack.control.kill('SIGKILL');
  expect(await traffic(free.secret, calm, 3)).toBe(3);
  const under = traffic(bound.secret, cut, 4);
  await stack.practice.calls();
  await new Promise((go) => { setTimeout(go, 40); });
  await stack.node.part.kill('SIGKILL');
  await under;
  await stack.node.restart();
  expect(await traffic(free.secret, calm, 2)).toBe(2);
  await stack.control.restart();
  await usageIsExact();
  // A call that was cut off may not have reached its vendor; it is charged once all the same, since nobody can know.
  const served = await billed(cut);
  await stack.api.until(async () => (await ofModel(cut)).requests >= served.requests, 30_000);
  const cutOff = await ofModel(cut);
  expect(cutOff.requests).toBeLessThanOrEqual(4);
  expect(cutOff.cost).toBeGreaterThanOrEqual(served.cost);
  await stack.api.until(async () => (await readBudget(stack.api, bound.id)).escrow === 0n, 30_000);
});

test.skipIf(servers.redis === undefined)('with Redis away it takes no paid work, says so, and loses nothing; with Redis emptied it writes all that it knows anew', async () => {
  await openDiskless();
  const { secret } = await createKey(stack.api);
  expect(await traffic(secret, calm, 3)).toBe(3);
  const under = ask(stack.node.url, secret, 'chat', { model: calm, stream: true, prompt: 'Say hello. [[practice slow {"ms":400}]]' });
  await stack.api.until(async () => (await stack.practice.calls()).length >= 4, 30_000);
  road.cut();
  expect((await under).status).toBe(200);
  const refused = await ask(stack.node.url, secret, 'anthropic', { model: calm, prompt: 'Say hello.' });
  expect([refused.status, refused.headers.get('x-fairlead-code'), refused.headers.get('retry-after')]).toEqual([503, 'node.books-away', '2']);
  expect(JSON.parse(refused.body)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
  expect((await fetch(`${stack.node.url}/v1/models`, { headers: { authorization: `Bearer ${secret}` } })).status).toBe(200);
  road.mend();
  await stack.api.until(async () => (await traffic(secret, calm, 1)) === 1, 30_000);
  await usageIsExact();
  await stack.control.kill('SIGKILL');
  expect(await traffic(secret, calm, 2)).toBe(2);
  await emptyRedis(redisUrl());
  await stack.api.until(() => Promise.resolve(stack.logs().includes('journal.rewritten')), 30_000);
  expect(await traffic(secret, calm, 1)).toBe(1);
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  expect(await traffic(secret, calm, 1)).toBe(1);
  await stack.control.restart();
  await usageIsExact();
});

test.skipIf(servers.redis === undefined)('wired: what was not handed in is in the stream alone, which nobody can read keys from; and without Redis a node needs its folder', async () => {
  await openDiskless();
  const { secret } = await createKey(stack.api);
  await stack.control.kill('SIGKILL');
  expect(await traffic(secret, calm, 2)).toBe(2);
  await stack.node.part.kill('SIGKILL');
  const keys = await onRedis(redisUrl(), 'KEYS', 'fairlead:node:*');
  const stream = /fairlead:node:\S+:journal/.exec(keys)?.[0] ?? '';
  const kept = await onRedis(redisUrl(), 'HGETALL', stream.replace(/journal$/, 'kept'));
  expect(kept).toMatch(/identity.*head|head.*identity/s);
  expect(kept).not.toMatch(/PRIVATE KEY|nodeId|practice/);
  await onRedis(redisUrl(), 'DEL', stream);
  await stack.control.restart();
  await stack.node.restart();
  expect(stack.logs()).toContain('journal.damaged');
  await traffic(secret, calm, 1);
  await stack.api.until(async () => (await ofModel(calm)).requests >= 1, 30_000);
  expect((await ofModel(calm)).requests).toBe(1);
  await expect(stack.addNode({ FAIRLEAD_NODE_STATE: 'folder' })).rejects.toThrow(/cannot be written/);
});
