// README: "A node that is told to stop finishes what it has begun".
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard } from '../clients/ask.ts';
import { createKey, readExchanges } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack?.close());

const runtimes = process.env.FAIRLEAD_TEST_DENO === '1' ? (['node', 'deno'] as const) : (['node'] as const);
const slow = 'Tell me a story. [[practice trickle {"ms": 150}]]';

/** So many slow streams of the first node, begun when this resolves. */
async function begin(secret: string, count: number): Promise<Promise<Heard>[]> {
  const { url } = stack.node;
  let begun = 0;
  const streams = Array.from({ length: count }, () => { let first = true; return ask(url, secret, 'anthropic', { prompt: slow, stream: true, onChunk: () => { if (first) begun += 1; first = false; } }); });
  for (const stream of streams) stream.catch(() => undefined);
  await stack.api.until(async () => begun === count);
  return streams;
}

/** As a client with two addresses: the other one when the first takes no connection. */
async function either(secret: string): Promise<number> {
  for (const { url } of stack.nodes) {
    try {
      return (await ask(url, secret, 'anthropic')).status;
    } catch { /* The next one. */ }
  }
  return 0;
}

test.each(runtimes)('on %s, no stream is cut and no request refused while a node stops and another one takes over', async (runtime) => {
  stack = await openStack({ nodes: 2, runtime });
  const { id, secret } = await createKey(stack.api, { budget: { limit: '5.00', window: 'TOTAL' } });
  const streams = await begin(secret, 12);
  let stopped = false;
  const stopping = stack.node.part.kill('SIGTERM').then(() => { stopped = true; });
  const statuses: number[] = [];
  while (!stopped) statuses.push(await either(secret));
  await stopping;
  expect(stack.node.part.child.exitCode).toBe(0);
  expect((await Promise.all(streams)).map(({ status, whole }) => [status, whole])).toEqual(Array.from({ length: 12 }, () => [200, true]));
  expect(new Set(statuses)).toEqual(new Set([200]));
  const calls = 12 + statuses.length;
  const exchanges = await stack.api.until(() => readExchanges(stack.api).then((all) => { const mine = all.filter((one) => one.key?.id === id && one.outcome); return mine.length === Math.min(calls, 50) && mine; }));
  expect(new Set(exchanges.map(({ outcome }) => outcome))).toEqual(new Set(['OK']));
  await stack.api.until(async () => {
    const { quotas } = await stack.api.run('query ($id: ID!) { quotas(subjectId: $id) { nodes { budget { escrow { amount } } } } }', { id });
    return quotas.nodes.every((quota: { budget: { escrow: { amount: string } } }) => Number(quota.budget.escrow.amount) === 0);
  });
});

test('told a second time it waits no longer', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  let begun = false;
  const stream = ask(stack.node.url, secret, 'anthropic', { prompt: 'Go on [[practice stall {"after": 6}]]', stream: true, onChunk: () => { begun = true; } }).catch(() => undefined);
  await stack.api.until(async () => begun);
  const stopping = stack.node.part.kill('SIGTERM');
  await new Promise((go) => setTimeout(go, 500));
  expect(stack.node.part.child.exitCode).toBe(null);
  await Promise.all([stopping, stack.node.part.kill('SIGTERM')]);
  expect((await stream)?.whole).not.toBe(true);
});

test('wired: a node that is to wait for nothing cuts the same streams', async () => {
  stack = await openStack({ nodeEnv: { FAIRLEAD_DRAIN_MS: '0' } });
  const { secret } = await createKey(stack.api);
  const streams = await begin(secret, 4);
  await stack.node.part.kill('SIGTERM');
  const ends = await Promise.allSettled(streams);
  expect(ends.filter((end) => end.status === 'fulfilled' && end.value.whole)).toEqual([]);
});
