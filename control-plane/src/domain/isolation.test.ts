import { newId } from '@fairlead/shared/id.ts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { at, openTestPlane, textAt, tokenFor } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

let t: TestPlane;
const tokens: Record<string, string> = {};
const own: Record<string, Record<string, string>> = {};
const entryOf: Record<string, string> = {};

const as = (who: string, query: string, variables?: Record<string, unknown>) => t.send(query, variables, { authorization: `Bearer ${tokens[who]}` });

beforeAll(async () => {
  t = await openTestPlane();
  const { client } = t.plane.domain.db;
  for (const who of ['red', 'blue']) {
    const made = await t.asOperator('mutation($name: String!) { tenantCreate(input: {name: $name}) { tenant { id } owner { id } } }', { name: who });
    const tenantId = textAt(made.data, 'tenantCreate', 'tenant', 'id');
    const ownerId = textAt(made.data, 'tenantCreate', 'owner', 'id');
    tokens[who] = await tokenFor(t.plane, { id: ownerId, tenantId, operator: false });
    const key = await as(who, 'mutation { keyCreate(input: {name: "k", budget: {limit: "1", window: DAY}}) { key { id quotas { id } } } }');
    const upstream = await as(who, 'mutation { upstreamCreate(input: {name: "u", baseUrl: "https://vendor.example", dialects: ["openai-chat"], secret: "sk-very-secret-1234"}) { upstream { id credentials { id } } userErrors { code message } } }');
    const upstreamId = textAt(upstream.data, 'upstreamCreate', 'upstream', 'id');
    const route = await as(who, 'mutation($id: ID!) { routeCreate(input: {name: "r", models: ["*"], targets: [{upstreamId: $id}]}) { route { id } } }', { id: upstreamId });
    const price = await as(who, 'mutation($id: ID!) { priceSet(input: {modelName: "m", upstreamId: $id, input: "1", output: "2"}) { price { id } userErrors { code message } } }', { id: upstreamId });
    const errorRule = await as(who, 'mutation($id: ID!) { errorRuleCreate(input: {name: "e", upstreamId: $id, statuses: [400], outcome: FAILED}) { errorRule { id } } }', { id: upstreamId });
    const keyId = textAt(key.data, 'keyCreate', 'key', 'id');
    const exchange = newId('exchange');
    await client.exchange.create({ data: { id: exchange, tenantId, keyId, nodeId: 'nod_x', startedAt: new Date(), upstreamId } });
    await client.costCentre.create({ data: { id: `centre_${who}`, tenantId, payer: 'TENANT', keyId, upstreamId, model: 'm' } });
    await client.costDay.create({ data: { centreId: `centre_${who}`, day: new Date('2026-11-21T00:00:00Z'), requests: 1 } });
    const credit = await as(who, 'mutation { walletCredit(input: {amount: "3", reference: "r"}) { entry { id } } }');
    entryOf[who] = textAt(credit.data, 'walletCredit', 'entry', 'id');
    const audit = await client.auditEntry.findFirstOrThrow({ where: { tenantId } });
    const token = await client.managementToken.findFirstOrThrow({ where: { memberId: ownerId } });
    own[who] = {
      tenant: tenantId, member: ownerId, key: keyId, quota: textAt(key.data, 'keyCreate', 'key', 'quotas', 0, 'id'), upstream: upstreamId, credential: textAt(upstream.data, 'upstreamCreate', 'upstream', 'credentials', 0, 'id'),
      route: textAt(route.data, 'routeCreate', 'route', 'id'), errorRule: textAt(errorRule.data, 'errorRuleCreate', 'errorRule', 'id'), price: textAt(price.data, 'priceSet', 'price', 'id'), exchange, audit: audit.id, managementToken: token.id,
    };
  }
});
afterAll(() => t.close());

const lists = '{ tenants { nodes { id } } members { nodes { id } } keys { nodes { id } } upstreams { nodes { id } } routes { nodes { id } } errorRules { nodes { id } } prices(first: 200) { nodes { id } } quotas { nodes { id } } exchanges { nodes { id } } auditEntries { nodes { id } } managementTokens { nodes { id } } usage(input: {from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z", groupBy: [TENANT]}) { rows { tenantId } } }';

