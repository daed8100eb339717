// README: "Failover you do not notice." What the node does with providers that are down, slow, picky or spent.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard, Question } from '../clients/ask.ts';
import { connect, connectFirst, lead } from '../stack/providers.ts';
import type { Providers } from '../stack/providers.ts';
import { createKey, nano, readExchange } from '../stack/reads.ts';
import { digestOf, openStack, secondCredential, thirdCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let providers: Providers;
let pool: string;
let secret: string;
let nightly: string;
const second = digestOf(secondCredential).slice(0, 8);

beforeAll(async () => {
  stack = await openStack();
  providers = await connectFirst(stack);
  pool = await connect(stack, 'Pool');
  await stack.api.run('mutation ($input: CredentialAddInput!) { credentialAdd(input: $input) { userErrors { message } } }', { input: { upstreamId: pool, name: 'spare', secret: thirdCredential, priority: 1 } });
  const both = [providers.first, providers.practice];
  await lead(stack.api, 'both', both);
  await lead(stack.api, 'alone', [providers.first]);
  await lead(stack.api, 'hedged', both, { hedgeAfterMs: 200 });
  await lead(stack.api, 'pool', [pool]);
  await lead(stack.api, 'work', [providers.practice], { scenario: 'THINK', position: 10 });
  await lead(stack.api, 'work', [pool], { when: 'key.tags.exists(tag, tag == "night")', position: 20 });
  await lead(stack.api, 'work', [providers.first], { position: 30 });
  ({ secret: nightly } = await createKey(stack.api, { name: 'night', tags: ['night'] }));
  ({ secret } = await createKey(stack.api));
});
afterAll(() => stack.close());
beforeEach(async () => {
  // A node that remembers no failure, before a practice upstream that follows no script.
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  await stack.practice.forget();
});

let asked = 0;
/** Each question is another conversation: one that went on would stay where it was served. */
const say = (model: string, question: Question = {}, key = secret): Promise<Heard> => ask(stack.node.url, key, 'anthropic', { model, stream: true, prompt: `Question ${asked++}`, ...question });
const by = (heard: Heard) => heard.headers.get('x-fairlead-upstream');
const exchangeOf = (heard: Heard) => stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => (found?.decision ? found : undefined)));
const attemptsOf = async (heard: Heard): Promise<string[]> => (await exchangeOf(heard)).decision.attempts.map(({ upstream, outcome }: { upstream: string; outcome: string }) => `${upstream} ${outcome}`);
const firstCalls = async () => (await stack.practice.calls()).filter(({ credential }) => credential === second).length;

test('a dead provider costs five requests a detour at most, and one request finds it well again', async () => {
  await stack.practice.script({ always: { do: '503' }, when: { credential: second } });
  for (let count = 0; count < 20; count++) expect([(await say('both')).status, count]).toEqual([200, count]);
  expect(await firstCalls()).toBeLessThanOrEqual(5);
  await stack.practice.forget();
  await stack.api.until(async () => by(await say('both')) === 'First', 8_000);
  expect(await firstCalls()).toBe(1);
  expect(by(await say('both'))).toBe('First');
});

test('wired: a node that has forgotten asks the dead provider again', async () => {
  await stack.practice.script({ always: { do: '503' }, when: { credential: second } });
  for (let count = 0; count < 7; count++) await say('both');
  const before = await firstCalls();
  await stack.node.part.kill('SIGKILL');
  await stack.node.restart();
  await say('both');
  expect(await firstCalls()).toBe(before + 1);
});

test('with one provider only, a busy moment is waited out', async () => {
  await stack.practice.script({ next: [{ do: '529' }, { do: '529' }], when: { credential: second } });
  const heard = await say('alone');
  expect([heard.status, heard.whole, await attemptsOf(heard)], heard.body).toEqual([200, true, ['First overloaded', 'First overloaded', 'First ok']]);
});

test('wired: one that stays busy is an error in the vendor\'s words', async () => {
  await stack.practice.script({ always: { do: '529' }, when: { credential: second } });
  const heard = await say('alone');
  expect([heard.status, JSON.parse(heard.body).type]).toEqual([529, 'error']);
});

test('the quicker of two hedged providers serves, and what the slower cost is in the ledger', async () => {
  const spent = async (): Promise<bigint> => {
    const { usage } = await stack.api.run('query ($input: UsageInput!) { usage(input: $input) { rows { upstreamId cost { amount } } } }', { input: { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString(), groupBy: ['UPSTREAM'] } });
    return nano(usage.rows.find(({ upstreamId }: { upstreamId: string }) => upstreamId === providers.first)?.cost.amount ?? '0');
  };
  const before = await spent();
  await stack.practice.script({ next: [{ do: 'slow', ms: 5_000 }], when: { credential: second } });
  const heard = await say('hedged');
  expect([heard.whole, by(heard), await attemptsOf(heard)], heard.body).toEqual([true, 'Practice', ['First hedge-lost', 'Practice ok']]);
  await stack.api.until(async () => (await spent()) > before);
});

