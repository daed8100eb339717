// README: "With Redis, nodes share one pace."
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { servers } from '../stack/database.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

/** Nine slow requests at once on two nodes, of a key that may have three; then, when all have ended, three more. */
async function crowd(): Promise<number[]> {
  const { secret } = await createKey(stack.api, { concurrent: 3 });
  const slow = (_: unknown, at: number) => ask(stack.nodes[at % 2]?.url ?? '', secret, 'anthropic', { prompt: 'Say hello. [[practice slow {"ms":2000}]]' });
  const heard = await Promise.all(Array.from({ length: 9 }, slow));
  for (const { status, headers } of heard) if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  for (const { status } of await Promise.all(Array.from({ length: 3 }, slow))) expect(status).toBe(200);
  return heard.map(({ status }) => status).sort();
}

async function volley(): Promise<number[]> {
  const { secret } = await createKey(stack.api, { requestsPerMinute: 6 });
  const heard = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(stack.nodes[at % 2]?.url ?? '', secret, 'anthropic')));
  for (const { status, headers } of heard) if (status === 429) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  return heard.map(({ status }) => status).sort();
}

describe.skipIf(servers.redis === undefined)(`with Redis${servers.redis === undefined ? ' (not available here)' : ''}`, () => {
  test('six requests a minute are six, over two nodes', async () => {
    stack = await openStack({ nodes: 2, redisUrl: servers.redis ?? '' });
    expect(await volley()).toEqual([...Array(6).fill(200), ...Array(6).fill(429)]);
  });

  test('three requests at once are three, over two nodes, and each place is free again', async () => {
    stack = await openStack({ nodes: 2, redisUrl: servers.redis ?? '' });
    expect(await crowd()).toEqual([...Array(3).fill(200), ...Array(6).fill(429)]);
  });
});

test('wired: without Redis each node counts for itself', async () => {
  stack = await openStack({ nodes: 2 });
  expect(await volley()).toEqual(Array(12).fill(200));
  expect(await crowd()).toEqual([...Array(6).fill(200), ...Array(3).fill(429)]);
});

test('a Redis that is away costs no request: nodes count for themselves', async () => {
  stack = await openStack({ nodes: 1, redisUrl: 'redis://127.0.0.1:1' });
  const { secret } = await createKey(stack.api, { requestsPerMinute: 2 });
  const statuses: number[] = [];
  for (let at = 0; at < 3; at++) statuses.push((await ask(stack.node.url, secret, 'anthropic')).status);
  expect(statuses).toEqual([200, 200, 429]);
});
