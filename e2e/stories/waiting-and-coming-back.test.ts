// Clients that wait are kept waiting well; clients that drop out find what they have paid for.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask, requestOf } from '../clients/ask.ts';
import type { Heard, Question, Speaks } from '../clients/ask.ts';
import { openRaw } from '../clients/raw.ts';
import type { RawClient } from '../clients/raw.ts';
import { connectFirst, lead } from '../stack/providers.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { digestOf, openStack, secondCredential } from '../stack/stack.ts';
import type { Stack, StackNode } from '../stack/stack.ts';

let stack: Stack;
let hasty: StackNode;
let secret: string;
let replaying: string;
const second = digestOf(secondCredential);

beforeAll(async () => {
  stack = await openStack();
  const { first, practice } = await connectFirst(stack);
  await lead(stack.api, 'waits', [first, practice], {}, 'practice-1');
  await lead(stack.api, 'many', [practice], {}, 'practice-1');
  hasty = await stack.addNode({ FAIRLEAD_HOLD_MS: '500' });
  ({ secret: replaying } = await createKey(stack.api, { replay: true }));
  ({ secret } = await createKey(stack.api));
});
afterAll(() => stack.close());
beforeEach(() => stack.practice.forget());

const exchangeOf = (heard: Heard) => stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => (found?.decision ? found : undefined)));
/** What a client that bears this dialect's keep-alives hears first. */
const keepAlives: [Speaks, RegExp][] = [['anthropic', /^event: ping\ndata: \{"type":"ping"\}\n\n/], ['chat', /^: .*\n\n/], ['responses', /^\n/], ['gemini', /^\n/]];
/** The first provider takes a second and resets; the second one takes as long and answers. */
const slowly = { model: 'waits', stream: true, prompt: 'Wait [[practice slow {"ms": 1000}]]' };

/** All four at once: a provider that fails them one after another would be asked no more. */
const inEveryDialect = (check: (speaks: Speaks, beginning: RegExp) => Promise<void>) => Promise.all(keepAlives.map(([speaks, beginning]) => check(speaks, beginning)));

test('a client that waits gets headers and a keep-alive that it bears, and then the answer of the next provider', async () => {
  await stack.practice.script({ next: keepAlives.map(() => ({ do: 'reset' })), when: { credential: second } });
  await inEveryDialect(async (speaks, beginning) => {
    const startedMs = Date.now();
    let firstMs = 0;
    const heard = await ask(hasty.url, secret, speaks, { ...slowly, onChunk: () => { firstMs ||= Date.now() - startedMs; } });
    expect([speaks, heard.status, heard.whole], heard.body).toEqual([speaks, 200, true]);
    expect(heard.body).toMatch(beginning);
    expect(heard.text).toContain('imulated');
    // No provider can have answered by then.
    expect([firstMs < 2_000, heard.headers.get('x-fairlead-upstream')]).toEqual([true, null]);
    const exchange = await exchangeOf(heard);
    expect([exchange.outcome, exchange.decision.attempts.map(({ upstream, outcome }: { upstream: string; outcome: string }) => `${upstream} ${outcome}`)]).toEqual(['OK', ['First unreachable', 'Practice ok']]);
  });
});

test('when nobody answers a client that waited, its stream ends as an error that says who failed', async () => {
  await stack.practice.script({ always: { do: '401' } });
  await inEveryDialect(async (speaks, beginning) => {
    const heard = await ask(hasty.url, secret, speaks, slowly);
    expect([speaks, heard.status, heard.whole], heard.body).toEqual([speaks, 200, false]);
    expect(heard.body).toMatch(beginning);
    const last = JSON.parse(heard.events.at(-1)?.data ?? '{}');
    for (const name of ['First', 'Practice']) expect(last.error?.message ?? last.message).toContain(`${name} did not accept its credential`);
    expect((await exchangeOf(heard)).outcome).toBe('FAILED');
  });
});

test('wired: a node that holds on longer has nothing to say until the answer is there', async () => {
  await stack.practice.script({ next: [{ do: 'reset' }], when: { credential: second } });
  const heard = await ask(stack.node.url, secret, 'anthropic', slowly);
  expect([heard.body.startsWith('event: message_start'), heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([true, 'Practice']);
});

/** A client that asks and, when it is time, hangs up; returns when the node has seen it go. */
async function hangUp(key: string, question: Question, when: (client: RawClient) => Promise<unknown>): Promise<void> {
  const client = await openRaw(stack.node.url);
  const body = JSON.stringify(requestOf('anthropic', question).body);
  client.socket.write(`POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await when(client);
  client.socket.end();
  await client.closed;
}
const dropOut = (key: string, question: Question) => hangUp(key, question, (client) => client.until(/content_block_delta/));
const long = (word: string, headers: Record<string, string> = {}): Question => ({ model: 'many', stream: true, headers, prompt: `Tell me of ${word} [[practice many {"events": 25}]] [[practice trickle {"ms": 20}]]` });

test('a stream that its client dropped out of is there when it comes back, whole, and paid for once', async () => {
  await dropOut(replaying, long('ropes'));
  const back = await ask(stack.node.url, replaying, 'anthropic', long('ropes'));
  expect([back.status, back.whole, back.headers.get('x-fairlead-replay')], back.body).toEqual([200, true, 'true']);
  expect(back.text).toMatch(/^0 .*24 /);
  expect((await stack.practice.calls()).map(({ outcome }) => outcome)).toEqual(['answered']);
  const exchange = await exchangeOf(back);
  expect([exchange.outcome, Number(exchange.cost.amount)]).toEqual(['OK', 0]);
});

test('a client that hangs up before anybody has answered finds what it had asked for', async () => {
  const slow: Question = { model: 'many', stream: true, prompt: 'Tell me of tides [[practice slow {"ms": 1500}]]' };
  await hangUp(replaying, slow, () => stack.api.until(async () => (await stack.practice.calls()).length === 1));
  const back = await ask(stack.node.url, replaying, 'anthropic', slow);
  expect([back.status, back.whole, back.headers.get('x-fairlead-replay'), (await stack.practice.calls()).length], back.body).toEqual([200, true, 'true', 1]);
});

test('nobody else gets it, nor who asks for a fresh one', async () => {
  await dropOut(replaying, long('knots'));
  await stack.api.until(async () => (await stack.practice.calls()).every(({ outcome }) => outcome === 'answered'));
  const other = await ask(stack.node.url, secret, 'anthropic', long('knots'));
  const fresh = await ask(stack.node.url, replaying, 'anthropic', long('knots', { 'x-fairlead-no-replay': '1' }));
  expect([other, fresh].map((heard) => [heard.whole, heard.headers.get('x-fairlead-replay')])).toEqual([[true, null], [true, null]]);
  expect((await ask(stack.node.url, replaying, 'anthropic', long('knots'))).headers.get('x-fairlead-replay')).toBe('true');
});

test('wired: without replay the provider is stopped when its client leaves', async () => {
  await dropOut(secret, long('sails'));
  await stack.api.until(async () => (await stack.practice.calls()).some(({ outcome }) => outcome === 'client-left'), 2_000);
  expect((await ask(stack.node.url, secret, 'anthropic', long('sails'))).headers.get('x-fairlead-replay')).toBe(null);
});
