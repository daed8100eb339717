// README: "Nodes serve when everything else is down, and the account is exact afterwards."
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { billNano, createKey, ledgerNano, readExchanges } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

const settled = (requests: number) => stack.api.until(async () => { const ledger = await ledgerNano(stack.api); return ledger.requests >= requests ? ledger : undefined; }, 20_000);

test('kill -9 of the control plane in mid-traffic: the node goes on, restarts too, and the usage arrives once', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
  const traffic = Array.from({ length: 12 }, (_, at) => ask(stack.node.url, secret, at % 2 ? 'chat' : 'anthropic', { stream: at % 3 === 0 }));
  await stack.control.kill('SIGKILL');
  expect((await Promise.all(traffic)).map(({ status }) => status)).toEqual(Array(12).fill(200));
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
  await stack.control.restart();
  const ledger = await settled(14);
  const bill = billNano(await stack.practice.bill());
  expect(ledger).toEqual({ cost: bill.cost, excess: 0n, requests: 14 });
  const { usageAudit } = await stack.api.run('{ usageAudit { ackedSeq maxSeq gap deadLetters } }');
  expect(usageAudit.map((row: { gap: number; deadLetters: number }) => [row.gap, row.deadLetters])).toEqual(usageAudit.map(() => [0, 0]));
});

test('kill -9 of the node after an answer: the usage is not lost', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  await stack.control.kill('SIGKILL');
  expect((await ask(stack.node.url, secret, 'anthropic', { stream: true })).whole).toBe(true);
  await stack.node.part.kill('SIGKILL');
  await stack.control.restart();
  await stack.node.restart();
  expect(await settled(1)).toEqual({ ...billNano(await stack.practice.bill()), excess: 0n });
});

test('kill -9 of the node in mid-stream becomes a crashed, estimated charge at its reservation', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api, { budget: { limit: '1.00', window: 'TOTAL' } });
  const started = Promise.withResolvers<void>();
  const cut = ask(stack.node.url, secret, 'anthropic', { stream: true, prompt: 'Go on [[practice trickle {"ms": 200}]]', onChunk: (text) => { if (text.includes('content_block_delta')) started.resolve(); } }).catch((error: unknown) => error);
  await started.promise;
  await stack.node.part.kill('SIGKILL');
  await cut;
  await stack.node.restart();
  await settled(1);
  const [exchange] = await readExchanges(stack.api);
  expect(exchange).toMatchObject({ outcome: 'CRASHED', estimated: true });
  expect(Number(exchange?.cost.amount)).toBeGreaterThan(0);
});

test('a node without its control plane starts from disk and says how old its news are', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  await ask(stack.node.url, secret, 'anthropic');
  await stack.control.kill('SIGKILL');
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  const ready = await fetch(`${stack.node.url}/readyz`);
  expect(ready.status).toBe(200);
  expect(await ready.json()).toMatchObject({ ready: true });
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
});

test('wired: without its folder a node has nothing to start from and says what to do', async () => {
  stack = await openStack();
  const { rmSync } = await import('node:fs');
  await stack.node.part.kill('SIGKILL');
  rmSync(stack.node.dataDir, { recursive: true });
  await expect(stack.node.restart()).rejects.toThrow(/FAIRLEAD_NODE_TOKEN/);
});
