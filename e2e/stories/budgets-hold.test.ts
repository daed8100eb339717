// README: "A budget is a promise": no node, crash or race can spend more than it.
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey, ledgerNano, nano } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

/** A campaign on a pool that holds one cent in all. */
async function oneCentCampaign(): Promise<string> {
  const { poolCreate } = await stack.api.run('mutation { poolCreate(input: { name: "One cent", cap: { limit: "0.01", window: TOTAL } }) { pool { id } userErrors { message } } }');
  const { campaignCreate } = await stack.api.run('mutation ($input: CampaignCreateInput!) { campaignCreate(input: $input) { campaign { slug } userErrors { message path } } }', {
    input: { name: 'One cent', slug: 'one-cent', poolId: poolCreate.pool.id, keyBudget: '0.01', keyTtlHours: 1, maxOutputTokens: 64, requestsPerMinute: 10_000 },
  });
  return campaignCreate.campaign.slug;
}

async function issue(slug: string): Promise<string | undefined> {
  const { experienceKeyIssue } = await stack.api.run('mutation ($input: ExperienceKeyIssueInput!) { experienceKeyIssue(input: $input) { secret userErrors { code } } }', { input: { campaign: slug } });
  return experienceKeyIssue.secret ?? undefined;
}

test('two nodes, many keys at once and a kill -9 cannot spend more than a one-cent pool', async () => {
  stack = await openStack({ nodes: 2 });
  const slug = await oneCentCampaign();
  const secrets = (await Promise.all(Array.from({ length: 4 }, () => issue(slug)))).filter((secret) => secret !== undefined);
  expect(secrets).toHaveLength(4);
  const volley = () => Promise.all(Array.from({ length: 24 }, (_, at) => ask(stack.nodes[at % 2]?.url ?? '', secrets[at % 4] ?? '', 'anthropic', { model: 'claude-sonnet-5-5', maxTokens: 64, stream: at % 2 === 0 }).then(({ status }) => status).catch(() => 0)));
  const statuses = await volley();
  const dying = volley();
  await stack.nodes[1]?.part.kill('SIGKILL');
  statuses.push(...(await dying));
  await stack.nodes[1]?.restart();
  statuses.push(...(await volley()));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
  const { quotas } = await stack.api.run('{ quotas(first: 100) { nodes { subjectKind budget { spent { amount } escrow { amount } limit { amount } } } } }');
  const pool = quotas.nodes.find((quota: { subjectKind: string; budget: { limit: { amount: string } } | null }) => quota.subjectKind === 'POOL' && quota.budget?.limit.amount === '0.01');
  expect(nano(pool.budget.spent.amount) + nano(pool.budget.escrow.amount)).toBeLessThanOrEqual(nano('0.01'));
  const ledger = await stack.api.until(async () => { const first = await ledgerNano(stack.api); await new Promise((go) => setTimeout(go, 700)); const second = await ledgerNano(stack.api); return first.requests === second.requests && first.requests > 0 ? second : undefined; });
  expect(ledger.cost).toBeLessThanOrEqual(nano('0.01'));
});

test('at the end of a budget every dialect says so at once, in the form that its clients show', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api, { budget: { limit: '0.00001', window: 'TOTAL' } });
  const anthropic = await ask(stack.node.url, secret, 'anthropic');
  expect([anthropic.status, anthropic.headers.get('x-should-retry'), JSON.parse(anthropic.body).error.type]).toEqual([429, 'false', 'rate_limit_error']);
  expect(JSON.parse(anthropic.body).error.message).toContain('budget');
  expect((await ask(stack.node.url, secret, 'chat')).status).toBe(402);
  expect((await ask(stack.node.url, secret, 'responses')).status).toBe(400);
  expect((await ask(stack.node.url, secret, 'gemini')).status).toBe(402);
});

test('wired: the same volley on a key without a quota goes past one cent', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  await Promise.all(Array.from({ length: 8 }, () => ask(stack.node.url, secret, 'anthropic', { model: 'claude-opus-5-5', prompt: 'x'.repeat(4_000), maxTokens: 256 })));
  await stack.api.until(async () => (await ledgerNano(stack.api)).requests >= 8);
  expect((await ledgerNano(stack.api)).cost).toBeGreaterThan(nano('0.01'));
});
