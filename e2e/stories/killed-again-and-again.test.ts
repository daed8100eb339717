// README: "Nodes serve when everything else is down, and the account is exact afterwards": round after round of kill -9.
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { emptyRedis, hasDatabase, servers } from '../stack/database.ts';
import type { DatabaseKind } from '../stack/database.ts';
import { billNano, createKey, nano, readBudget, readExchange, usageOfModel } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const legs: { database: DatabaseKind; redis: boolean; rounds: number }[] = [
  { database: 'sqlite', redis: false, rounds: deep ? 200 : 4 }, { database: 'sqlite', redis: true, rounds: deep ? 200 : 2 },
  ...(['postgres', 'mysql'] as const).flatMap((database) => [{ database, redis: false, rounds: deep ? 20 : 2 }, ...(deep ? [{ database, redis: true, rounds: 20 }] : [])]),
];

let stack: Stack;
afterEach(() => stack.close());

/** A Redis database that no other story uses: it is emptied in the middle. */
function redisUrl(): string {
  const url = new URL(servers.redis ?? '');
  url.pathname = '/9';
  return url.href;
}

/** Requests in three dialects, whole and streamed; the ids of those that were answered whole. */
async function traffic(secret: string, model: string, count: number): Promise<string[]> {
  const heard = await Promise.all(Array.from({ length: count }, (_, at) => ask(stack.node.url, secret, (['anthropic', 'chat', 'responses'] as const)[at % 3] ?? 'chat', { model, stream: at % 2 === 0, prompt: 'Say hello. [[practice slow {"ms":60}]]' }).catch(() => undefined)));
  return heard.flatMap((answer) => (answer?.status === 200 && answer.whole ? [answer.headers.get('x-fairlead-exchange') ?? ''] : []));
}

/** A model of its own for rounds in which calls are cut off, so that the bill of the others is exact. */
const [calm, cut] = ['practice-1', 'claude-haiku-5-5'] as const;

/** One round: who is killed, and whether requests are under way, changes from round to round. Returns what was answered whole. */
async function round(number: number, keys: { bound: string; free: string }, withRedis: boolean): Promise<string[]> {
  switch (number % 4) {
    case 0: { // the control plane, in mid-traffic: whom no budget binds notices nothing
      const under = traffic(keys.free, calm, 4);
      await stack.control.kill('SIGKILL');
      const ids = await under;
      expect(ids).toHaveLength(4);
      await stack.control.restart();
      return ids;
    }
    case 1: { // the node, right after its answers
      const ids = await traffic(keys.bound, calm, 4);
      expect(ids).toHaveLength(4);
      await stack.node.part.kill('SIGKILL');
      await stack.node.restart();
      return ids;
    }
    case 2: { // the node, in mid-traffic
      if (withRedis) await emptyRedis(redisUrl());
      const under = traffic(keys.bound, cut, 4);
      await new Promise((go) => { setTimeout(go, (number * 37) % 120); });
      await stack.node.part.kill('SIGKILL');
      const ids = await under;
      await stack.node.restart();
      return ids;
    }
    default: { // both, while usage is on its way
      const ids = await traffic(keys.bound, calm, 4);
      await Promise.all([stack.control.kill('SIGKILL'), stack.node.part.kill('SIGKILL')]);
      await stack.control.restart();
      await stack.node.restart();
      return ids;
    }
  }
}

const span = () => ({ from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString() });

async function costOf(keyId: string): Promise<bigint> {
  const { usage } = await stack.api.run('query ($input: UsageInput!) { usage(input: $input) { totals { cost { amount } } } }', { input: { ...span(), keyId } });
  return nano(usage.totals.cost.amount);
}

const ofModel = (model: string) => usageOfModel(stack.api, model);

describe.each(legs)('$rounds rounds of kill -9 on $database, Redis: $redis', ({ database, redis, rounds }) => {
  test.skipIf(!hasDatabase(database) || (redis && servers.redis === undefined))('no usage is lost and none is doubled', async () => {
    if (redis) await emptyRedis(redisUrl());
    stack = await openStack({ database, ...(redis ? { redisUrl: redisUrl() } : {}) });
    const bound = await createKey(stack.api, { budget: { limit: '100', window: 'TOTAL' }, requestsPerMinute: 100_000 });
    const keys = { bound: bound.secret, free: (await createKey(stack.api)).secret };
    await traffic(keys.free, calm, 1); // both keys are known to the node
    const answered: string[] = [];
    for (let number = 0; number < rounds; number++) answered.push(...(await round(number + (redis ? 2 : 0), keys, redis)));
    const bill = await stack.practice.bill();
    const billed = (model: string) => billNano(bill, model);
    await stack.api.until(async () => (await ofModel(calm)).requests >= billed(calm).requests && (await ofModel(cut)).requests >= billed(cut).requests, 30_000);
    expect(await ofModel(calm)).toEqual(billed(calm));
    // A call that was cut off may not have reached its vendor; it is charged once all the same, since nobody can know.
    const cutOff = await ofModel(cut);
    expect(cutOff.requests).toBeLessThanOrEqual(4 * Math.ceil(rounds / 4));
    expect(cutOff.cost).toBeGreaterThanOrEqual(billed(cut).cost);
    for (const id of answered) expect((await readExchange(stack.api, id))?.outcome).toBe('OK');
    const { usageAudit } = await stack.api.run('{ usageAudit { ackedSeq maxSeq gap deadLetters } }');
    expect(usageAudit.map((row: { gap: number; deadLetters: number }) => [row.gap, row.deadLetters])).toEqual(usageAudit.map(() => [0, 0]));
    const { billingCompleteness } = await stack.api.run('{ billingCompleteness { gap deadLetters balance { amount } } }');
    expect(billingCompleteness).toEqual({ gap: 0, deadLetters: 0, balance: { amount: '0.00' } });
    // The budget says the same as the ledger once nothing is held any more.
    const { spent } = await stack.api.until(async () => { const budget = await readBudget(stack.api, bound.id); return budget.escrow === 0n && budget; }, 30_000);
    expect(spent).toBe(await costOf(bound.id));
  }, deep ? rounds * 15_000 : undefined);
});

test('wired: a node that loses its journal with its life loses what it had not handed in', async () => {
  stack = await openStack();
  const { rmSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { secret } = await createKey(stack.api);
  await stack.control.kill('SIGKILL');
  expect(await traffic(secret, calm, 2)).toHaveLength(2);
  await stack.node.part.kill('SIGKILL');
  rmSync(join(stack.node.dataDir, 'journal'), { recursive: true });
  await stack.control.restart();
  await stack.node.restart();
  await traffic(secret, calm, 1);
  await stack.api.until(async () => (await ofModel(calm)).requests >= 1);
  await new Promise((go) => { setTimeout(go, 1_500); });
  expect((await ofModel(calm)).requests).toBe(1);
});
