// README: "Nodes serve when everything else is down": a node whose budget cannot be asked for borrows from the node beside it.
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard } from '../clients/ask.ts';
import { emptyRedis, servers } from '../stack/database.ts';
import { billNano, createKey, ledgerNano, nano, readBudget, readExchange, usageOfModel } from '../stack/reads.ts';
import { openRedisRoad } from '../stack/redis-road.ts';
import type { RedisRoad } from '../stack/redis-road.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack, StackNode, StackOptions } from '../stack/stack.ts';

/** A model of its own for calls that are cut off, so that the bill of the others is exact. */
const [calm, cut] = ['practice-1', 'claude-haiku-5-5'] as const;
const limit = '5';

let stack: Stack;
let road: RedisRoad | undefined;
afterEach(async () => {
  await stack.close();
  await road?.close();
  road = undefined;
  await emptyRedis(redisUrl());
});

/** A Redis database that no other story uses: it is emptied in the middle. */
function redisUrl(): string {
  const url = new URL(servers.redis ?? '');
  url.pathname = '/11';
  return url.href;
}

const nodeAt = (at: number): StackNode => stack.nodes[at] ?? stack.node;
const small = (node: StackNode, secret: string): Promise<Heard> => ask(node.url, secret, 'anthropic', { model: calm, maxTokens: 64, prompt: 'Say hello.' });
/** A call that is still running when its node is killed. */
const long = (node: StackNode, secret: string, model: string, maxTokens: number, ms = 2_500): Promise<Heard | undefined> => ask(node.url, secret, 'anthropic', { model, maxTokens, prompt: `Say hello. [[practice slow {"ms":${ms}}]]` }).catch(() => undefined);
const calls = async (least: number) => stack.api.until(async () => (await stack.practice.calls()).length >= least, 30_000);
const served = (node: StackNode, secret: string) => stack.api.until(async () => { const heard = await small(node, secret); return heard.status === 200 && heard; }, 30_000);

/** A number of a node's metrics. */
async function gauge(node: StackNode, name: string): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? NaN);
}

/**
 * Two nodes; the first holds a slice with room for many small calls and uses it while the control plane is killed, the
 * second never had one.
 */
async function openNeighbours(options: StackOptions = {}): Promise<{ id: string; secret: string; lender: StackNode; borrower: StackNode }> {
  await emptyRedis(redisUrl());
  stack = await openStack({ nodes: 2, redisUrl: redisUrl(), ...options });
  const key = await createKey(stack.api, { budget: { limit, window: 'TOTAL' } });
  const [lender, borrower] = [nodeAt(0), nodeAt(1)];
  const under = long(lender, key.secret, calm, 8_000);
  await calls(1);
  await stack.control.kill('SIGKILL');
  expect((await under)?.status).toBe(200);
  return { ...key, lender, borrower };
}

/** Once the control plane is back: nothing is held, the budget says what the ledger says, and the ledger what the vendor billed. */
async function accountIsExact(keyId: string, cutOff: number): Promise<void> {
  const bill = await stack.practice.bill();
  await stack.api.until(async () => (await usageOfModel(stack.api, calm)).requests >= billNano(bill, calm).requests && (await usageOfModel(stack.api, cut)).requests >= cutOff, 60_000);
  expect(await usageOfModel(stack.api, calm)).toEqual(billNano(bill, calm));
  // A call that was cut off is charged once what it had reserved, since nobody can know what it came to.
  const broken = await usageOfModel(stack.api, cut);
  expect(broken.requests).toBe(cutOff);
  expect(broken.cost).toBeGreaterThanOrEqual(billNano(bill, cut).cost);
  const { spent } = await stack.api.until(async () => { const budget = await readBudget(stack.api, keyId); return budget.escrow === 0n && budget; }, 60_000);
  expect(spent).toBe((await ledgerNano(stack.api)).cost);
  expect(spent).toBeLessThanOrEqual(nano(limit));
  const { usageAudit } = await stack.api.run('{ usageAudit { gap deadLetters } }');
  for (const row of usageAudit) expect(row).toEqual({ gap: 0, deadLetters: 0 });
}

const runtimes = process.env.FAIRLEAD_TEST_DENO === '1' ? (['node', 'deno'] as const) : (['node'] as const);

