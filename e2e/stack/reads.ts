import type { Api, Data } from './api.ts';

/** What an experience key comes with. */
export interface IssuedKey { secret: string; claimUrl: string; env: Record<string, string>; command: string; expiresAt: string; budget: string }

/** Issues an experience key as anybody could: no sign-in, no input. */
export async function issueExperienceKey(api: Api): Promise<IssuedKey> {
  const { experienceKeyIssue: issued } = await api.as({}).run(
    'mutation { experienceKeyIssue(input: {}) { secret claimUrl expiresAt command budget { amount } env { name value } userErrors { code message } } }');
  if (!issued.secret) throw new Error(`no experience key: ${JSON.stringify(issued.userErrors)}`);
  return { secret: issued.secret, claimUrl: issued.claimUrl, expiresAt: issued.expiresAt, command: issued.command, budget: issued.budget.amount, env: Object.fromEntries(issued.env.map((line: { name: string; value: string }) => [line.name, line.value])) };
}

/** Creates an ordinary key as the owner. */
export async function createKey(api: Api, input: Record<string, unknown> = {}): Promise<{ id: string; secret: string }> {
  const { keyCreate } = await api.run('mutation ($input: KeyCreateInput!) { keyCreate(input: $input) { key { id } secret userErrors { code message path } } }', { input: { name: 'story', ...input } });
  if (!keyCreate.secret) throw new Error(`no key: ${JSON.stringify(keyCreate.userErrors)}`);
  return { id: keyCreate.key.id, secret: keyCreate.secret };
}

const exchangeFields = `id startedAt endedAt outcome status faultCode dialect model stream client inputTokens outputTokens cacheReadTokens cacheWriteTokens cost { amount } estimated unpriced
  key { id } upstream { id name } decision { route revision candidates { upstream chosen reason } attempts { attempt upstream outcome status detail } }`;

/** One exchange by the id that the node put into its answer's header. */
export async function readExchange(api: Api, id: string): Promise<Data | undefined> {
  const { exchange } = await api.run(`query ($id: ID!) { exchange(id: $id) { ${exchangeFields} } }`, { id });
  return exchange ?? undefined;
}

/** The request log, newest first. */
export async function readExchanges(api: Api, first = 50): Promise<Data[]> {
  const { exchanges } = await api.run(`query ($first: Int) { exchanges(first: $first) { nodes { ${exchangeFields} } } }`, { first });
  return exchanges.nodes;
}

/** Dollars as nano-dollars, exactly. */
export function nano(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Everything the ledger says was spent, settled and in excess. */
export async function ledgerNano(api: Api): Promise<{ cost: bigint; excess: bigint; requests: number }> {
  const { usage } = await api.run('query ($input: UsageInput!) { usage(input: $input) { totals { requests cost { amount } excess { amount } } } }', { input: { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString(), groupBy: [] } });
  return { cost: nano(usage.totals.cost.amount), excess: nano(usage.totals.excess.amount), requests: usage.totals.requests };
}

/** What the practice upstream has billed: everything, or one model. */
export function billNano(bill: unknown, model?: string): { cost: bigint; requests: number } {
  const rows = (bill as { bill: Data[] }).bill.filter((row) => model === undefined || row.model === model);
  return { cost: rows.reduce((sum, row) => sum + BigInt(row.costNano), 0n), requests: rows.reduce((sum, row) => sum + Number(row.requests), 0) };
}

/** What was used of one model, from yesterday to tomorrow. */
export async function usageOfModel(api: Api, model: string): Promise<{ requests: number; cost: bigint }> {
  const span = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString() };
  const { usage } = await api.run('query ($input: UsageInput!) { usage(input: $input) { rows { model requests cost { amount } } } }', { input: { ...span, groupBy: ['MODEL'] } });
  const row = usage.rows.find((each: { model: string }) => each.model === model);
  return { requests: row?.requests ?? 0, cost: nano(row?.cost.amount ?? '0') };
}

/** How the budget of a key or a pool stands; the first one that it has. */
export async function readBudget(api: Api, subjectId: string): Promise<{ spent: bigint; escrow: bigint }> {
  const { quotas } = await api.run('{ quotas(first: 100) { nodes { subjectId budget { spent { amount } escrow { amount } } } } }');
  const { budget } = quotas.nodes.find((quota: { subjectId: string }) => quota.subjectId === subjectId);
  return { spent: nano(budget.spent.amount), escrow: nano(budget.escrow.amount) };
}
