import { newId } from '@fairlead/shared/id.ts';
import { nodeHeartbeat, traceReport } from '@fairlead/shared/node-api/operations.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPublished } from '../testing/published.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

let t: TestPlane;
let upstreamId: string;
beforeAll(async () => {
  t = await openTestPlane();
  const made = await t.asOperator(`mutation { upstreamCreate(input: {
    name: "vendor", baseUrl: "https://vendor.example", dialects: ["openai-chat", "anthropic-messages"], secret: "sk-very-secret-1234",
    baseUrls: [{dialect: "anthropic-messages", baseUrl: "https://vendor.example/anthropic/"}], quirks: ["developer-as-system"], headers: [{name: "X-Title", value: "us"}], patience: 3, onAbort: REPORTED, lacks: [IMAGES, WEB_SEARCH]
  }) { upstream { id } userErrors { message path } } }`);
  upstreamId = textAt(made.data, 'upstreamCreate', 'upstream', 'id');
});
afterAll(() => t.close());

const fields = 'baseUrls { dialect baseUrl } quirks headers { name value } patience onAbort lacks';

test('what was set of an upstream is read again, a change leaves the rest, and null takes a setting away', async () => {
  const read = (await t.asOperator(`query($id: ID!) { upstream(id: $id) { ${fields} } }`, { id: upstreamId })).data.upstream;
  const whole = { baseUrls: [{ dialect: 'anthropic-messages', baseUrl: 'https://vendor.example/anthropic' }], quirks: ['developer-as-system'], headers: [{ name: 'x-title', value: 'us' }], patience: 3, onAbort: 'REPORTED', lacks: ['IMAGES', 'WEB_SEARCH'] };
  expect(read).toEqual(whole);
  const changed = await t.asOperator(`mutation($id: ID!) { upstreamUpdate(input: {id: $id, quirks: null, patience: 2}) { upstream { ${fields} } } }`, { id: upstreamId });
  expect(at(changed.data, 'upstreamUpdate', 'upstream')).toEqual({ ...whole, quirks: [], patience: 2 });
});

test('a credential gets limits without a new secret: nodes may go on with the sealed one they hold', async () => {
  const id = textAt((await t.asOperator('query($id: ID!) { upstream(id: $id) { credentials { id } } }', { id: upstreamId })).data, 'upstream', 'credentials', 0, 'id');
  const changed = await t.asOperator('mutation($id: ID!) { credentialUpdate(input: {id: $id, requestsPerMinute: 60, concurrent: 4, spillAtPercent: 75}) { credential { version requestsPerMinute concurrent spillAtPercent } } }', { id });
  expect(at(changed.data, 'credentialUpdate', 'credential')).toEqual({ version: 1, requestsPerMinute: 60, concurrent: 4, spillAtPercent: 75 });
  const freed = await t.asOperator('mutation($id: ID!) { credentialUpdate(input: {id: $id, concurrent: null}) { credential { requestsPerMinute concurrent } } }', { id });
  expect(at(freed.data, 'credentialUpdate', 'credential')).toEqual({ requestsPerMinute: 60, concurrent: null });
});

test('a route keeps its condition and its treatment through changes of other parts', async () => {
  const made = await t.asOperator('mutation($id: ID!) { routeCreate(input: {name: "night", models: ["claude-*"], targets: [{upstreamId: $id}], scenario: LONG_CONTEXT, when: "stream", rank: PRICE, hedgeAfterMs: 3000, stickySeconds: 0, returns: STAY, replay: true}) { route { id } userErrors { message path } } }', { id: upstreamId });
  const id = textAt(made.data, 'routeCreate', 'route', 'id');
  const changed = await t.asOperator('mutation($id: ID!) { routeUpdate(input: {id: $id, models: ["*"], rank: LATENCY, hedgeAfterMs: null}) { route { models scenario when rank hedgeAfterMs stickySeconds returns replay } } }', { id });
  expect(at(changed.data, 'routeUpdate', 'route')).toEqual({ models: ['*'], scenario: 'LONG_CONTEXT', when: 'stream', rank: 'LATENCY', hedgeAfterMs: null, stickySeconds: 0, returns: 'STAY', replay: true });
  const always = await t.asOperator('mutation($id: ID!) { routeUpdate(input: {id: $id, when: null, scenario: null}) { route { when scenario models } } }', { id });
  expect(at(always.data, 'routeUpdate', 'route')).toEqual({ when: null, scenario: null, models: ['*'] });
});

