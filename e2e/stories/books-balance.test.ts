// README: "Books that balance": every request is charged once, in a ledger that adds up, down to tokens and price.
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey, ledgerNano, nano } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

const span = () => ({ from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString() });

/** What the books of the first tenant say, over a day either side of now. */
async function readBooks() {
  const { billing, billingCompleteness } = await stack.api.run(
    `query ($report: BillingReportInput!, $statement: StatementInput!, $from: DateTime!, $to: DateTime!) {
      billing { wallet { balance { amount } left { amount } } balances { account amount { amount } } report(input: $report) { totals { requests cost { amount } } } statement(input: $statement) { opening { amount } closing { amount } } entries(from: $from, to: $to, first: 500) { rows { id kind amount payer exchange } } }
      billingCompleteness { gap deadLetters balance { amount } }
    }`, { report: { ...span(), by: ['MODEL'] }, statement: { ...span(), account: 'WALLET' }, ...span() });
  return { ...billing, completeness: billingCompleteness };
}

/** Signed dollars as nano-dollars. */
const signed = (amount: string) => (amount.startsWith('-') ? -nano(amount.slice(1)) : nano(amount));
const balanceOf = (books: { balances: { account: string; amount: { amount: string } }[] }, account: string) => signed(books.balances.find((row) => row.account === account)?.amount.amount ?? '0');

/** Whether the ledger holds every charge that usage knows of. */
function isPosted(books: Awaited<ReturnType<typeof readBooks>>, usage: { cost: bigint; excess: bigint; requests: number }): boolean {
  const charges = books.entries.rows.filter((row: { kind: string }) => row.kind === 'CHARGE');
  const charged = charges.reduce((sum: bigint, row: { amount: string }) => sum - signed(row.amount), 0n);
  return charges.length === usage.requests && charged === usage.cost && signed(books.report.totals.cost.amount) === usage.cost && balanceOf(books, 'UPSTREAM') === usage.cost + usage.excess;
}

test('requests on a wallet end as charges that lead from the opening to the closing balance, and can be explained', async () => {
  stack = await openStack({ nodes: 2 });
  await stack.api.run('mutation { walletCredit(input: { amount: "0.5", reference: "invoice 7" }) { userErrors { message } } }');
  const { secret } = await createKey(stack.api, { funding: 'WALLET', tags: ['repo:harbour'] });
  const statuses = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(stack.nodes[at % 2]?.url ?? '', secret, 'anthropic', { model: 'claude-sonnet-5-5', maxTokens: 64, stream: at % 2 === 0 }).then(({ status }) => status)));
  expect(statuses).toEqual(Array.from({ length: 12 }, () => 200));
  await stack.api.until(async () => (await ledgerNano(stack.api)).requests >= 12);
  const usage = await ledgerNano(stack.api);
  const books = await readBooks();
  expect(isPosted(books, usage)).toBe(true);
  expect(books.completeness).toEqual({ gap: 0, deadLetters: 0, balance: { amount: '0.00' } });
  expect(signed(books.statement.closing.amount)).toBe(nano('0.5') - usage.cost);
  expect(balanceOf(books, 'WALLET')).toBe(nano('0.5') - usage.cost);
  const charge = books.entries.rows.find((row: { kind: string }) => row.kind === 'CHARGE');
  const { billing } = await stack.api.run('query ($id: ID!) { billing { explain(id: $id) { charge { total { amount } agrees parts { count } } cost { amount } price { id } } } }', { id: charge.id });
  expect(billing.explain.charge.total.amount).toBe(billing.explain.cost.amount);
  expect(signed(charge.amount)).toBe(-nano(billing.explain.cost.amount));
});

test('an empty wallet pays for nothing', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api, { funding: 'WALLET' });
  const refused = await ask(stack.node.url, secret, 'anthropic');
  expect(refused.status).toBe(429);
  await stack.api.run('mutation { walletCredit(input: { amount: "1", reference: "first" }) { userErrors { message } } }');
  await stack.api.until(async () => (await ask(stack.node.url, secret, 'anthropic')).status === 200 || undefined);
});