test('no list shows anything of another tenant, and each shows the own', async () => {
  for (const [mine, theirs] of [['red', 'blue'], ['blue', 'red']] as const) {
    const reply = await as(mine, lists);
    expect(reply.errors).toEqual([]);
    for (const [kind, id] of Object.entries(own[theirs] ?? {})) expect(reply.text.includes(id), `${theirs}'s ${kind} is shown to ${mine}`).toBe(false);
    for (const [kind, id] of Object.entries(own[mine] ?? {})) if (kind !== 'credential') expect(reply.text.includes(id), `${mine}'s own ${kind} is missing`).toBe(true);
  }
});

test('the books of another tenant are closed: by name, by the id of an entry, and in what is exported', async () => {
  const entries = '{ billing { wallet { tenantId } entries(from: "2020-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z") { rows { id } } } }';
  const reply = await as('red', entries);
  expect(reply.text.includes(entryOf.red ?? '')).toBe(true);
  expect(reply.text.includes(entryOf.blue ?? '')).toBe(false);
  expect(at((await as('red', 'query($id: ID!) { billing { explain(id: $id) { id } } }', { id: entryOf.blue })).data, 'billing', 'explain')).toBeNull();
  expect(at((await as('blue', 'query($id: ID!) { billing { explain(id: $id) { id } } }', { id: entryOf.blue })).data, 'billing', 'explain', 'id')).toBe(entryOf.blue);
  expect((await as('red', 'query($id: ID!) { billing(tenantId: $id) { tenantId } }', { id: own.blue?.tenant })).errors[0]?.extensions.code).toBe('NOT_FOUND');
  const everyone = await as('red', '{ billing { report(input: {from: "2026-11-21T00:00:00Z", to: "2026-11-22T00:00:00Z", by: [TENANT], allTenants: true}) { rows { by { value } } } } }');
  expect(everyone.text.includes(own.blue?.tenant ?? '')).toBe(false);
});

test('an id of another tenant finds nothing, by node and by name', async () => {
  for (const [kind, id] of Object.entries(own.blue ?? {})) {
    expect(at((await as('red', 'query($id: ID!) { node(id: $id) { id } }', { id })).data, 'node'), kind).toBeNull();
    expect(at((await as('blue', 'query($id: ID!) { node(id: $id) { id __typename } }', { id })).data, 'node', 'id'), kind).toBe(id);
  }
  const reply = await as('red', 'query($k: ID!, $u: ID!, $e: ID!, $t: ID!) { key(id: $k) { id } upstream(id: $u) { id } exchange(id: $e) { id } tenant(id: $t) { id } }', { k: own.blue?.key, u: own.blue?.upstream, e: own.blue?.exchange, t: own.blue?.tenant });
  expect(reply.data).toEqual({ key: null, upstream: null, exchange: null, tenant: null });
});

