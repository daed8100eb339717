// README: "Nodes serve when everything else is down": a node whose budget slice is spent borrows from the node beside it.
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { emptyRedis, servers } from '../stack/database.ts';
import { billNano, createKey, nano, readBudget, readExchange, usageOfModel } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const model = 'practice-1';

let stack: Stack;
afterEach(async () => {
  await stack.close();
  await emptyRedis(redisUrl());
});

/** A Redis database that no other story uses: it is emptied in the middle. */
function redisUrl(): string {
  const url = new URL(servers.redis ?? '');
  url.pathname = '/11';
  return url.href;
}

const one = (at: number, secret: string) => ask(stack.nodes[at]?.url ?? '', secret, 'anthropic', { model, maxTokens: 64, prompt: 'Say hello.' });

test.skipIf(servers.redis === undefined)('with nobody to ask, a node without a slice serves from its neighbour\'s, and the ledger equals the vendor\'s bill', async () => {
  await emptyRedis(redisUrl());
  stack = await openStack({ nodes: 2, redisUrl: redisUrl() });
  const { id, secret } = await createKey(stack.api, { budget: { limit: '1', window: 'TOTAL' } });
  expect((await one(0, secret)).status).toBe(200);
  await stack.control.kill('SIGKILL');
  const heard = await one(1, secret);
  expect(heard.status).toBe(200);
  await stack.control.restart();
  const { spent } = await stack.api.until(async () => { const budget = await readBudget(stack.api, id); return budget.escrow === 0n && budget; }, 30_000);
  expect(spent).toBe(billNano(await stack.practice.bill()).cost);
  const exchange = await stack.api.until(async () => { const read = await readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? ''); return read?.decision ? read : undefined; });
  expect(nano('1')).toBeGreaterThan(spent);
  expect(exchange.decision.attempts[0].detail).toContain('borrowed from node');
  await stack.api.until(async () => (await usageOfModel(stack.api, model)).requests === 2);
});