test('an error rule reaches the nodes, and is gone with its upstream', async () => {
  const upstream = await t.asOperator('mutation { upstreamCreate(input: {name: "brief", baseUrl: "https://brief.example", dialects: ["openai-chat"], secret: "sk-123456"}) { upstream { id } } }');
  const id = textAt(upstream.data, 'upstreamCreate', 'upstream', 'id');
  const made = await t.asOperator('mutation($id: ID!) { errorRuleCreate(input: {name: "too long", shared: true, upstreamId: $id, statuses: [400], pattern: "(?i)too long", outcome: OVERLOADED, say: "Make it shorter."}) { errorRule { shared outcome statuses upstream { name } } userErrors { message path } } }', { id });
  expect(at(made.data, 'errorRuleCreate', 'userErrors')).toEqual([]);
  expect(at(made.data, 'errorRuleCreate', 'errorRule')).toEqual({ shared: true, outcome: 'OVERLOADED', statuses: [400], upstream: { name: 'brief' } });
  const rules = async () => (await readPublished(t.plane)).errorRules.map((rule) => rule.pattern);
  expect(await rules()).toContain('(?i)too long');
  await t.asOperator('mutation($id: ID!) { upstreamDelete(input: {id: $id}) { removedId } }', { id });
  expect(await rules()).toEqual([]);
});

test('what a node says of upstreams is kept within bounds; nonsense in it does not lose the heartbeat', async () => {
  const node = await enrollTestNode(t, 'watcher');
  const beat = (health: unknown) => node.call(nodeHeartbeat, { bootId: node.bootId, appliedRevision: 1, secretEpoch: 0, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false }, health });
  const row = (model: string) => ({ upstream: upstreamId, model, state: 'OPEN', why: 'limited', untilMs: 1_800_000_000_000, failureShare: 0.5, calls: 4, ttftMs: 812.4, inFlight: 1 });
  const read = async () => (await t.asOperator('{ fleetNodes { nodes { name health { upstreams { model state until failureShare ttftMs upstream { name } } credentials { credentialId usedShare } } } } }')).data;
  await beat({ upstreams: [row('m'), { model: 'no upstream' }, 7], credentials: [{ credential: 'crd_1', usedShare: 40, inFlight: 0 }] });
  const found = at(await read(), 'fleetNodes', 'nodes');
  expect(found).toContainEqual({ name: 'watcher', health: { upstreams: [{ model: 'm', state: 'OPEN', until: '2027-01-15T08:00:00.000Z', failureShare: 0.5, ttftMs: 812, upstream: { name: 'vendor' } }], credentials: [{ credentialId: 'crd_1', usedShare: 1 }] } });
  await beat({ upstreams: Array.from({ length: 700 }, (_, index) => row(`m${index}`)), credentials: 'none' });
  const stored = await t.plane.domain.db.client.fleetNode.findUniqueOrThrow({ where: { id: node.id } });
  expect(stored.health).toMatchObject({ credentials: [] });
  expect(JSON.stringify(stored.health).match(/"model"/g)).toHaveLength(500);
  expect((await beat('nonsense')).errors).toEqual([]);
});

test('what routing looked at is kept with the exchange, cut to what it may be', async () => {
  const node = await enrollTestNode(t, 'tracer');
  const key = await t.asOperator('mutation { keyCreate(input: {name: "facts", tags: ["night"], replay: true}) { key { id tags replay tenant { id } } } }');
  expect(at(key.data, 'keyCreate', 'key')).toMatchObject({ tags: ['night'], replay: true });
  const exchangeId = newId('exchange');
  const ask = { model: 'm', dialect: 'openai-chat', does: 'generate', stream: true, inputTokens: 1200, tools: 3, images: false, thinking: true, webSearch: false, longContext: false, subagent: false, background: false, client: 'codex', prompt: 'never kept', headers: { 'x-a': 'y'.repeat(999) } };
  const now = t.plane.domain.clock.now();
  const trace = { exchangeId, tenantId: textAt(key.data, 'keyCreate', 'key', 'tenant', 'id'), keyId: textAt(key.data, 'keyCreate', 'key', 'id'), startedAt: now, endedAt: now, dialect: 'openai-chat', model: 'm', stream: true, status: 200, outcome: 'OK', revision: 1, candidates: [], attempts: [], ask };
  await node.call(traceReport, { batch: await node.sealed('fairlead/traces/1', { nodeId: node.id, bootId: node.bootId, traces: [trace], refusals: [], dropped: 0 }) });
  const read = await t.asOperator('query($id: ID!) { exchange(id: $id) { ask { model stream inputTokens tools thinking client headers { name value } } } }', { id: exchangeId });
  expect(at(read.data, 'exchange', 'ask')).toEqual({ model: 'm', stream: true, inputTokens: 1200, tools: 3, thinking: true, client: 'codex', headers: [{ name: 'x-a', value: 'y'.repeat(200) }] });
  expect(JSON.stringify((await t.plane.domain.db.client.exchange.findUniqueOrThrow({ where: { id: exchangeId } })).ask)).not.toContain('never kept');
});
