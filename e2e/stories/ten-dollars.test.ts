// README: "A budget is a promise": ten dollars, many nodes, wires that fail and processes that are killed.
import { afterEach, expect, test } from 'vitest';
import { ask, requestOf } from '../clients/ask.ts';
import { billNano, createKey, ledgerNano, nano, readBudget } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack, StackNode } from '../stack/stack.ts';
import { openWire } from '../stack/wire.ts';
import type { Wire } from '../stack/wire.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const size = deep ? { nodes: 8, requests: 1_000, promptBytes: 20_000 } : { nodes: 3, requests: 60, promptBytes: 400_000 };
const limit = nano('10');
const model = 'claude-opus-5-5';
const outputMost = 64;
/** Waits long enough for trouble to meet it. */
const question = { model, maxTokens: outputMost, prompt: `Say hello. [[practice slow {"ms":800}]] ${'x'.repeat(size.promptBytes)}` };
/** What a node sets aside: the body's bytes and what an upstream may add to them, and the longest answer. */
const reservation = BigInt(JSON.stringify(requestOf('anthropic', question).body).length + 1_024) * 4_000n + BigInt(outputMost) * 20_000n;

let stack: Stack;
let wires: Wire[] = [];
afterEach(async () => {
  await Promise.all(wires.map((wire) => wire.close()));
  wires = [];
  await stack.close();
});

async function openFleet(): Promise<void> {
  stack = await openStack({ nodes: 0 });
  for (let count = 0; count < size.nodes; count++) {
    const wire = await openWire(Number(new URL(stack.controlUrl).port));
    wires.push(wire);
    await stack.addNode({ FAIRLEAD_CONTROL_URL: `http://127.0.0.1:${wire.port}` });
  }
}

/** Everything that was not served whole, with what it was charged. */
async function readBroken(): Promise<{ count: number; cost: bigint }> {
  let count = 0;
  let cost = 0n;
  for (const outcome of ['CRASHED', 'ABORTED', 'FAILED']) {
    for (let after: string | null = null; ; ) {
      const { exchanges } = await stack.api.run('query ($filter: ExchangeFilter, $after: String) { exchanges(first: 100, after: $after, filter: $filter) { nodes { cost { amount } estimated } pageInfo { endCursor hasNextPage } } }', { filter: { outcome, model }, after });
      for (const each of exchanges.nodes) if (each.estimated) { count += 1; cost += nano(each.cost.amount); }
      if (!exchanges.pageInfo.hasNextPage) break;
      after = exchanges.pageInfo.endCursor;
    }
  }
  return { count, cost };
}

/** Cuts wires, loses answers and kills nodes, one thing after another, until the work is over; then puts all right. */
async function troubleUntil(work: Promise<unknown>): Promise<number> {
  let over = false;
  work.finally(() => { over = true; }).catch(() => undefined);
  const pause = (ms: number) => new Promise((go) => { setTimeout(go, ms); });
  let kills = 0;
  await pause(300);
  for (let turn = 0; !over; turn++) {
    const at = (turn * 5 + 1) % size.nodes;
    const [wire, node] = [wires[at], stack.nodes[at]];
    if (!wire || !node) throw new Error('a node without a wire');
    if (turn % 3 === 0) wire.cut();
    else if (turn % 3 === 1) wire.deafen();
    else {
      await node.part.kill('SIGKILL');
      kills += 1;
      await node.restart();
    }
    await pause(700);
    wire.heal();
  }
  return kills;
}

const volley = (secret: string, count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, async (_, at) => {
  const node = stack.nodes[at % size.nodes] as StackNode;
  try { return (await ask(node.url, secret, 'anthropic', { ...question, signal: AbortSignal.timeout(90_000) })).status; } catch { return 0; }
}));

test(`${size.nodes} nodes, ${size.requests} requests at once, cut wires and kill -9: ten dollars are ten dollars, and the last request that fits is served`, async () => {
  await openFleet();
  const { id, secret } = await createKey(stack.api, { budget: { limit: '10', window: 'TOTAL' } });
  const first = volley(secret, size.requests);
  const watched = (async () => { for (let over = false; !over; ) { const { spent, escrow } = await readBudget(stack.api, id); expect(spent + escrow).toBeLessThanOrEqual(limit); over = await Promise.race([first.then(() => true), new Promise<false>((go) => { setTimeout(() => go(false), 200); })]); } })();
  const kills = await troubleUntil(first);
  await watched;
  expect(kills).toBeGreaterThan(0);
  const statuses = await first;
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
  // Whoever was refused while others held it comes again, until nothing is left.
  for (let empty = 0; empty < 2; ) {
    await stack.api.until(async () => (await readBudget(stack.api, id)).escrow === 0n, 30_000);
    const { spent } = await readBudget(stack.api, id);
    const again = await volley(secret, Math.min(size.requests, 4 * size.nodes));
    const served = again.filter((status) => status === 200).length;
    // With room for one there is one that is served.
    if (limit - spent >= reservation) expect(served).toBeGreaterThan(0);
    else expect(served).toBe(0);
    if (served === 0) empty += 1;
  }
  const { spent, escrow } = await stack.api.until(async () => { const budget = await readBudget(stack.api, id); return budget.escrow === 0n && budget; }, 30_000);
  expect(escrow).toBe(0n);
  expect(spent).toBeLessThanOrEqual(limit);
  expect(limit - spent).toBeLessThan(reservation);
  const ledger = await stack.api.until(async () => { const now = await ledgerNano(stack.api); return now.cost === spent && now; }, 20_000);
  expect(ledger.cost + ledger.excess).toBeLessThanOrEqual(limit);
  // What ended whole was charged as it was billed, to the nano-dollar; a call that a kill cut off was charged what it had reserved.
  const bill = billNano(await stack.practice.bill());
  const broken = await readBroken();
  const each = bill.cost / BigInt(bill.requests);
  expect(bill.cost).toBe(each * BigInt(bill.requests));
  expect(ledger.cost - broken.cost).toBe(each * BigInt(ledger.requests - broken.count));
  expect(broken.cost).toBe(reservation * BigInt(broken.count));
  expect(bill.requests).toBeLessThanOrEqual(ledger.requests);
  expect(bill.requests).toBeGreaterThanOrEqual(ledger.requests - broken.count);
  const { usageAudit } = await stack.api.run('{ usageAudit { gap deadLetters } }');
  for (const row of usageAudit) expect(row).toEqual({ gap: 0, deadLetters: 0 });
});

test('wired: without a budget the same volley goes past ten dollars', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  const dear = { model: 'claude-fable-5-2', maxTokens: outputMost, prompt: 'x'.repeat(2_000_000) };
  const statuses = await Promise.all(Array.from({ length: 3 }, () => ask(stack.node.url, secret, 'anthropic', dear).then(({ status }) => status)));
  expect(statuses).toEqual([200, 200, 200]);
  await stack.api.until(async () => (await ledgerNano(stack.api)).requests >= 3);
  expect((await ledgerNano(stack.api)).cost).toBeGreaterThan(limit);
});