test('costs by repository are the vendor\'s bill by repository; wired: what does not say its repository is for none', async () => {
  stack = await openStack();
  const { secret } = await createKey(stack.api);
  // The vendor knows no repository, so each has a model of its own.
  const work = [
    { model: 'claude-haiku-5-5', headers: { 'x-fairlead-repo': 'acme/harbour', 'x-fairlead-branch': Buffer.from('feat/größe').toString('latin1'), 'x-fairlead-ticket': 'T-1', 'x-session-id': 'ses-harbour' } },
    { model: 'claude-sonnet-5-5', headers: { 'x-fairlead-repo': 'lighthouse', 'x-fairlead-branch': 'b'.repeat(300), 'x-session-id': 'ses-light' } },
    { model: 'claude-opus-5-5', headers: {} },
  ];
  const heard = await Promise.all(work.flatMap((question) => [ask(stack.node.url, secret, 'anthropic', question), ask(stack.node.url, secret, 'anthropic', { ...question, stream: true })]));
  expect(heard.map(({ status }) => status)).toEqual(work.flatMap(() => [200, 200]));
  await stack.api.until(async () => (await ledgerNano(stack.api)).requests >= 6);
  const { bill } = (await stack.practice.bill()) as { bill: { model: string; costNano: string; requests: number }[] };
  const billed = (model: string | undefined) => { const line = bill.find((one) => one.model === model); return [line?.requests, BigInt(line?.costNano ?? 0)]; };
  const costs = async (by: string) => {
    const { billing } = await stack.api.run('query ($input: BillingReportInput!) { billing { report(input: $input) { rows { by { value } sums { requests cost { amount } } } } } }', { input: { ...span(), by: [by] } });
    return new Map<string | null, unknown[]>(billing.report.rows.map((row: { by: { value: string | null }[]; sums: { requests: number; cost: { amount: string } } }) => [row.by[0]?.value ?? null, [row.sums.requests, nano(row.sums.cost.amount)]]));
  };
  expect(await costs('REPO')).toEqual(new Map([['acme/harbour', billed(work[0]?.model)], ['lighthouse', billed(work[1]?.model)], [null, billed(work[2]?.model)]]));
  expect(new Set((await costs('BRANCH')).keys())).toEqual(new Set(['feat/größe', 'b'.repeat(100), null]));
  expect(new Set((await costs('SESSION')).keys())).toEqual(new Set(['ses-harbour', 'ses-light', null]));
  // The log tells it too, with what was cut.
  const { exchanges } = await stack.api.until(async () => {
    const found = await stack.api.run('{ exchanges(filter: { repo: "lighthouse", sessionId: "ses-light" }) { nodes { model branch decision { notes } } } }');
    return found.exchanges.nodes.length === 2 ? found : undefined;
  });
  expect(exchanges.nodes[0]).toEqual({ model: 'claude-sonnet-5-5', branch: 'b'.repeat(100), decision: { notes: ['x-fairlead-branch was cut to 100 characters'] } });
});

/** What each repository cost: by the sums that are kept, and by the charges themselves. */
async function costsByRepository() {
  const { billing } = await stack.api.run('query ($report: BillingReportInput!, $from: DateTime!, $to: DateTime!) { billing { report(input: $report) { rows { by { value } sums { cost { amount } } } } entries(from: $from, to: $to, first: 500) { rows { kind amount repo } } } }', { report: { ...span(), by: ['REPO'] }, ...span() });
  const charged = new Map<string, bigint>();
  for (const { kind, amount, repo } of billing.entries.rows as { kind: string; amount: string; repo: string }[]) if (kind === 'CHARGE') charged.set(repo, (charged.get(repo) ?? 0n) - signed(amount));
  return { kept: new Map<string, bigint>(billing.report.rows.map((row: { by: { value: string | null }[]; sums: { cost: { amount: string } } }) => [row.by[0]?.value ?? '', nano(row.sums.cost.amount)])), charged };
}

/** Three requests: for a repository by their own word, for one by their key's, and for none. */
async function workOnRepositories() {
  const [plain, tagged] = [await createKey(stack.api), await createKey(stack.api, { tags: ['repo:lighthouse'] })];
  const heard = await Promise.all([ask(stack.node.url, plain.secret, 'anthropic', { headers: { 'x-fairlead-repo': 'acme/harbour', 'x-session-id': 'ses-1' } }), ask(stack.node.url, tagged.secret, 'anthropic'), ask(stack.node.url, plain.secret, 'anthropic')]);
  expect(heard.map(({ status }) => status)).toEqual([200, 200, 200]);
  await stack.api.until(async () => (await ledgerNano(stack.api)).requests >= 3);
}

test('sums by label are what the charges add up to', async () => {
  stack = await openStack();
  await workOnRepositories();
  const { kept, charged } = await costsByRepository();
  expect([...charged.keys()].sort()).toEqual(['', 'acme/harbour', 'lighthouse']);
  expect(kept).toEqual(charged);
});

test('wired: a ledger that keeps no sums by label does not say what a repository cost', async () => {
  stack = await openStack();
  const database = new DatabaseSync(path.join(stack.dataDir, 'control', 'fairlead.db'));
  for (const table of ['label_hour', 'label_day']) database.exec(`CREATE TRIGGER no_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(IGNORE); END`);
  database.close();
  await workOnRepositories();
  const { kept, charged } = await costsByRepository();
  expect([...kept]).toEqual([['', [...charged.values()].reduce((sum, cost) => sum + cost, 0n)]]);
});

test('wired: a ledger that does not post does not hold what usage says was spent', async () => {
  stack = await openStack();
  // The database throws away what is posted; everything else goes on.
  const database = new DatabaseSync(path.join(stack.dataDir, 'control', 'fairlead.db'));
  for (const table of ['cost_hour', 'cost_day', 'account_balance']) database.exec(`CREATE TRIGGER no_${table} BEFORE INSERT ON ${table} BEGIN SELECT RAISE(IGNORE); END`);
  database.close();
  const { secret } = await createKey(stack.api);
  await ask(stack.node.url, secret, 'anthropic');
  await stack.api.until(async () => (await readBooks()).entries.rows.length >= 1);
  expect(isPosted(await readBooks(), await ledgerNano(stack.api))).toBe(false);
});
