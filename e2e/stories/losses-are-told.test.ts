// README: "What a conversion cannot carry is named in the trace, and a strict route refuses it."
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let secret: string;
let route: { id: string; version: number };
const ids: Record<string, string> = {};
const picky = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Say hello.' }], seed: 7, logit_bias: { 50256: -100 } };

beforeAll(async () => {
  stack = await openStack();
  for (const [name, dialect] of [['Messages only', 'anthropic-messages'], ['Chat too', 'openai-chat']] as const) {
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential } });
    ids[name] = upstreamCreate.upstream.id;
  }
  const { routeCreate } = await stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { route { id version strict } userErrors { message path } } }', { input: { name: 'strict', models: ['gpt-*'], strict: true, targets: [{ upstreamId: ids['Messages only'] }] } });
  expect([routeCreate.userErrors, routeCreate.route.strict]).toEqual([[], true]);
  route = routeCreate.route;
  ({ secret } = await createKey(stack.api));
}, 120_000);
afterAll(() => stack.close());

const change = async (input: Record<string, unknown>) => {
  const { routeUpdate } = await stack.api.run('mutation ($input: RouteUpdateInput!) { routeUpdate(input: $input) { route { version } userErrors { message path } } }', { input: { id: route.id, ...input } });
  expect(routeUpdate.userErrors).toEqual([]);
};
/** Asks until the node has heard of a change. */
const asked = async (fits: (heard: Awaited<ReturnType<typeof ask>>) => boolean, body: unknown = picky) => stack.api.until(async () => {
  const heard = await ask(stack.node.url, secret, 'chat', { body });
  return fits(heard) ? heard : undefined;
});

test('a strict route refuses what would be lost, by name, and serves what is carried whole', async () => {
  const refused = await asked(({ status }) => status === 400);
  expect(refused.body).toContain('field: logit_bias');
  expect(refused.body).toContain('sampling: seed');
  const whole = await ask(stack.node.url, secret, 'chat', { model: 'gpt-5.5' });
  expect([whole.status, whole.headers.get('x-fairlead-upstream')]).toEqual([200, 'Messages only']);
});

test('where another provider can be told all of it, that one answers', async () => {
  await change({ targets: [{ upstreamId: ids['Messages only'] }, { upstreamId: ids['Chat too'], priority: 1 }] });
  const heard = await asked(({ status }) => status === 200);
  expect(heard.headers.get('x-fairlead-upstream')).toBe('Chat too');
  await change({ targets: [{ upstreamId: ids['Messages only'] }] });
  await asked(({ status }) => status === 400);
});

test('wired: without it the request is served, and the trace names what was lost', async () => {
  await change({ strict: false });
  const heard = await asked(({ status }) => status === 200);
  const decision = await stack.api.until(async () => (await stack.api.run('query ($id: ID!) { exchange(id: $id) { decision { attempts { losses } } } }', { id: heard.headers.get('x-fairlead-exchange') ?? '' })).exchange?.decision ?? undefined);
  expect(decision.attempts[0].losses).toEqual(expect.arrayContaining(['converted: openai-chat to anthropic-messages', 'lost: field: logit_bias', 'lost: sampling: seed']));
});

test('what a provider counted besides tokens stands in the trace, whatever the client speaks', async () => {
  const reply = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'Found.' }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 9, output_tokens: 3, server_tool_use: { web_search_requests: 2 } } };
  const vendor = createServer((request, response) => { request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply)); }); });
  await new Promise<void>((done) => { vendor.listen(0, '127.0.0.1', done); });
  try {
    const { port } = vendor.address() as AddressInfo;
    await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { userErrors { message path } } }', { input: { name: 'searcher', baseUrl: `http://127.0.0.1:${port}`, dialects: ['anthropic-messages'], auth: 'BEARER', secret: secondCredential } });
    for (const speaks of ['anthropic', 'chat'] as const) {
      const heard = await stack.api.until(async () => { const found = await ask(stack.node.url, secret, speaks, { model: 'searcher,claude-haiku-5-5' }); return found.status === 200 ? found : undefined; });
      const decision = await stack.api.until(async () => (await stack.api.run('query ($id: ID!) { exchange(id: $id) { decision { attempts { units { kind count } } } } }', { id: heard.headers.get('x-fairlead-exchange') ?? '' })).exchange?.decision ?? undefined);
      expect(decision.attempts[0].units).toEqual([{ kind: 'web-search', count: 2 }]);
    }
  } finally {
    vendor.closeAllConnections();
    vendor.close();
  }
});
