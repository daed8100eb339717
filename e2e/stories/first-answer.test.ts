// README: "One command, and Claude Code answers." On every database and runtime.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Speaks } from '../clients/ask.ts';
import { claudePath, runClaudeCode, toolTask } from '../clients/claude-code.ts';
import { hasDatabase } from '../stack/database.ts';
import type { DatabaseKind } from '../stack/database.ts';
import { billNano, issueExperienceKey, ledgerNano, nano, readExchange, readExchanges } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

type Leg = [DatabaseKind, 'node' | 'deno'];
// Each database and each runtime; in the deep run every pair of them.
const few: Leg[] = [['sqlite', 'node'], ['sqlite', 'deno'], ['postgres', 'node'], ['mysql', 'deno']];
const legs: Leg[] = process.env.FAIRLEAD_TEST_DEEP === '1' ? [...few, ['postgres', 'deno'], ['mysql', 'node']] : few;

for (const [database, runtime] of legs) {
  const possible = hasDatabase(database) && (runtime === 'node' || process.env.FAIRLEAD_TEST_DENO === '1');
  describe.skipIf(!possible)(`first answer on ${database} and ${runtime}${possible ? '' : ' (not available here)'}`, () => {
    let stack: Stack;
    let secret: string;
    let env: Record<string, string>;
    const bookedAfterMs: number[] = [];
    beforeAll(async () => {
      stack = await openStack({ database, runtime });
      ({ secret, env } = await issueExperienceKey(stack.api));
    });
    afterAll(() => stack.close());

    test.each<[Speaks, boolean]>([['anthropic', true], ['anthropic', false], ['chat', true], ['chat', false], ['responses', true], ['responses', false], ['gemini', true], ['gemini', false]])('an experience key answers %s (stream: %s) at once, and is accounted for', async (speaks, stream) => {
      const heard = await ask(stack.node.url, secret, speaks, { stream });
      const answeredAt = performance.now();
      expect(heard.status, heard.body).toBe(200);
      expect(heard.text).toContain('imulated');
      expect(heard.whole).toBe(true);
      const id = heard.headers.get('x-fairlead-exchange') ?? '';
      const exchange = await stack.api.until(async () => { const found = await readExchange(stack.api, id); return found?.decision && found.outputTokens > 0 ? found : undefined; });
      bookedAfterMs.push(performance.now() - answeredAt);
      expect(exchange).toMatchObject({ outcome: 'OK', status: 200, stream, estimated: false, unpriced: false });
      expect(nano(exchange.cost.amount)).toBeGreaterThan(0n);
      expect(exchange.decision.attempts).toHaveLength(1);
      expect(exchange.decision.candidates.filter((candidate: { chosen: boolean }) => candidate.chosen)).toHaveLength(1);
    });

    test('the account is there within a second', () => {
      // Most of eight, so that a machine that stood still for a moment is not taken for a node that was late.
      expect(bookedAfterMs.filter((ms) => ms < 1_000).length, bookedAfterMs.map(Math.round).join(', ')).toBeGreaterThan(5);
    });

    test('tokens are counted by the upstream that would answer, and nothing is booked', async () => {
      const { requests } = await ledgerNano(stack.api);
      const counted = await fetch(`${stack.node.url}/v1/messages/count_tokens`, { method: 'POST', headers: { 'x-api-key': secret, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }, body: JSON.stringify({ model: 'claude-haiku-5-5', messages: [{ role: 'user', content: 'How long is this?' }] }) });
      expect(await counted.json()).toEqual({ input_tokens: expect.any(Number) });
      const gemini = await fetch(`${stack.node.url}/v1beta/models/gemini-3-flash-preview:countTokens`, { method: 'POST', headers: { 'x-goog-api-key': secret, 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'How long?' }] }] }) });
      expect(await gemini.json()).toMatchObject({ totalTokens: expect.any(Number) });
      expect((await ledgerNano(stack.api)).requests).toBe(requests);
    });

    test('the ledger equals the upstream\'s own bill to the nano-dollar', async () => {
      const bill = billNano(await stack.practice.bill());
      const ledger = await ledgerNano(stack.api);
      expect(ledger).toEqual({ cost: bill.cost, excess: 0n, requests: bill.requests });
      expect(bill.requests).toBeGreaterThan(0);
    });

    test.skipIf(claudePath === undefined)('Claude Code from an empty home finishes a two-turn tool task', async () => {
      const { prompt, expected } = toolTask('42');
      const run = await runClaudeCode({ ...env, ANTHROPIC_BASE_URL: stack.node.url }, prompt);
      expect(run.output, run.errors).toContain(expected);
      const turns = await stack.api.until(async () => { const found = (await readExchanges(stack.api)).filter((exchange) => exchange.client === 'claude-code' && exchange.outputTokens > 0); return found.length >= 2 ? found : undefined; }, 1_500);
      expect(turns.every((turn) => turn.outcome === 'OK' && nano(turn.cost.amount) > 0n)).toBe(true);
    });
  });
}

describe('without the practice upstream', () => {
  test('wired: nothing answers, and the refusal says so in the client\'s own dialect', async () => {
    const stack = await openStack({ practice: false });
    try {
      const { keyCreate } = await stack.api.run('mutation { keyCreate(input: { name: "k" }) { secret userErrors { message } } }');
      const heard = await ask(stack.node.url, keyCreate.secret, 'anthropic');
      expect(heard.status).toBe(404);
      expect(JSON.parse(heard.body)).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    } finally {
      await stack.close();
    }
  });
});
