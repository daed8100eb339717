// What breaks below HTTP: clients see the next provider, or a clear error that names the provider and no address.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Heard, Speaks } from '../clients/ask.ts';
import { freePort } from '../stack/process.ts';
import { createKey } from '../stack/reads.ts';
import { openRogue, roguish } from '../stack/rogue.ts';
import type { Rogue } from '../stack/rogue.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let rogue: Rogue;
let secret: string;
/** Asked at the beginning, since a node waits a quarter of a minute before it gives such a provider up. */
let patient: Promise<Heard>[];

const elsewhere = ['unknown-issuer', 'no-such-name', 'refused'] as const;
const ways = [...roguish, ...elsewhere];
const waits = (way: string) => way === 'silent' || way === 'loris';
const forms: [Speaks, boolean][] = [['anthropic', true], ['anthropic', false], ['chat', true], ['chat', false]];

beforeAll(async () => {
  [stack, rogue] = await Promise.all([openStack(), openRogue()]);
  const create = async (name: string, baseUrl: string): Promise<string> => {
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name, baseUrl, dialects: ['anthropic-messages', 'openai-chat'], auth: 'BEARER', secret: secondCredential } });
    return upstreamCreate.upstream.id;
  };
  const healthy = await create('Healthy', stack.practiceUrl);
  const plain = await create('Broken', `http://127.0.0.1:${rogue.port}`);
  const others: Record<(typeof elsewhere)[number], string> = {
    'unknown-issuer': await create('Stranger', `https://localhost:${rogue.tlsPort}`), 'no-such-name': await create('Nowhere', 'http://nothing.invalid'), 'refused': await create('Closed', `http://127.0.0.1:${await freePort()}`),
  };
  // One model for each way: what one breaks says nothing of the others.
  const upstreamOf = (way: (typeof ways)[number]) => elsewhere.flatMap((name) => (name === way ? [others[name]] : []))[0] ?? plain;
  for (const way of ways) {
    for (const [model, targets] of [[way, [{ upstreamId: upstreamOf(way), model: way, priority: 0 }, { upstreamId: healthy, model: 'claude-haiku-5-5', priority: 1 }]], [`${way}-alone`, [{ upstreamId: upstreamOf(way), model: way }]]]) {
      const { routeCreate } = await stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { route { id } userErrors { message path } } }', { input: { name: model, models: [model], targets } });
      expect(routeCreate.userErrors).toEqual([]);
    }
  }
  ({ secret } = await createKey(stack.api));
  patient = ['silent', 'loris'].map((model) => ask(stack.node.url, secret, 'anthropic', { model, stream: true }));
});
afterAll(async () => { await Promise.all([stack.close(), rogue.close()]); });

test.each(ways.filter((way) => !waits(way)))('%s below HTTP never reaches the client: the next provider answers', async (way) => {
  for (const [speaks, stream] of forms) {
    const heard = await ask(stack.node.url, secret, speaks, { model: way, stream });
    expect([speaks, stream, heard.status, heard.whole, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([speaks, stream, 200, true, 'Healthy']);
    expect(heard.text).toContain('imulated');
  }
});

test('alone, each of them is an error that names the provider, and tells no address', async () => {
  const names: Record<string, string> = { 'unknown-issuer': 'Stranger', 'no-such-name': 'Nowhere', 'refused': 'Closed' };
  await Promise.all(ways.filter((way) => !waits(way)).map(async (way) => {
    const heard = await ask(stack.node.url, secret, 'anthropic', { model: `${way}-alone`, stream: true });
    expect([way, heard.status, heard.headers.get('content-type')], heard.body).toEqual([way, 502, 'application/json']);
    const said: { type: string; error: { type: string; message: string } } = JSON.parse(heard.body);
    expect(said).toMatchObject({ type: 'error', error: { type: 'api_error', message: expect.stringMatching(new RegExp(`${names[way] ?? 'Broken'} (cannot be reached|broke off)`)) } });
    expect(heard.body).not.toMatch(/127\.0\.0\.1|localhost|nothing\.invalid|https?:|practice-second|:\d{4,5}\b/);
  }));
});

test('a provider that says nothing, or dribbles, is given up and the next one answers', async () => {
  for (const heard of await Promise.all(patient)) expect([heard.status, heard.whole, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([200, true, 'Healthy']);
});

test('wired: every broken way was really asked', () => {
  expect([...rogue.hits.keys()].sort()).toEqual([...roguish].sort());
});
