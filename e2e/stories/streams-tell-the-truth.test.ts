// README: "Failover you do not notice, streams that never lie."
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Speaks } from '../clients/ask.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { digestOf, openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let secret: string;
let backupId: string;
const second = digestOf(secondCredential);

beforeAll(async () => {
  stack = await openStack();
  // A real provider wins over the practice one, so this is asked first and the practice upstream is the way out.
  const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
    input: { name: 'First', baseUrl: stack.practiceUrl, dialects: ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'], auth: 'BEARER', secret: secondCredential },
  });
  backupId = upstreamCreate.upstream.id;
  ({ secret } = await createKey(stack.api));
});
afterAll(() => stack.close());

/** A node that remembers no failure, before a practice upstream that follows no script. */
async function fresh(): Promise<void> {
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  for (const what of ['script', 'calls']) await fetch(`${stack.practiceUrl}/_practice/${what}`, { method: 'DELETE' });
}
beforeEach(fresh);

const dialects: Speaks[] = ['anthropic', 'chat', 'responses', 'gemini'];

test.each([
  ['529', { do: '529' }], ['500', { do: '500' }], ['429 with a date', { do: '429', retryAfterS: 1, date: true }], ['401', { do: '401' }], ['402', { do: '402' }], ['a false 200', { do: 'fake-200' }], ['a page of HTML', { do: 'html', status: 200 }],
  ['a reset', { do: 'reset' }], ['a cut before content', { do: 'cut', after: 0 }], ['an early end before content', { do: 'early-end', after: 0 }], ['an error event before content', { do: 'error-event', after: 0 }],
])('%s from the first provider never reaches the client: the next one answers', async (_name, step) => {
  for (const speaks of dialects) {
    await stack.practice.script({ next: [step], when: { credential: second } });
    const heard = await ask(stack.node.url, secret, speaks, { stream: true });
    expect([speaks, heard.status, heard.whole, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([speaks, 200, true, 'Practice']);
    const exchange = await stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => found?.decision ? found : undefined));
    expect(exchange.decision.attempts.map((attempt: { upstream: string; outcome: string }) => [attempt.upstream, attempt.outcome === 'ok'])).toEqual([['First', false], ['Practice', true]]);
    await fresh();
  }
});

test.each(['cut', 'early-end', 'error-event'])('a stream that breaks by %s after content ends as an error of its dialect, never as a success', async (kind) => {
  for (const speaks of dialects) {
    await stack.practice.script({ next: [{ do: kind, after: 8 }], when: { credential: second } });
    const heard = await ask(stack.node.url, secret, speaks, { stream: true, prompt: 'Tell me more [[practice many {"events": 12}]] [[practice trickle {"ms": 15}]]' });
    expect([speaks, heard.status, heard.whole], heard.body).toEqual([speaks, 200, false]);
    expect(heard.body).toMatch(/"error"|event: error|response\.failed/);
    const exchange = await stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => found?.decision ? found : undefined));
    expect([speaks, exchange.outcome]).toEqual([speaks, 'FAILED']);
  }
});

test('a client that leaves stops the upstream at once, and what it used is booked as an estimate', async () => {
  const leave = new AbortController();
  const gone = ask(stack.node.url, secret, 'anthropic', { stream: true, prompt: 'Slowly [[practice trickle {"ms": 100}]] [[practice many {"events": 100}]]', signal: leave.signal, onChunk: (text) => { if (text.includes('content_block_delta')) leave.abort(); } });
  await expect(gone).rejects.toThrow();
  const call = await stack.api.until(async () => (await stack.practice.calls()).find(({ outcome }) => outcome === 'client-left'), 2_000);
  expect(call.clientLeftMs).toBeGreaterThan(0);
  const exchange = await stack.api.until(async () => {
    const { exchanges } = await stack.api.run('{ exchanges(first: 1) { nodes { outcome estimated cost { amount } } } }');
    return exchanges.nodes[0]?.outcome === 'ABORTED' && exchanges.nodes[0].cost.amount !== '0.00' ? exchanges.nodes[0] : undefined;
  });
  expect(exchange.estimated).toBe(true);
  expect(Number(exchange.cost.amount)).toBeGreaterThan(0);
});

test('a request that is wrong in itself comes back in the vendor\'s own words, and nobody else is asked', async () => {
  const heard = await ask(stack.node.url, secret, 'anthropic', { body: { model: 'claude-haiku-5-5', max_tokens: 16, messages: [{ role: 'user', content: 'x' }], nonsense: true } });
  expect(heard.status).toBe(400);
  expect(JSON.parse(heard.body).error.message).toContain('nonsense: Extra inputs are not permitted');
  const calls = (await stack.practice.calls()).filter(({ status }) => status === 400);
  expect(calls).toHaveLength(1);
});

test('when every provider fails the client is told which and how, without addresses or secrets', async () => {
  await stack.practice.script({ always: { do: '401' } });
  const heard = await ask(stack.node.url, secret, 'anthropic');
  expect(heard.status).toBe(502);
  const { message } = JSON.parse(heard.body).error;
  expect(message).toContain('First did not accept its credential');
  expect(message).toContain('Practice did not accept its credential');
  expect(message).not.toMatch(/127\.0\.0\.1|practice-second|https?:/);
});

test('wired: with one provider paused there is nothing to fail over to', async () => {
  const setStatus = (status: string) => stack.api.run('mutation ($input: UpstreamUpdateInput!) { upstreamUpdate(input: $input) { userErrors { message } } }', { input: { id: backupId, status } });
  await setStatus('PAUSED');
  await stack.practice.script({ always: { do: '529' } });
  expect((await ask(stack.node.url, secret, 'anthropic', { stream: true })).status).toBe(529);
  await setStatus('ACTIVE');
});
