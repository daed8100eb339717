// README: "Claude Code answers", also while its first provider is slow, lies or is killed.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { claudePath, runClaudeCode, toolTask } from '../clients/claude-code.ts';
import { freePort, readyPort, startPart } from '../stack/process.ts';
import type { Part } from '../stack/process.ts';
import { createKey, nano, readExchanges } from '../stack/reads.ts';
import { digestOf, openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

/** How Claude Code ended, and what the ledger says of it. */
interface Told { output: string; errors: string; exchanges: { outcome: string; attempts: string[]; costNano: bigint }[] }

describe.skipIf(claudePath === undefined)('Claude Code through trouble', () => {
  let stack: Stack;
  let secret: string;
  let port: number;
  let shaky: Part;
  let practiceId: string;

  /** The first provider is a process of its own, which can be killed. */
  const startShaky = async () => { shaky = await startPart('first provider', process.execPath, ['practice/src/main.ts'], { PRACTICE_PORT: String(port), PRACTICE_CREDENTIAL_DIGEST: digestOf(secondCredential) }, { ready: ({ output }) => readyPort(output) }); };
  const script = async (body: object) => { expect((await fetch(`http://127.0.0.1:${port}/_practice/script`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })).ok).toBe(true); };
  const callsOfShaky = async (): Promise<{ outcome: string }[]> => (await (await fetch(`http://127.0.0.1:${port}/_practice/calls`)).json()).calls;

  beforeAll(async () => {
    stack = await openStack({ nodeEnv: { FAIRLEAD_HOLD_MS: '500' } });
    port = await freePort();
    await startShaky();
    await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { userErrors { message } } }', { input: { name: 'Shaky', baseUrl: `http://127.0.0.1:${port}`, dialects: ['anthropic-messages'], auth: 'BEARER', secret: secondCredential } });
    const { upstreams } = await stack.api.run('{ upstreams(first: 50) { nodes { id name } } }');
    const named = (name: string): string => upstreams.nodes.find((upstream: { name: string }) => upstream.name === name).id;
    // The second one is called when the first says nothing for a while.
    practiceId = named('Practice');
    const { routeCreate } = await stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { userErrors { message } } }', { input: { name: 'all', models: [], hedgeAfterMs: 3_000, targets: [{ upstreamId: named('Shaky'), priority: 0 }, { upstreamId: practiceId, priority: 1 }] } });
    expect(routeCreate.userErrors).toEqual([]);
  });
  beforeEach(async () => {
    await stack.practice.forget();
    if (shaky.child.signalCode !== null) await startShaky();
    for (const what of ['script', 'calls']) await fetch(`http://127.0.0.1:${port}/_practice/${what}`, { method: 'DELETE' });
    await stack.node.part.kill('SIGKILL');
    await stack.node.restart();
    ({ secret } = await createKey(stack.api));
  });
  afterAll(async () => { await shaky.kill('SIGKILL'); await stack.close(); });

  const run = async (word: string, extra = '', first = ''): Promise<Told> => {
    const known = new Set((await readExchanges(stack.api, 100)).map(({ id }) => id));
    const { prompt } = toolTask(word, first);
    const { output, errors } = await runClaudeCode({ ANTHROPIC_BASE_URL: stack.node.url, ANTHROPIC_AUTH_TOKEN: secret }, `${prompt} ${extra}`);
    const mine = async () => (await readExchanges(stack.api, 100)).filter(({ id }) => !known.has(id));
    // The ledger is a moment behind: it is read when it has every call that the providers remember.
    const called = (await stack.practice.calls()).length + (await callsOfShaky().catch(() => [])).length;
    const found = await stack.api.until(async () => { const all = await mine(); return all.length >= 2 && all.every(({ decision, endedAt }) => decision && endedAt) && all.flatMap(({ decision }) => decision.attempts).length >= called ? all : undefined; }, 3_000);
    const exchanges = found.reverse().map((exchange) => ({ outcome: exchange.outcome, costNano: nano(exchange.cost.amount), attempts: exchange.decision.attempts.map(({ upstream, outcome }: { upstream: string; outcome: string }) => `${upstream} ${outcome}`) }));
    return { output, errors, exchanges };
  };

  /** The task's two turns, each whole. */
  const expectDone = (told: Told, word: string, first: string[]) => {
    expect(told.output, told.errors).toContain(toolTask(word).expected);
    expect(told.exchanges.map(({ outcome }) => outcome)).toEqual(['OK', 'OK']);
    expect(told.exchanges[0]?.attempts).toEqual(first);
  };

  test.each([['fake-200', 'broke-off'], ['error-event', 'overloaded'], ['early-end', 'broke-off']])('a first provider that lies by %s is passed over, and the conversation stays with the one that answered', async (kind, outcome) => {
    await script({ always: { do: kind, ...(kind === 'fake-200' ? {} : { after: 0 }) } });
    const told = await run(kind);
    expectDone(told, kind, [`Shaky ${outcome}`, 'Practice ok']);
    expect(told.exchanges[1]?.attempts).toEqual(['Practice ok']);
  });

  test('a first provider that says nothing costs a pause, and is stopped when another has answered', async () => {
    await script({ always: { do: 'stall', after: 0 } });
    expectDone(await run('stall'), 'stall', ['Shaky hedge-lost', 'Practice ok']);
    expect((await callsOfShaky()).map(({ outcome }) => outcome)).toEqual(['client-left']);
  });

  test('a first provider that is killed between two turns hands the conversation over', async () => {
    const killed = stack.api.until(async () => (await callsOfShaky()).some(({ outcome }) => outcome === 'answered'), 60_000).then(() => shaky.kill('SIGKILL'));
    // The command takes long enough for the provider to be dead when its output is sent.
    const told = await run('killed', '', 'sleep 1 && ');
    await killed;
    expectDone(told, 'killed', ['Shaky ok']);
    expect(told.exchanges[1]?.attempts).toEqual(['Shaky unreachable', 'Practice ok']);
  });

  // After Commit the node says that it broke off. Claude Code then asks again by itself: whole where only thinking was lost, else for the rest.
  test.each([['cut', 4], ['cut', 7], ['error-event', 7]])('what breaks after Commit by %s (event %i) is an error that Claude Code mends itself, and both are in the ledger', async (kind, after) => {
    await script({ next: [{ do: kind, after }] });
    const word = `late-${kind}-${after}`;
    const told = await run(word, '[[practice trickle {"ms": 30}]]');
    expect(told.output, told.errors).toContain(toolTask(word).expected);
    expect(told.exchanges.map(({ outcome, attempts }) => [outcome, ...attempts])).toEqual([['FAILED', 'Shaky broke-off'], ['OK', 'Shaky ok'], ['OK', 'Shaky ok']]);
    expect(told.exchanges.every(({ costNano }) => costNano > 0n)).toBe(true);
  });

  test('wired: with no second provider Claude Code shows the trouble', async () => {
    const setStatus = (status: string) => stack.api.run('mutation ($input: UpstreamUpdateInput!) { upstreamUpdate(input: $input) { userErrors { message } } }', { input: { id: practiceId, status } });
    await setStatus('PAUSED');
    try {
      // The key of this run is newer than the pause: a node that knows it knows both.
      ({ secret } = await createKey(stack.api));
      await script({ always: { do: '401' } });
      const { output, code } = await runClaudeCode({ ANTHROPIC_BASE_URL: stack.node.url, ANTHROPIC_AUTH_TOKEN: secret, CLAUDE_CODE_MAX_RETRIES: '0' }, toolTask('alone').prompt);
      expect(output).not.toContain(toolTask('alone').expected);
      expect([code, output]).toEqual([1, expect.stringContaining('Shaky did not accept its credential')]);
    } finally {
      await setStatus('ACTIVE');
    }
  });
});
