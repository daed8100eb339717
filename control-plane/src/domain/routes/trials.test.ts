import { newId } from '@fairlead/shared/id.ts';
import { nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../../testing/test-database.ts';
import { enrollTestNode } from '../../testing/test-node.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { Json, Reply, TestPlane } from '../../testing/test-plane.ts';

const facts = (more: Partial<AskFacts> = {}): AskFacts => ({ model: 'small', dialect: 'openai-chat', does: 'generate', stream: true, inputTokens: 1000, tools: 0, images: false, thinking: false, webSearch: false, longContext: false, subagent: false, background: false, ...more });

describe.each(databaseKinds)('routes tried before they are saved, on $name', ({ base, missing }) => {
  if (missing) { test.skip('this database is not here', () => {}); return; }
  let t: TestPlane;
  const ids: Record<string, string> = {};
  let keyId: string;
  let red: Record<string, string>;

  const run = async (query: string, input: unknown, headers?: Record<string, string>): Promise<Reply> => (headers ? t.send(query, { input }, headers) : t.asOperator(query, { input }));
  const simulate = async (input: unknown, headers?: Record<string, string>) => at((await run('query($input: RouteSimulateInput!) { routeSimulate(input: $input) { route scenario wanted candidates { upstream model reason } leftOut { upstream reason } passedOver { name reason } problem userErrors { code path message } } }', input, headers)).data, 'routeSimulate');
  const replay = async (input: unknown, headers?: Record<string, string>) => at((await run('query($input: RouteReplayInput!) { routeReplay(input: $input) { considered withoutFacts moved unserved unpriced whole cost { amount } newCost { amount } moves { from { upstream } to { upstream } count cost { amount } newCost { amount } ttftMs newTtftMs failureShare newFailureShare } unservedExamples { model reason } userErrors { code path } } }', input, headers)).data, 'routeReplay');
  const order = (found: Json) => { const rows = at(found, 'candidates'); return Array.isArray(rows) ? rows.map((row) => textAt(row, 'upstream')) : []; };

  beforeAll(async () => {
    t = await openTestPlane({ base });
    for (const [name, priority] of [['near', 0], ['far', 5]] as const) {
      const made = await t.asOperator('mutation($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } } }', { input: { name, baseUrl: `https://${name}.example`, dialects: ['openai-chat'], secret: 'sk-123456789', models: [{ model: 'small' }], priority } });
      ids[name] = textAt(made.data, 'upstreamCreate', 'upstream', 'id');
    }
    await t.asOperator('mutation($id: ID!) { priceSet(input: {modelName: "small", upstreamId: $id, input: "1", output: "2"}) { price { id } } }', { id: ids.near });
    await t.asOperator('mutation($id: ID!) { priceSet(input: {modelName: "small", upstreamId: $id, input: "3", output: "4"}) { price { id } } }', { id: ids.far });
    const key = await t.asOperator('mutation { keyCreate(input: {name: "nightly", tags: ["night"]}) { key { id tenant { id } } } }');
    keyId = textAt(key.data, 'keyCreate', 'key', 'id');
    const tenantId = textAt(key.data, 'keyCreate', 'key', 'tenant', 'id');
    const { client } = t.plane.domain.db;
    const now = t.plane.domain.clock.now();
    const attempt = (upstreamId: string, outcome: string, ttftMs: number) => ({ attempt: 1, upstreamId, upstream: 'x', model: 'small', dialect: 'openai-chat', outcome, status: 200, ttftMs, durationMs: 10, losses: [] });
    const exchange = (upstream: string, ask: AskFacts | undefined, hoursAgo: number, attempts: unknown[]) => client.exchange.create({
      data: {
        id: newId('exchange', now - hoursAgo * 3_600_000), tenantId, keyId, nodeId: 'nod_x', startedAt: new Date(now - hoursAgo * 3_600_000), upstreamId: ids[upstream] ?? null, upstreamModel: 'small', inputTokens: 1_000_000n, outputTokens: 1_000_000n, costNano: 3_000_000_000n,
        decision: JSON.parse(JSON.stringify({ route: null, revision: 1, candidates: [], attempts })), ...(ask ? { ask: JSON.parse(JSON.stringify(ask)) } : {}),
      },
    });
    await exchange('near', facts(), 1, [attempt(ids.near ?? '', 'ok', 400)]);
    await exchange('near', facts({ thinking: true }), 2, [attempt(ids.near ?? '', 'ok', 600)]);
    await exchange('far', facts(), 3, [attempt(ids.near ?? '', 'failed', 0), attempt(ids.near ?? '', 'client-left', 0), attempt(ids.far ?? '', 'ok', 90)]);
    await exchange('near', undefined, 4, []);
    await exchange('near', facts(), 100, []);
    const made = await t.asOperator('mutation { tenantCreate(input: {name: "red"}) { tenant { id } owner { id } } }');
    red = { authorization: `Bearer ${await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: textAt(made.data, 'tenantCreate', 'tenant', 'id'), operator: false })}` };
  });
  afterAll(() => t.close());

  test('what is stored decides, and a draft is tried without being saved', async () => {
    expect(order(await simulate({ model: 'small', dialect: 'openai-chat', health: 'NONE' }))).toEqual(['near', 'far']);
    const draft = { routes: [{ name: 'night first', models: [], when: '"night" in tags', targets: [{ upstreamId: ids.far }] }] };
    const tried = await simulate({ model: 'small', dialect: 'openai-chat', keyId, draft, health: 'NONE' });
    expect([at(tried, 'route'), order(tried)]).toEqual(['night first', ['far']]);
    const others = await simulate({ model: 'small', dialect: 'openai-chat', draft, health: 'NONE' });
    expect(at(others, 'passedOver')).toEqual([{ name: 'night first', reason: 'its condition does not hold' }]);
    expect(await t.plane.domain.db.client.route.count()).toBe(0);
  });

  test('a recorded exchange is planned again, with single facts changed', async () => {
    const row = await t.plane.domain.db.client.exchange.findFirstOrThrow({ where: { ask: { not: {} } }, orderBy: { id: 'desc' } });
    expect(order(await simulate({ exchangeId: row.id, health: 'NONE' }))).toEqual(['near', 'far']);
    expect(at(await simulate({ exchangeId: row.id, health: 'NONE', model: 'unheard-of' }), 'candidates')).toEqual([]);
    expect(at(await simulate({ exchangeId: row.id, thinking: true }), 'scenario')).toBe('think');
  });

  test('what the live nodes say counts: a place that rests comes last', async () => {
    const node = await enrollTestNode(t, 'watcher');
    const health = { upstreams: [{ upstream: ids.near, model: 'small', state: 'OPEN', why: 'failed', untilMs: t.plane.domain.clock.now() + 600_000, failureShare: 1, calls: 9, inFlight: 0 }], credentials: [] };
    await node.call(nodeHeartbeat, { bootId: node.bootId, appliedRevision: 1, secretEpoch: 0, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false }, health });
    expect(order(await simulate({ model: 'small', dialect: 'openai-chat' }))).toEqual(['far', 'near']);
    expect(order(await simulate({ model: 'small', dialect: 'openai-chat', health: 'NONE' }))).toEqual(['near', 'far']);
  });

  test('the requests of the last hours tell who would go elsewhere, and what that changes', async () => {
    const found = await replay({ hours: 24, draft: { routes: [{ name: 'all far', models: [], targets: [{ upstreamId: ids.far }] }] } });
    expect(found).toMatchObject({ considered: 3, withoutFacts: 1, moved: 2, unserved: 0, unpriced: 0, whole: true, cost: { amount: '9.00' }, newCost: { amount: '17.00' } });
    expect(at(found, 'moves')).toEqual([{ from: { upstream: 'near' }, to: { upstream: 'far' }, count: 2, cost: { amount: '6.00' }, newCost: { amount: '14.00' }, ttftMs: 500, newTtftMs: 90, failureShare: 1 / 3, newFailureShare: 0 }]);
    expect(await replay({ hours: 24, limit: 1, draft: {} })).toMatchObject({ considered: 1, whole: false });
  });

  test('what nobody could serve is told with why', async () => {
    const found = await replay({ hours: 24, draft: { routes: [{ name: 'no one', models: ['small'], scenario: 'THINK', targets: [{ upstreamId: ids.near, model: 'unheard-of' }] }] } });
    expect(found).toMatchObject({ unserved: 1, unservedExamples: [{ model: 'small', reason: expect.stringContaining('near') }] });
  });

  test('a draft is checked like what is saved, and reaches nothing of another tenant', async () => {
    expect(at(await simulate({ model: 'small', draft: { routes: [{ models: [], when: 'nonsense(', targets: [{ upstreamId: ids.near }] }] } }), 'userErrors')).toContainEqual({ code: 'INVALID', path: ['draft', 'routes', '0', 'when'], message: expect.any(String) });
    expect(at(await simulate({ dialect: 'openai-chat' }), 'userErrors')).toMatchObject([{ code: 'INVALID', path: ['model'] }]);
    expect(at(await simulate({ model: 'small', keyId }, red), 'userErrors')).toMatchObject([{ code: 'NOT_FOUND', path: ['keyId'] }]);
    const row = await t.plane.domain.db.client.exchange.findFirstOrThrow({ orderBy: { id: 'desc' } });
    expect(at(await simulate({ exchangeId: row.id }, red), 'userErrors')).toMatchObject([{ code: 'NOT_FOUND', path: ['exchangeId'] }]);
    expect(await replay({ hours: 24, draft: {} }, red)).toMatchObject({ considered: 0, withoutFacts: 0 });
    expect(at(await replay({ hours: 200, draft: {} }), 'userErrors')).toMatchObject([{ code: 'INVALID', path: ['hours'] }]);
    expect(at(await simulate({ model: 'small', draft: { routes: [{ shared: true, models: [], targets: [{ upstreamId: ids.near }] }] } }, red), 'userErrors')).toMatchObject([{ code: 'FORBIDDEN', path: ['draft', 'routes', '0', 'shared'] }]);
  });
});
