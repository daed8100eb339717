// README: "Budgets that hold": while the control plane is gone, an owner may let the own money be spent on, in plain sight.
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard } from '../clients/ask.ts';
import { createKey, issueExperienceKey, ledgerNano, nano, readExchange } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

/** A key with a budget of a cent, which holds nothing at a node any more. */
async function idleKey(whenUnreachable: string): Promise<{ id: string; secret: string }> {
  const key = await createKey(stack.api);
  await stack.api.run('mutation ($input: QuotaSetInput!) { quotaSet(input: $input) { userErrors { message } } }', { input: { subject: { keyId: key.id }, limit: '0.01', window: 'TOTAL', whenUnreachable } });
  expect((await ask(stack.node.url, key.secret, 'anthropic')).status).toBe(200);
  await stack.api.until(async () => ((await budgetOf(key.id)).escrow === 0n ? true : undefined));
  return key;
}

async function budgetOf(keyId: string): Promise<{ spent: bigint; escrow: bigint; excess: bigint }> {
  const { quotas } = await stack.api.run('query ($id: ID!) { quotas(subjectId: $id) { nodes { budget { spent { amount } escrow { amount } excess { amount } } } } }', { id: keyId });
  const { spent, escrow, excess } = quotas.nodes[0].budget;
  return { spent: nano(spent.amount), escrow: nano(escrow.amount), excess: nano(excess.amount) };
}

test('a key whose owner said so is served on while nobody can be asked; all of it shows as excess, is charged, named in the chain, and survives a kill -9', async () => {
  stack = await openStack();
  const key = await idleKey('SERVE');
  const before = await budgetOf(key.id);
  await stack.control.kill('SIGKILL');
  const replies: Heard[] = [];
  for (let count = 0; count < 3; count++) replies.push(await ask(stack.node.url, key.secret, 'anthropic'));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  await stack.node.part.kill('SIGKILL');
  await stack.control.restart();
  await stack.node.restart();
  const after = await stack.api.until(async () => { const now = await budgetOf(key.id); return now.excess > 0n && now.escrow === 0n ? now : undefined; });
  expect(after.spent).toBe(before.spent);
  const ledger = await stack.api.until(async () => { const now = await ledgerNano(stack.api); return now.requests === 4 ? now : undefined; });
  expect([ledger.cost, ledger.excess]).toEqual([before.spent, after.excess]);
});

test('what went on uncovered is named in the decision chain', async () => {
  stack = await openStack();
  const key = await idleKey('SERVE');
  await stack.control.kill('SIGKILL');
  const reply = await ask(stack.node.url, key.secret, 'anthropic');
  await stack.control.restart();
  const exchange = await stack.api.until(async () => { const read = await readExchange(stack.api, reply.headers.get('x-fairlead-exchange') ?? ''); return read?.decision ? read : undefined; });
  expect(exchange.decision.attempts[0].detail).toContain('no budget could be asked for');
});

test('wired: the same key is refused without its owner\'s word, and an experience key always', async () => {
  stack = await openStack();
  const key = await idleKey('REFUSE');
  const sponsored = await issueExperienceKey(stack.api);
  await stack.control.kill('SIGKILL');
  for (const secret of [key.secret, sponsored.secret]) {
    const { status, body } = await ask(stack.node.url, secret, 'anthropic');
    expect([status, body]).toEqual([503, expect.stringContaining('cannot ask for one now')]);
  }
});
