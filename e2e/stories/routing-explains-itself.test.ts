// README: "Every request tells why it went where it went; routeSimulate and routeReplay tell where it would go."
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Question, Speaks } from '../clients/ask.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const many = deep ? 10_000 : 160;
const batch = 1_000;
let stack: Stack;
let secret: string;
const ids: Record<string, string> = {};

beforeAll(async () => {
  stack = await openStack();
  const { upstreams } = await stack.api.run('{ upstreams(first: 1) { nodes { id name } } }');
  ids.Practice = upstreams.nodes[0].id;
  for (const name of ['East', 'West']) {
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
      input: { name, baseUrl: stack.practiceUrl, dialects: ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'], auth: 'BEARER', secret: secondCredential, weight: name === 'East' ? 3 : 1 },
    });
    ids[name] = upstreamCreate.upstream.id;
  }
  const route = async (input: Record<string, unknown>) => {
    const { routeCreate } = await stack.api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { route { id } userErrors { message path } } }', { input });
    expect(routeCreate.userErrors).toEqual([]);
  };
  await route({ name: 'by header', position: 10, models: [], when: 'header["x-team"] == "night"', targets: [{ upstreamId: ids.Practice }] });
  await route({ name: 'tools', position: 20, models: ['claude-*'], when: 'tools > 0 || maxOutputTokens == 900', targets: [{ upstreamId: ids.West }, { upstreamId: ids.East, priority: 1 }] });
  await route({ name: 'thinking', position: 30, models: [], scenario: 'THINK', targets: [{ upstreamId: ids.East, model: 'claude-opus-5-5' }] });
  await route({ name: 'spread', position: 40, models: ['gpt-*'], targets: [{ upstreamId: ids.East, weight: 2 }, { upstreamId: ids.West, weight: 1 }, { upstreamId: ids.Practice, weight: 1 }], stickySeconds: 0 });
  ({ secret } = await createKey(stack.api, { tags: ['ci'] }));
}, 120_000);
afterAll(() => stack.close());

/** Requests of many kinds, each unlike the others. */
function question(at: number): [Speaks, Question] {
  const speaks = (['anthropic', 'chat', 'responses', 'gemini'] as const)[at % 4] ?? 'anthropic';
  const prompt = `Number ${at}`;
  switch (at % 7) {
    case 0: return [speaks, { prompt, headers: { 'x-team': 'night' } }];
    case 1: return ['anthropic', { prompt, maxTokens: 900 }];
    case 2: return ['anthropic', { body: { model: 'claude-sonnet-5-5', max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 }, messages: [{ role: 'user', content: prompt }] } }];
    case 3: return ['anthropic', { prompt, model: 'west,claude-haiku-5-5' }];
    case 4: return ['chat', { prompt, stream: true }];
    default: return [speaks, { prompt, stream: at % 2 === 0 }];
  }
}

async function inTurns<T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  await Promise.all(Array.from({ length: 8 }, async () => { while (next < count) { const at = next++; results[at] = await work(at); } }));
  return results;
}

const simulate = async (input: Record<string, unknown>) => (await stack.api.run('query ($input: RouteSimulateInput!) { routeSimulate(input: $input) { route explicit candidates { upstream model reason } leftOut { upstream reason } passedOver { name } userErrors { message } } }', { input })).routeSimulate;

test(`the simulator decides as the node did, for ${many} recorded requests`, async () => {
  const decidedBy = new Map<string, number>();
  // In batches: a node keeps 5,000 decisions at most until they are reported.
  for (let from = 0; from < many; from += batch) {
    const exchanges = await inTurns(Math.min(batch, many - from), async (at) => {
      const heard = await ask(stack.node.url, secret, ...question(from + at));
      expect(heard.status, heard.body).toBe(200);
      return heard.headers.get('x-fairlead-exchange') ?? '';
    });
    await inTurns(exchanges.length, async (at) => {
      const id = exchanges[at] ?? '';
      const exchange = await stack.api.until(() => readExchange(stack.api, id).then((found) => (found?.decision ? found : undefined)), 60_000);
      const simulated = await simulate({ exchangeId: id });
      const planned = exchange.decision.candidates.slice(0, simulated.candidates.length).map((row: { upstream: string; reason: string }) => [row.upstream, row.reason]);
      expect([id, simulated.route, simulated.candidates.map((row: { upstream: string; reason: string }) => [row.upstream, row.reason])]).toEqual([id, exchange.decision.route, planned]);
      expect(exchange.decision.attempts[0]?.upstream).toBe(simulated.candidates[0]?.upstream);
      const by = simulated.route ?? simulated.explicit ?? 'nobody';
      decidedBy.set(by, (decidedBy.get(by) ?? 0) + 1);
    });
  }
  // Every way to decide was met.
  expect([...decidedBy.keys()].sort()).toEqual(['by header', 'nobody', 'spread', 'the model name', 'thinking', 'tools']);
}, deep ? 900_000 : 120_000);

test('wired: against another draft of the routes the same requests go elsewhere, and the replay says how many and at what price', async () => {
  const draft = { routes: [{ name: 'all of them', position: 1, models: [], targets: [{ upstreamId: ids.Practice }] }] };
  expect((await simulate({ model: 'claude-haiku-5-5', draft })).candidates.map((row: { upstream: string }) => row.upstream)).toEqual(['Practice']);
  const { routeReplay } = await stack.api.run('query ($input: RouteReplayInput!) { routeReplay(input: $input) { considered moved unserved whole cost { amount } newCost { amount } moves { from { upstream } to { upstream } count } userErrors { message } } }', { input: { hours: 1, limit: 20_000, draft } });
  expect(routeReplay).toMatchObject({ considered: many, unserved: 0, whole: true, userErrors: [] });
  // What was asked for by name still goes there.
  expect(routeReplay.moved).toBeGreaterThan(many / 3);
  expect(routeReplay.moves.every(({ to }: { to: { upstream: string } }) => to.upstream === 'Practice')).toBe(true);
});

test('a draft whose condition cannot be read is refused, with the place', async () => {
  const { userErrors } = await simulate({ model: 'claude-haiku-5-5', draft: { routes: [{ name: 'broken', models: [], when: 'nonsense > 1', targets: [{ upstreamId: ids.Practice }] }] } });
  expect(userErrors[0].message).toContain('nonsense');
});
