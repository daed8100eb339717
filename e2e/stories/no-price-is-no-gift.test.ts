// README: what has no price is listed, not free, and charged once when it gets one.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { billNano, createKey, ledgerNano } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const model = 'gpt-6-unlisted';
let stack: Stack;
let free: string;
let bound: string;

beforeAll(async () => {
  stack = await openStack();
  const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message } } }', { input: { name: 'Any', baseUrl: stack.practiceUrl, dialects: ['anthropic-messages', 'openai-chat'], secret: secondCredential } });
  expect(upstreamCreate.userErrors).toEqual([]);
  free = (await createKey(stack.api)).secret;
  bound = (await createKey(stack.api, { budget: { limit: '5', window: 'MONTH' } })).secret;
});
afterAll(() => stack.close());

const unpriced = async () => (await stack.api.run('{ unpricedModels { model attempts since } }')).unpricedModels;

test('a model without a price serves no budget, and what others used of it is listed and not booked as nothing', async () => {
  expect((await ask(stack.node.url, bound, 'chat', { model })).status).toBeGreaterThanOrEqual(400);
  for (const stream of [true, false]) expect((await ask(stack.node.url, free, 'chat', { model, stream })).status).toBe(200);
  const [use] = await stack.api.until(async () => { const found = await unpriced(); return found[0]?.attempts === 2 ? found : undefined; });
  expect(use).toMatchObject({ model });
  expect(await ledgerNano(stack.api)).toEqual({ cost: 0n, excess: 0n, requests: 2 });
  const { auditEntries } = await stack.api.run('{ auditEntries(first: 50) { nodes { action } } }');
  expect(auditEntries.nodes.filter((entry: { action: string }) => entry.action === 'model.unpriced')).toHaveLength(1);
});

test('with its price it is charged to the nano-dollar of the upstream\'s own bill, and nodes charge it from then on', async () => {
  const [{ since }] = await unpriced();
  const input = { modelName: model, input: '2', output: '12', effectiveAt: since };
  expect((await stack.api.run('mutation ($input: PriceSetInput!) { priceSet(input: $input) { userErrors { message } } }', { input })).priceSet.userErrors).toEqual([]);
  expect(await unpriced()).toEqual([]);
  expect((await ledgerNano(stack.api)).cost).toBe(billNano(await stack.practice.bill()).cost);
  expect((await ask(stack.node.url, bound, 'chat', { model })).status).toBe(200);
  await stack.api.until(async () => ((await ledgerNano(stack.api)).requests === 3 ? true : undefined));
  const bill = billNano(await stack.practice.bill());
  expect(await ledgerNano(stack.api)).toEqual({ cost: bill.cost, excess: 0n, requests: 3 });
});
