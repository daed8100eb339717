// README: "Budgets that hold", in dollars, tokens and requests, of whoever spends and of whoever is called.
import { afterEach, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard } from '../clients/ask.ts';
import { hasDatabase } from '../stack/database.ts';
import { connectFirst, lead } from '../stack/providers.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack?.close());

const model = 'limited-model';

async function limit(subject: Record<string, string>, amount: string, unit: string): Promise<void> {
  const { quotaSet } = await stack.api.run('mutation ($input: QuotaSetInput!) { quotaSet(input: $input) { userErrors { message path } } }', { input: { subject, limit: amount, unit, window: 'TOTAL' } });
  expect(quotaSet.userErrors).toEqual([]);
}

async function standing(subjectId: string): Promise<Record<string, { spent: number; escrow: number; excess: number }>> {
  const { quotas } = await stack.api.run('query ($id: ID!) { quotas(subjectId: $id) { nodes { unit budget { spent { amount } escrow { amount } excess { amount } } } } }', { id: subjectId });
  return Object.fromEntries(quotas.nodes.map(({ unit, budget }: { unit: string; budget: Record<string, { amount: string }> }) => [unit, { spent: Number(budget.spent?.amount), escrow: Number(budget.escrow?.amount), excess: Number(budget.excess?.amount) }]));
}

/** Waits until nodes hold nothing of a subject any more. */
const settled = (subjectId: string) => stack.api.until(async () => { const all = await standing(subjectId); return Object.values(all).every(({ escrow }) => escrow === 0) ? all : undefined; });

const say = (secret: string, at = 0) => ask(stack.nodes[at]?.url ?? '', secret, 'anthropic', { model, maxTokens: 64 });

/** Two providers of the model, the first one limited. */
async function limitFirst(...limits: [amount: string, unit: string][]): Promise<{ first: string; credential: string; secret: string }> {
  const { first, practice } = await connectFirst(stack);
  await lead(stack.api, model, [first, practice]);
  const { upstream } = await stack.api.run('query ($id: ID!) { upstream(id: $id) { credentials { id } } }', { id: first });
  for (const [amount, unit] of limits) await limit({ upstreamId: first }, amount, unit);
  const { secret } = await createKey(stack.api);
  return { first, credential: upstream.credentials[0].id, secret };
}

describe.each(['sqlite', 'postgres', 'mysql'] as const)('on %s', (database) => {
  test.skipIf(!hasDatabase(database))('a provider that has used up its requests is passed over with the reason, and the next one serves', async () => {
    stack = await openStack({ database });
    const { first, secret } = await limitFirst(['3', 'REQUESTS']);
    const replies: Heard[] = [];
    for (let count = 0; count < 5; count++) replies.push(await say(secret));
    expect(replies.map(({ headers }) => headers.get('x-fairlead-upstream'))).toEqual(['First', 'First', 'First', 'Practice', 'Practice']);
    expect(await settled(first)).toEqual({ REQUESTS: { spent: 3, escrow: 0, excess: 0 } });
    const exchange = await stack.api.until(async () => { const read = await readExchange(stack.api, replies[3]?.headers.get('x-fairlead-exchange') ?? ''); return read?.decision ? read : undefined; });
    expect(exchange.decision.attempts).toMatchObject([{ upstream: 'First', outcome: 'over-quota', detail: 'its budget of requests has too little left' }, { upstream: 'Practice', outcome: 'ok' }]);
  });
});

const runtimes = process.env.FAIRLEAD_TEST_DENO === '1' ? (['node', 'deno'] as const) : (['node'] as const);

