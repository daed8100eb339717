// Sessions stay where their prompt cache is; a client that asks for a provider by name gets that one or is told why not.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Question, Speaks } from '../clients/ask.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let secret: string;

beforeAll(async () => {
  stack = await openStack();
  for (const name of ['Left', 'Right']) {
    await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
      input: { name, baseUrl: stack.practiceUrl, dialects: ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'], auth: 'BEARER', secret: secondCredential },
    });
  }
  ({ secret } = await createKey(stack.api));
});
afterAll(() => stack.close());

const model = 'claude-haiku-5-5';
const said = async (question: Question, speaks: Speaks = 'anthropic') => {
  const heard = await ask(stack.node.url, secret, speaks, question);
  return { status: heard.status, upstream: heard.headers.get('x-fairlead-upstream'), body: heard.body, id: heard.headers.get('x-fairlead-exchange') ?? '' };
};
const many = async (count: number, question: (at: number) => Question, speaks?: Speaks) => {
  const upstreams = new Set<string | null>();
  for (let at = 0; at < count; at++) upstreams.add((await said(question(at), speaks)).upstream);
  return upstreams;
};

test('a session stays with the provider of its first answer, by its id', async () => {
  const session = { 'x-claude-code-session-id': 'story-1' };
  const first = await said({ prompt: 'begin', headers: session });
  expect(await many(12, (at) => ({ prompt: `turn ${at}`, headers: session, stream: at % 2 === 0 }))).toEqual(new Set([first.upstream]));
  const last = await said({ prompt: 'last', headers: session });
  const exchange = await stack.api.until(() => readExchange(stack.api, last.id).then((found) => (found?.decision ? found : undefined)));
  expect(exchange.decision.candidates.find((candidate: { chosen: boolean }) => candidate.chosen)?.reason).toMatch(new RegExp(`stays with ${String(first.upstream)}`));
});

test('a conversation without an id stays by how it begins', async () => {
  const contents = (turns: number) => ({ contents: Array.from({ length: turns }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'model', parts: [{ text: `turn ${at} of a conversation` }] })) });
  const first = await said({ body: contents(1) }, 'gemini');
  const upstreams = new Set<string | null>();
  for (let turns = 3; turns < 21; turns += 2) upstreams.add((await said({ body: contents(turns) }, 'gemini')).upstream);
  expect(upstreams).toEqual(new Set([first.upstream]));
});

test('wired: what is no session goes to both', async () => {
  expect(await many(24, (at) => ({ prompt: `question ${at}`, headers: { 'x-claude-code-session-id': `other-${at}` } }))).toEqual(new Set(['Left', 'Right']));
});

test('a provider that is asked for by name answers, also against the session', async () => {
  for (const [at, name] of ['Left', 'Right', 'Practice', 'Left'].entries()) {
    for (const asked of [`${name},${model}`, `${name.toLowerCase()}/${model}`]) expect(await said({ prompt: `named ${at}`, model: asked, headers: { 'x-claude-code-session-id': 'story-2' } }), asked).toMatchObject({ status: 200, upstream: name });
  }
  const tag = { model, max_tokens: 64, system: `Be brief. <CCR-SUBAGENT-MODEL>Right,${model}</CCR-SUBAGENT-MODEL>`, messages: [{ role: 'user', content: 'hello' }] };
  expect([await many(3, () => ({ body: tag })), await many(3, () => ({ body: { ...tag, system: tag.system.replace('Right', 'Left') } }))]).toEqual([new Set(['Right']), new Set(['Left'])]);
});

test('a provider that is not there is no reason to ask another: the refusal names what there is', async () => {
  const calls = (await stack.practice.calls()).length;
  const refused = await said({ model: `nobody,${model}` });
  expect([refused.status, refused.body]).toEqual([404, expect.stringMatching(/nobody.*(Left, Right|Right, Left)/)]);
  expect((await stack.practice.calls()).length).toBe(calls);
});