test('nothing of another tenant can be changed: it looks as if it were not there', async () => {
  const blue = own.blue ?? {};
  const tries: [string, Record<string, unknown>][] = [
    ['mutation($id: ID!) { done: keyUpdate(input: {id: $id, name: "x"}) { userErrors { code } } }', { id: blue.key }],
    ['mutation($id: ID!) { done: keyRevoke(input: {id: $id}) { userErrors { code } } }', { id: blue.key }],
    ['mutation($id: ID!) { done: keyCreate(input: {name: "x", tenantId: $id}) { userErrors { code } } }', { id: blue.tenant }],
    ['mutation($id: ID!) { done: tenantUpdate(input: {id: $id, name: "x"}) { userErrors { code } } }', { id: blue.tenant }],
    ['mutation($id: ID!) { done: upstreamUpdate(input: {id: $id, name: "x"}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: upstreamDelete(input: {id: $id}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: credentialAdd(input: {upstreamId: $id, name: "x", secret: "sk-abcdef"}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: credentialRotate(input: {id: $id, secret: "sk-abcdef"}) { userErrors { code } } }', { id: blue.credential }],
    ['mutation($id: ID!) { done: credentialRemove(input: {id: $id}) { userErrors { code } } }', { id: blue.credential }],
    ['mutation($id: ID!) { done: routeUpdate(input: {id: $id, name: "x"}) { userErrors { code } } }', { id: blue.route }],
    ['mutation($id: ID!) { done: routeDelete(input: {id: $id}) { userErrors { code } } }', { id: blue.route }],
    ['mutation($id: ID!) { done: routeCreate(input: {name: "x", models: [], targets: [{upstreamId: $id}]}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: credentialUpdate(input: {id: $id, concurrent: 1}) { userErrors { code } } }', { id: blue.credential }],
    ['mutation($id: ID!) { done: errorRuleUpdate(input: {id: $id, name: "x"}) { userErrors { code } } }', { id: blue.errorRule }],
    ['mutation($id: ID!) { done: errorRuleDelete(input: {id: $id}) { userErrors { code } } }', { id: blue.errorRule }],
    ['mutation($id: ID!) { done: errorRuleCreate(input: {name: "x", upstreamId: $id, outcome: FAILED}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: quotaRemove(input: {id: $id}) { userErrors { code } } }', { id: blue.quota }],
    ['mutation($id: ID!) { done: quotaSet(input: {subject: {keyId: $id}, limit: "9", window: DAY}) { userErrors { code } } }', { id: blue.key }],
    ['mutation($id: ID!) { done: quotaSet(input: {subject: {tenantId: $id}, limit: "9", window: DAY}) { userErrors { code } } }', { id: blue.tenant }],
    ['mutation($id: ID!) { done: quotaSet(input: {subject: {memberId: $id}, limit: "9", window: DAY}) { userErrors { code } } }', { id: blue.member }],
    ['mutation($id: ID!) { done: quotaSet(input: {subject: {upstreamId: $id}, limit: "9", unit: TOKENS, window: DAY}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: quotaSet(input: {subject: {credentialId: $id}, limit: "9", unit: REQUESTS, window: DAY}) { userErrors { code } } }', { id: blue.credential }],
    ['mutation($id: ID!) { done: priceSet(input: {modelName: "m", upstreamId: $id, input: "0", output: "0"}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: pricePreview(input: {modelName: "m", upstreamId: $id, input: "0", output: "0"}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: priceReset(input: {modelName: "m", upstreamId: $id}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: priceMultiplierSet(input: {upstreamId: $id, multiplier: "0.5"}) { userErrors { code } } }', { id: blue.upstream }],
    ['mutation($id: ID!) { done: signInLinkCreate(input: {memberId: $id}) { userErrors { code } } }', { id: blue.member }],
    ['mutation($id: ID!) { done: walletCredit(input: {tenantId: $id, amount: "1", reference: "x"}) { userErrors { code } } }', { id: blue.tenant }],
    ['mutation($id: ID!) { done: walletUpdate(input: {tenantId: $id, lowBelow: "1"}) { userErrors { code } } }', { id: blue.tenant }],
    ['mutation($id: ID!) { done: managementTokenRevoke(input: {id: $id}) { userErrors { code } } }', { id: blue.managementToken }],
  ];
  for (const [query, variables] of tries) expect(at((await as('red', query, variables)).data, 'done', 'userErrors', 0, 'code'), query).toBe('NOT_FOUND');
});

test('what belongs to operators is closed to others', async () => {
  for (const query of ['{ fleetNodes { nodes { id } } }', '{ fleetStatus { revision } }', '{ campaigns { nodes { id } } }', '{ pools { nodes { id } } }', '{ usageAudit { gap } }', '{ billingCompleteness { gap } }', '{ usageDeadLetters { id } }', 'mutation { walletAdjust(input: {tenantId: "x", amount: "1", reference: "r", note: "n"}) { entry { id } } }', 'mutation { walletRefund(input: {chargeId: "x", reference: "r"}) { entry { id } } }', 'mutation { walletTransfer(input: {fromTenantId: "x", toTenantId: "y", amount: "1", reference: "r"}) { entries { id } } }', 'mutation { nodeTokenCreate(input: {name: "x"}) { token } }', 'mutation { tenantCreate(input: {name: "x"}) { signInUrl } }', 'mutation { poolCreate(input: {name: "x", cap: {limit: "1", window: DAY}}) { pool { id } } }']) {
    expect((await as('red', query)).errors[0]?.extensions.code, query).toBe('MISSING_SCOPE');
  }
  const practice = await as('red', '{ upstreams { nodes { name shared baseUrl credentials { id } } } }');
  expect(at(practice.data, 'upstreams', 'nodes')).toContainEqual({ name: 'Practice', shared: true, baseUrl: null, credentials: [] });
});

