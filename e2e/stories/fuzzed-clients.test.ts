// README: whatever a client sends, and whatever an upstream answers: no crash, no hang, and an answer in the client's own dialect.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectMutants, openDice, sendMutant } from '../bench/mutants.ts';
import type { MutantCounts } from '../bench/mutants.ts';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const seed = Number(process.env.FAIRLEAD_TEST_SEED ?? Date.now() % 1_000_000);
const forMs = process.env.FAIRLEAD_TEST_DEEP === '1' ? 600_000 : 30_000;
let stack: Stack;
let secret: string;

beforeAll(async () => {
  stack = await openStack();
  await connectMutants(stack);
  ({ secret } = await createKey(stack.api));
}, 120_000);
afterAll(() => stack.close());

test('broken requests and lying upstreams get answers in the client\'s dialect', async () => {
  const counts: MutantCounts = { sent: 0, answered: 0, refused: 0, failed: [] };
  const dice = openDice(seed);
  const untilMs = performance.now() + forMs;
  await Promise.all(Array.from({ length: 8 }, async () => { while (performance.now() < untilMs) await sendMutant(stack.node.url, secret, dice, counts); }));
  expect(counts.failed.slice(0, 5), `seed ${seed}, of ${counts.sent} sent`).toEqual([]);
  // Both kinds came, or nothing was tried.
  expect([counts.answered > 20, counts.refused > 20], JSON.stringify(counts)).toEqual([true, true]);
  const plain = await stack.api.until(async () => { const heard = await ask(stack.node.url, secret, 'anthropic', { model: 'openai-chat,practice-1' }); return heard.status === 200 ? heard : undefined; }, 60_000);
  expect(plain.text).toContain('imulated');
}, forMs + 120_000);