test('wired: without a hedge the slow one is waited for', async () => {
  await stack.practice.script({ next: [{ do: 'slow', ms: 1_000 }], when: { credential: second } });
  const heard = await say('both');
  expect([by(heard), await attemptsOf(heard)]).toEqual(['First', ['First ok']]);
});

test('thinking of another issuer is taken out, and the request served by the same provider', async () => {
  const body = (signature: string) => ({ model: 'alone', max_tokens: 64, stream: true, messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: [{ type: 'thinking', thinking: 'elsewhere', signature }, { type: 'text', text: 'b' }] }, { role: 'user', content: 'c' }] });
  const heard = await say('alone', { body: body('bm90IG91cnM=') });
  expect([heard.status, heard.whole, await attemptsOf(heard)], heard.body).toEqual([200, true, ['First client-input', 'First ok']]);
  expect((await stack.practice.calls()).map(({ status }) => status)).toEqual([400, 200]);
});

test('wired: a request that no repair is known for is refused once, in the vendor\'s words', async () => {
  const heard = await say('both', { body: { model: 'both', max_tokens: 64, messages: [{ role: 'user', content: 'a' }], nonsense: 1 } });
  expect([heard.status, await attemptsOf(heard), await firstCalls()]).toEqual([400, ['First client-input'], 1]);
});

test('a credential that is limited rests as long as its vendor asks, while the next one serves', async () => {
  await stack.practice.script({ next: [{ do: '429', retryAfterS: 2 }], when: { credential: second } });
  expect((await say('pool')).status).toBe(200);
  await stack.api.until(async () => { expect((await say('pool')).status).toBe(200); return (await firstCalls()) > 1; }, 8_000);
  const calls = await stack.practice.calls();
  const [limited, again] = calls.filter(({ credential }) => credential === second);
  expect(Date.parse(again?.at ?? '') - Date.parse(limited?.at ?? '')).toBeGreaterThanOrEqual(2_000);
  expect(calls.filter(({ credential }) => credential === digestOf(thirdCredential).slice(0, 8)).length).toBeGreaterThan(1);
});

test('a request that every provider fails on closes none of them off', async () => {
  await stack.practice.script({ always: { do: '500' } });
  for (let count = 0; count < 8; count++) expect((await say('both')).status).toBe(500);
  await stack.practice.forget();
  expect(by(await say('both'))).toBe('First');
});

test('wired: one that fails where another does not is closed off', async () => {
  await stack.practice.script({ always: { do: '500' }, when: { credential: second } });
  for (let count = 0; count < 6; count++) await say('both');
  await stack.practice.forget();
  expect(by(await say('both'))).toBe('Practice');
});

test('an error rule changes what an error means and what the client reads, until it is deleted', async () => {
  const create = async (input: object): Promise<string> => {
    const { errorRuleCreate } = await stack.api.run('mutation ($input: ErrorRuleCreateInput!) { errorRuleCreate(input: $input) { errorRule { id } userErrors { message path } } }', { input });
    expect(errorRuleCreate.userErrors).toEqual([]);
    return errorRuleCreate.errorRule.id;
  };
  const remove = (id: string) => stack.api.run('mutation ($input: ErrorRuleDeleteInput!) { errorRuleDelete(input: $input) { userErrors { message } } }', { input: { id } });
  await stack.practice.script({ always: { do: '418', message: 'the quota of this teapot is used up' }, when: { credential: second } });
  expect((await say('both')).status).toBe(418);
  const means = await create({ name: 'teapot', statuses: [418], pattern: 'quota of this teapot', outcome: 'OVERLOADED', say: 'Ask Ada for more tea.', answerStatus: 503 });
  await stack.api.until(async () => by(await say('both')) === 'Practice');
  const heard = await say('alone');
  expect([heard.status, JSON.parse(heard.body).error.message]).toEqual([503, 'Ask Ada for more tea.']);
  await remove(means);
  await stack.api.until(async () => { const { status } = await say('alone'); return status === 418; });
});

test('a kind of work and a rule on the key each lead elsewhere', async () => {
  const thinking = { body: { model: 'work', max_tokens: 4_096, stream: true, thinking: { type: 'enabled', budget_tokens: 2_048 }, messages: [{ role: 'user', content: 'think' }] } };
  expect([by(await say('work', thinking)), by(await say('work', {}, nightly)), by(await say('work'))]).toEqual(['Practice', 'Pool', 'First']);
});