test.each(runtimes)('on %s, with every provider used up the client is told, and no token more than the limit is used by two nodes at once', async (runtime) => {
  stack = await openStack({ nodes: 2, runtime });
  const { first, practice } = await connectFirst(stack);
  await lead(stack.api, model, [first, practice]);
  const tokens = 3_000; // room for two requests at once
  await limit({ upstreamId: first }, String(tokens), 'TOKENS');
  await limit({ upstreamId: practice }, '0', 'USD');
  const { secret } = await createKey(stack.api);
  const replies = await Promise.all(Array.from({ length: 24 }, (_, at) => say(secret, at % 2)));
  const refused = replies.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(replies.length);
  for (const { body, status } of refused) expect([status, body]).toEqual([503, expect.stringContaining('budget of every upstream')]);
  const { TOKENS } = await settled(first);
  expect(TOKENS?.spent).toBeGreaterThan(0);
  expect(TOKENS?.spent).toBeLessThanOrEqual(tokens);
});

test('a key\'s tokens and requests, its account\'s and a credential\'s all hold; kill -9 in the middle settles each once', async () => {
  stack = await openStack();
  const { credential, secret: _free, first } = await limitFirst();
  const { tenant } = await stack.api.run('{ tenant { id } }');
  await limit({ credentialId: credential }, '1000', 'REQUESTS');
  await limit({ upstreamId: first }, '1', 'USD');
  await limit({ tenantId: tenant.id }, '1000000', 'TOKENS');
  const key = await createKey(stack.api);
  await limit({ keyId: key.id }, '6', 'REQUESTS');
  const before = await Promise.all([0, 1].map(() => say(key.secret).then(({ status }) => status)));
  const dying = Promise.all([0, 1].map(() => ask(stack.node.url, key.secret, 'anthropic', { model, maxTokens: 64, stream: true }).then(({ status }) => status).catch(() => 0)));
  await stack.api.until(async () => ((await stack.practice.calls()).length >= 3 ? true : undefined));
  await stack.node.part.kill('SIGKILL');
  await dying;
  await stack.node.restart();
  expect(before).toEqual([200, 200]);
  const [ofKey, ofCredential, ofUpstream, ofTenant] = [await settled(key.id), await settled(credential), await settled(first), await settled(tenant.id)];
  const calls = (await stack.practice.calls()).length;
  // What was under way when the node died counts as it was set aside: at least what was called, and never more than was begun.
  expect(ofKey.REQUESTS?.spent).toBeGreaterThanOrEqual(calls);
  expect(ofKey.REQUESTS?.spent).toBeLessThanOrEqual(4);
  expect(ofCredential.REQUESTS?.spent).toBe(ofKey.REQUESTS?.spent);
  const { usage } = await stack.api.until(async () => {
    const read = await stack.api.run('query ($input: UsageInput!) { usage(input: $input) { totals { requests cost { amount } inputTokens outputTokens cacheReadTokens cacheWriteTokens } } }', { input: { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString(), groupBy: [] } });
    return read.usage.totals.requests === ofKey.REQUESTS?.spent ? read : undefined;
  });
  expect(ofUpstream.USD?.spent).toBeCloseTo(Number(usage.totals.cost.amount), 9);
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage.totals;
  // A crash charges tokens as set aside, of which no event tells.
  expect(ofTenant.TOKENS?.spent).toBeGreaterThanOrEqual(Number(inputTokens) + Number(outputTokens) + Number(cacheReadTokens) + Number(cacheWriteTokens));
  const rest = await Promise.all(Array.from({ length: 8 }, () => say(key.secret).then(({ status }) => status)));
  expect(rest.filter((status) => status === 200)).toHaveLength(6 - Number(ofKey.REQUESTS?.spent));
  expect(rest.filter((status) => status === 429)).toHaveLength(2 + Number(ofKey.REQUESTS?.spent));
});

test('wired: without the limits the same provider serves every one of the same requests', async () => {
  stack = await openStack();
  const { secret } = await limitFirst();
  const served: (string | null)[] = [];
  for (let count = 0; count < 5; count++) served.push((await say(secret)).headers.get('x-fairlead-upstream'));
  expect(served).toEqual(Array.from({ length: 5 }, () => 'First'));
  expect((await Promise.all(Array.from({ length: 24 }, () => say(secret)))).every(({ status }) => status === 200)).toBe(true);
});