test.skipIf(servers.redis === undefined).each(runtimes)('on %s, with nobody to ask, a node without a slice serves from its neighbour\'s; through kill -9 of both and an emptied Redis the ledger equals the vendor\'s bill', async (runtime) => {
  const { id, secret, lender, borrower } = await openNeighbours({ runtime });
  await served(borrower, secret);
  expect(await gauge(lender, 'fairlead_loans_total')).toBeGreaterThanOrEqual(1);
  await emptyRedis(redisUrl());
  await served(borrower, secret);
  // Idle, it goes back: nobody but the two of them is there.
  await stack.api.until(async () => (await gauge(lender, 'fairlead_loans_lent')) === 0, 30_000);
  // The borrower dies with a call under way: what that had reserved is charged, and the rest is the lender's again.
  await served(borrower, secret);
  const before = (await stack.practice.calls()).length;
  const under = long(borrower, secret, cut, 64);
  await calls(before + 1);
  await borrower.part.kill('SIGKILL');
  await under;
  expect(await gauge(lender, 'fairlead_loans_lent')).toBeGreaterThanOrEqual(1);
  await borrower.restart();
  await stack.api.until(async () => (await gauge(lender, 'fairlead_loans_lent')) === 0, 30_000);
  // The lender dies: what it has lent is spent on without it, and is still lent when it comes back.
  await served(borrower, secret);
  const soFar = (await stack.practice.calls()).length;
  // A loan that a call runs on does not go back meanwhile.
  const running = long(borrower, secret, calm, 64, 6_000);
  await calls(soFar + 1);
  await lender.part.kill('SIGKILL');
  const last = await small(borrower, secret);
  expect(last.status).toBe(200);
  expect((await running)?.status).toBe(200);
  await emptyRedis(redisUrl());
  await lender.restart();
  await stack.api.until(async () => (await gauge(lender, 'fairlead_loans_lent')) === 0 && (await gauge(borrower, 'fairlead_loans_borrowed')) === 0, 30_000);
  await stack.control.restart();
  await accountIsExact(id, 1);
  const exchange = await stack.api.until(async () => { const read = await readExchange(stack.api, last.headers.get('x-fairlead-exchange') ?? ''); return read?.decision ? read : undefined; });
  expect(exchange.decision.attempts[0].detail).toContain('borrowed from node nod_');
});

test.skipIf(servers.redis === undefined)('nodes that live in the Redis that is emptied lend as exactly, killed at once with loans and calls under way', async () => {
  const { id, secret, lender, borrower } = await openNeighbours({ diskless: true });
  await served(borrower, secret);
  await emptyRedis(redisUrl());
  await stack.api.until(() => Promise.resolve(stack.logs().split('journal.rewritten').length > 2), 30_000);
  await served(borrower, secret);
  const before = (await stack.practice.calls()).length;
  const under = long(borrower, secret, cut, 64);
  await calls(before + 1);
  await Promise.all([borrower.part.kill('SIGKILL'), lender.part.kill('SIGKILL')]);
  await under;
  await Promise.all([lender.restart(), borrower.restart()]);
  await stack.control.restart();
  await accountIsExact(id, 1);
});

test.skipIf(servers.redis === undefined)('with Redis cut off a loan is spent on, and stays lent until its last word gets through', async () => {
  road = await openRedisRoad(redisUrl());
  const { id, secret, lender, borrower } = await openNeighbours({ redisUrl: road.url });
  await served(borrower, secret);
  const before = (await stack.practice.calls()).length;
  const running = long(borrower, secret, calm, 64, 6_000);
  await calls(before + 1);
  road.cut();
  expect((await small(borrower, secret)).status).toBe(200);
  expect((await running)?.status).toBe(200);
  await stack.control.restart();
  await stack.api.until(async () => (await usageOfModel(stack.api, calm)).requests >= billNano(await stack.practice.bill(), calm).requests, 60_000);
  expect((await readBudget(stack.api, id)).escrow).toBeGreaterThan(0n);
  expect(await gauge(lender, 'fairlead_loans_lent')).toBeGreaterThanOrEqual(1);
  road.mend();
  await accountIsExact(id, 0);
});

test.skipIf(servers.redis === undefined)('what a node had borrowed that is gone for good counts as spent once it is shut out, and the rest of its neighbour\'s slice goes back', async () => {
  const { id, secret, lender, borrower } = await openNeighbours();
  await served(borrower, secret);
  const before = (await stack.practice.calls()).length;
  const under = long(borrower, secret, cut, 64);
  await calls(before + 1);
  await borrower.part.kill('SIGKILL');
  await under;
  await stack.control.restart();
  // Until then it stays held, whatever the time.
  const held = await stack.api.until(async () => { const { requests } = await usageOfModel(stack.api, calm); return requests >= 1 && readBudget(stack.api, id); }, 30_000);
  expect(held.escrow).toBeGreaterThan(0n);
  expect(await gauge(lender, 'fairlead_loans_lent')).toBeGreaterThanOrEqual(1);
  const { fleetNodes } = await stack.api.run('{ fleetNodes(first: 10) { nodes { id name } } }');
  const gone = fleetNodes.nodes.find(({ name }: { name: string }) => name === 'node-2');
  await stack.api.run('mutation ($input: NodeRevokeInput!) { nodeRevoke(input: $input) { userErrors { message } } }', { input: { id: gone.id } });
  const { spent } = await stack.api.until(async () => { const budget = await readBudget(stack.api, id); return budget.escrow === 0n && budget; }, 60_000);
  expect(spent).toBeGreaterThan((await usageOfModel(stack.api, calm)).cost);
  expect(spent).toBeLessThanOrEqual(nano(limit));
});

test.skipIf(servers.redis === undefined)('wired: with lending switched off the same node refuses', async () => {
  const { id, secret, borrower } = await openNeighbours({ nodeEnv: { FAIRLEAD_LEND: 'off' } });
  const { status, body } = await small(borrower, secret);
  expect([status, body]).toEqual([503, expect.stringContaining('cannot ask for one now')]);
  await stack.control.restart();
  await accountIsExact(id, 0);
});
