// README: "Budgets that hold": what a node does not need goes back within two seconds, and a restored database learns what it forgot.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey, ledgerNano, nano } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

const limit = '0.02';

async function budgetOf(keyId: string): Promise<{ spent: bigint; escrow: bigint; excess: bigint }> {
  const { quotas } = await stack.api.run('query ($id: ID!) { quotas(subjectId: $id) { nodes { budget { spent { amount } escrow { amount } excess { amount } } } } }', { id: keyId });
  const { spent, escrow, excess } = quotas.nodes[0].budget;
  return { spent: nano(spent.amount), escrow: nano(escrow.amount), excess: nano(excess.amount) };
}

/** How long after a request its escrow was back; gives up after so long. */
async function backAfterMs(key: { id: string; secret: string }, mostMs: number, then = () => undefined as unknown): Promise<number> {
  expect((await ask(stack.node.url, key.secret, 'anthropic')).status).toBe(200);
  const endedAt = performance.now();
  then();
  for (;;) {
    const { escrow } = await budgetOf(key.id);
    const ms = performance.now() - endedAt;
    if (escrow === 0n || ms > mostMs) return ms;
    await new Promise((go) => setTimeout(go, 25));
  }
}

test('escrow that lies idle is back within two seconds after the last request', async () => {
  stack = await openStack();
  const key = await createKey(stack.api, { budget: { limit, window: 'TOTAL' } });
  const tries: number[] = [];
  for (let count = 0; count < 3; count++) tries.push(await backAfterMs(key, 10_000));
  // Of three, so that a machine that stood still for a moment is not taken for a node that did not give back.
  expect(Math.min(...tries), tries.map(Math.round).join(', ')).toBeLessThan(2_000);
});

test('wired: a node that stands still gives nothing back, and no timer takes it', async () => {
  stack = await openStack();
  const key = await createKey(stack.api, { budget: { limit, window: 'TOTAL' } });
  const { pid } = stack.node.part.child;
  if (pid === undefined) throw new Error('the node has no process');
  const ms = await backAfterMs(key, 4_000, () => { process.kill(pid, 'SIGSTOP'); });
  expect(ms).toBeGreaterThan(4_000);
  process.kill(pid, 'SIGCONT');
  await stack.api.until(async () => ((await budgetOf(key.id)).escrow === 0n ? true : undefined));
});

test('a control plane that is restored to an older database hears from its nodes what it forgot, and does not grant it again', async () => {
  stack = await openStack();
  const key = await createKey(stack.api, { budget: { limit, window: 'TOTAL' } });
  await stack.control.kill('SIGTERM');
  const file = join(stack.dataDir, 'control', 'fairlead.db');
  copyFileSync(file, `${file}.older`);
  await stack.control.restart();
  for (let count = 0; count < 4; count++) expect((await ask(stack.node.url, key.secret, 'anthropic')).status).toBe(200);
  const before = await stack.api.until(async () => { const now = await budgetOf(key.id); return now.escrow === 0n && (await ledgerNano(stack.api)).cost === now.spent ? now : undefined; });
  await stack.control.kill('SIGTERM');
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  copyFileSync(`${file}.older`, file);
  await stack.control.restart();
  // All of it was spent from slices that were closed: only what nodes keep of them can tell.
  const after = await stack.api.until(async () => { const now = await budgetOf(key.id); return now.spent > 0n ? now : undefined; });
  expect(after).toEqual(before);
});