test('a live stream tells only of the own exchanges, and ends when the reader leaves', async () => {
  const leaving = new AbortController();
  const response = await t.plane.app.fetch(new Request('http://127.0.0.1:4400/graphql', {
    method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${tokens.red}` }, body: JSON.stringify({ query: 'subscription { exchangeStream { id } }' }), signal: leaving.signal,
  }));
  const reader = response.body?.getReader();
  if (!reader) throw new Error('no stream');
  let seen = '';
  const reading = (async () => {
    while (!seen.includes(own.red?.exchange ?? 'none')) {
      const { value, done } = await reader.read();
      if (done) break;
      seen += new TextDecoder().decode(value);
    }
  })();
  const { exchanges } = t.plane.domain;
  await vi.waitFor(() => { expect(exchanges.listenerCount).toBe(1); });
  for (const who of ['blue', 'red']) exchanges.send({ id: own[who]?.exchange ?? '', tenantId: own[who]?.tenant ?? '' });
  await reading;
  expect(seen).toContain(own.red?.exchange);
  expect(seen).not.toContain(own.blue?.exchange);
  leaving.abort();
  await reader.cancel().catch(() => undefined);
  await vi.waitFor(() => { expect(exchanges.listenerCount).toBe(0); });
});

test('only an operator may point nodes at addresses that are not public', async () => {
  for (const baseUrl of ['https://127.0.0.1:9', 'https://localhost', 'https://10.0.0.5', 'https://[::1]', 'https://169.254.169.254', 'https://[::ffff:10.0.0.1]']) {
    const reply = await as('red', 'mutation($u: String!) { upstreamCreate(input: {name: "inner", baseUrl: $u, dialects: ["openai-chat"], secret: "sk-123456"}) { userErrors { code path } } }', { u: baseUrl });
    expect(at(reply.data, 'upstreamCreate', 'userErrors'), baseUrl).toContainEqual({ code: 'ADDRESS_REFUSED', path: ['baseUrl'] });
  }
  const allowed = await t.asOperator('mutation { upstreamCreate(input: {preset: "ollama"}) { upstream { baseUrl } userErrors { code } } }');
  expect(at(allowed.data, 'upstreamCreate', 'upstream', 'baseUrl')).toBe('http://127.0.0.1:11434');
});

test('a token does what its scopes say and no more', async () => {
  const made = await as('red', 'mutation { managementTokenCreate(input: {name: "read", scopes: ["keys:read"]}) { secret } }');
  const reader = { authorization: `Bearer ${textAt(made.data, 'managementTokenCreate', 'secret')}` };
  expect((await t.send('{ keys { nodes { id } } }', {}, reader)).errors).toEqual([]);
  expect((await t.send('mutation { keyCreate(input: {name: "x"}) { key { id } } }', {}, reader)).errors[0]?.extensions).toEqual({ code: 'MISSING_SCOPE', missingScopes: ['keys:write'] });
  expect((await t.send('{ exchanges { nodes { id } } }', {}, reader)).errors[0]?.extensions.code).toBe('MISSING_SCOPE');
});

test('a token with few rights cannot make itself a stronger successor', async () => {
  const made = await as('red', 'mutation { managementTokenCreate(input: {name: "climber", scopes: ["tokens:write", "tenants:write", "members:write"]}) { secret } }');
  const climber = { authorization: `Bearer ${textAt(made.data, 'managementTokenCreate', 'secret')}` };
  expect((await t.send('mutation { signInLinkCreate(input: {}) { url } }', {}, climber)).errors[0]?.extensions.code).toBe('MISSING_SCOPE');
  for (const scope of ['*', 'keys:write']) {
    const reply = await t.send('mutation($scope: String!) { managementTokenCreate(input: {name: "more", scopes: [$scope]}) { secret userErrors { code } } }', { scope }, climber);
    expect(at(reply.data, 'managementTokenCreate')).toEqual({ secret: null, userErrors: [{ code: 'FORBIDDEN' }] });
  }
});
