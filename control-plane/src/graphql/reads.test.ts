import { newId } from '@fairlead/shared/id.ts';
import { getNamedType, isInterfaceType, isLeafType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { at, openTestPlane, textAt, tokenFor } from '../testing/test-plane.ts';
import type { Json, Reply, TestPlane } from '../testing/test-plane.ts';
import { schema } from './schema.ts';

interface Read { model: string | undefined; operation: string; args: unknown }

type Client = TestPlane['plane']['domain']['db']['client'];
const isClient = (value: unknown): value is Client => typeof value === 'object' && value !== null && '$transaction' in value && 'tenant' in value;

describe.each(databaseKinds)('reads on $name', ({ base, missing }) => {
  let t: TestPlane;
  let reads: Read[] = [];
  const tenants: Record<string, { id: string; token: string; keys: string[]; upstream: string }> = {};

  const as = (who: string, query: string, variables?: Record<string, unknown>) => t.send(query, variables, { authorization: `Bearer ${tenants[who]?.token}` });

  /** What an operation reads, but for the look-up of the token that it was sent with. */
  async function readsOf(ask: () => Promise<Reply>): Promise<{ reply: Reply; made: Read[] }> {
    reads = [];
    const reply = await ask();
    expect(reply.errors).toEqual([]);
    const made = reads.filter(({ model, args }) => !(model === 'ManagementToken' && JSON.stringify(args).includes('"where":{"digest":')));
    return { reply, made };
  }

  async function addKeys(who: string, count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      const made = await as(who, 'mutation { keyCreate(input: {name: "k", budget: {limit: "1", window: DAY}}) { key { id quotas { id } } } }');
      const keyId = textAt(made.data, 'keyCreate', 'key', 'id');
      tenants[who]?.keys.push(keyId);
      const { client } = t.plane.domain.db;
      const exchangeId = newId('exchange');
      const common = { tenantId: tenants[who]?.id ?? '', keyId, nodeId: 'nod_x', startedAt: new Date(), upstreamId: tenants[who]?.upstream ?? '' };
      await client.exchange.create({ data: { id: exchangeId, ...common } });
      await client.usageEvent.create({ data: { id: newId('usageEvent'), exchangeId, attempt: 1, bootId: who, seq: tenants[who]?.keys.length ?? 0, ingestId: 'ing_x', modelAsked: 'm', modelUsed: 'm', region: 'local', endedAt: new Date(), outcome: 'OK', revision: 1, ...common } });
    }
  }

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base });
    const { db } = t.plane.domain;
    const watched: unknown = db.client.$extends({ query: { $allOperations({ model, operation, args, query }) { reads.push({ model, operation, args }); return query(args); } } });
    if (!isClient(watched)) throw new Error('The watched client is no client.');
    t.plane.domain.db = { ...db, client: watched };
    for (const who of ['red', 'blue']) {
      const made = await t.asOperator('mutation($name: String!) { tenantCreate(input: {name: $name}) { tenant { id } owner { id } } }', { name: who });
      const id = textAt(made.data, 'tenantCreate', 'tenant', 'id');
      const token = await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: id, operator: false });
      tenants[who] = { id, token, keys: [], upstream: '' };
      const upstream = await as(who, 'mutation { upstreamCreate(input: {name: "u", baseUrl: "https://vendor.example", dialects: ["openai-chat"], secret: "sk-very-secret-1234"}) { upstream { id } } }');
      tenants[who].upstream = textAt(upstream.data, 'upstreamCreate', 'upstream', 'id');
      await addKeys(who, 2);
    }
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const deep = `query($n: Int) {
    keys(first: $n) { nodes { id tenant { id name } member { id name } quotas { id budget { limit { amount } spent { amount } } } } }
    exchanges(first: $n) { edges { node {
      id key { id tenant { id } quotas { id budget { remaining { amount } } } } upstream { id tenant { id } credentials { id hint } }
      charges { id upstream { id name } price { id } }
    } } }
  }`;

  test.skipIf(missing)('three levels below a list cost as many reads for nine rows as for two, and every row is the viewer\'s', async () => {
    const few = await readsOf(() => as('red', deep, { n: 50 }));
    await addKeys('red', 7);
    const many = await readsOf(() => as('red', deep, { n: 50 }));
    expect(at(few.reply.data, 'keys', 'nodes')).toHaveLength(2);
    expect(at(many.reply.data, 'keys', 'nodes')).toHaveLength(9);
    expect(many.made.map(({ model }) => model).sort()).toEqual(few.made.map(({ model }) => model).sort());
    expect(many.made.length).toBeLessThanOrEqual(9);
    const red = tenants.red?.id;
    for (const row of list(at(many.reply.data, 'keys', 'nodes'))) expect(row).toMatchObject({ tenant: { id: red, name: 'red' }, member: { name: expect.any(String) }, quotas: [{ budget: { limit: { amount: '1.00' }, spent: { amount: '0.00' } } }] });
    for (const row of list(at(many.reply.data, 'exchanges', 'edges'))) {
      expect(row).toMatchObject({ node: { key: { tenant: { id: red }, quotas: [{ budget: { remaining: { amount: '1.00' } } }] }, upstream: { tenant: { id: red }, credentials: [{ hint: expect.any(String) }] }, charges: [{ upstream: { name: 'u' }, price: null }] } });
    }
    for (const id of [tenants.blue?.id, tenants.blue?.upstream, ...(tenants.blue?.keys ?? [])]) expect(many.reply.text).not.toContain(id);
  });

  test.skipIf(missing)('what a command answers can be asked for as deep as what a list shows', async () => {
    const made = await as('blue', 'mutation { keyCreate(input: {name: "deep", budget: {limit: "2", window: DAY}}) { key { name tenant { name } member { id } quotas { subjectId budget { remaining { amount } } } } userErrors { code } } }');
    expect(made.errors).toEqual([]);
    expect(at(made.data, 'keyCreate', 'key')).toEqual({ name: 'deep', tenant: { name: 'blue' }, member: { id: expect.stringMatching(/^mem_/) }, quotas: [{ subjectId: expect.stringMatching(/^key_/), budget: { remaining: { amount: '2.00' } } }] });
  });

  test.skipIf(missing)('an exchange of a key that has moved to another tenant shows nothing of that key', async () => {
    const { client } = t.plane.domain.db;
    const id = newId('exchange');
    await client.exchange.create({ data: { id, tenantId: tenants.red?.id ?? '', keyId: tenants.blue?.keys[0] ?? '', nodeId: 'nod_x', startedAt: new Date(), upstreamId: tenants.blue?.upstream ?? '' } });
    const reply = await as('red', 'query($id: ID!) { exchange(id: $id) { key { id quotas { id } } upstream { id credentials { id } } } }', { id });
    expect(reply.data).toEqual({ exchange: { key: null, upstream: null } });
  });

  test.skipIf(missing)('ids of several types are found at once with what is asked of each, in order; those of others are null', async () => {
    const [mine, theirs] = [tenants.red?.keys[0], tenants.blue?.keys[0]];
    const reply = await as('red', 'query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Key { name quotas { budget { limit { amount } } } } ... on Upstream { credentials { hint } tenant { name } } } }', { ids: [tenants.red?.upstream, theirs, mine, tenants.blue?.upstream, 'key_nothing', 'nonsense'] });
    expect(reply.errors).toEqual([]);
    expect(reply.data).toEqual({ nodes: [
      { id: tenants.red?.upstream, credentials: [{ hint: expect.any(String) }], tenant: { name: 'red' } }, null,
      { id: mine, name: 'k', quotas: [{ budget: { limit: { amount: '1.00' } } }] }, null, null, null,
    ] });
  });

  test.skipIf(missing)('whatever is asked of a node, no read fetches a whole row, a digest or a sealed secret', async () => {
    const { client } = t.plane.domain.db;
    const made = await t.asOperator('mutation { poolCreate(input: {name: "p", cap: {limit: "1", window: DAY}}) { pool { id } } }');
    const poolId = textAt(made.data, 'poolCreate', 'pool', 'id');
    await t.asOperator('mutation($id: ID!) { campaignCreate(input: {name: "c", poolId: $id, keyBudget: "1", keyTtlHours: 1}) { campaign { id } } }', { id: poolId });
    const shared = await client.upstream.findFirstOrThrow({ where: { tenantId: null } });
    await t.asOperator('mutation($id: ID!) { routeCreate(input: {name: "r", models: ["*"], targets: [{upstreamId: $id}]}) { route { id } } }', { id: shared.id });
    await t.asOperator('mutation { errorRuleCreate(input: {name: "e", outcome: FAILED}) { errorRule { id } } }');
    await client.fleetNode.create({ data: { id: newId('fleetNode'), name: 'n', signPublicKey: 'sign', sealPublicKey: 'seal' } });
    const first = { select: { id: true } };
    const rows = await Promise.all([
      client.tenant.findFirst(first), client.member.findFirst(first), client.managementToken.findFirst({ ...first, where: { memberId: t.plane.seeded.ownerId } }), client.key.findFirst(first), client.upstream.findFirst(first),
      client.credential.findFirst(first), client.model.findFirst(first), client.price.findFirst(first), client.quota.findFirst(first), client.campaign.findFirst(first), client.pool.findFirst(first),
      client.exchange.findFirst(first), client.fleetNode.findFirst(first), client.auditEntry.findFirst(first), client.route.findFirst(first), client.errorRule.findFirst(first),
    ]);
    const node = schema.getType('Node');
    if (!isInterfaceType(node)) throw new Error('Node is no interface.');
    const types = schema.getPossibleTypes(node);
    const fields = types.map((type) => `... on ${type.name} { ${Object.values(type.getFields()).filter((field) => isLeafType(getNamedType(field.type))).map((field) => `${type.name}_${field.name}: ${field.name}`).join(' ')} }`);
    const { reply, made: done } = await readsOf(() => t.asOperator(`query($ids: [ID!]!) { nodes(ids: $ids) { __typename ${fields.join(' ')} } }`, { ids: rows.map((row) => row?.id) }));
    expect(list(at(reply.data, 'nodes')).map((row) => at(row, '__typename')).sort()).toEqual(types.map((type) => type.name).sort());
    for (const { model, operation, args } of done) {
      expect(args, `${model}.${operation}`).toHaveProperty('select');
      expect(JSON.stringify(args), `${model}.${operation}`).not.toMatch(/"(digest|claimDigest|sealed|sealedMacKey)":/);
    }
    expect(done.length).toBeGreaterThanOrEqual(types.length);
  });

  test.skipIf(missing)('a list is read page by page to its end, by nodes and by edges, also behind a row that is gone', async () => {
    for (const name of ['a', 'b', 'c']) await as('blue', 'mutation($name: String!, $id: ID!) { routeCreate(input: {name: $name, models: [], targets: [{upstreamId: $id}]}) { route { id } } }', { name, id: tenants.blue?.upstream });
    const page = async (after: string | null) => {
      const reply = await as('blue', 'query($after: String) { routes(first: 1, after: $after) { nodes { name } edges { cursor node { id shared targets { upstream { name } } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }', { after });
      return at(reply.data, 'routes');
    };
    const seen: string[] = [];
    let after: string | null = null;
    for (let turn = 0; turn < 20; turn++) {
      const here: Json = await page(after);
      const cursor = textAt(here, 'edges', 0, 'cursor');
      seen.push(textAt(here, 'nodes', 0, 'name'));
      const hasNextPage = at(here, 'pageInfo', 'hasNextPage');
      if (!list(at(here, 'edges')).some((edge) => textAt(edge, 'node', 'id') === cursor)) throw new Error('The cursor is not of this row.');
      expect(at(here, 'pageInfo')).toEqual({ hasNextPage, hasPreviousPage: false, startCursor: cursor, endCursor: cursor });
      if (hasNextPage !== true) break;
      if (seen.at(-1) === 'b') await as('blue', 'mutation($id: ID!) { routeDelete(input: {id: $id}) { removedId } }', { id: cursor });
      after = cursor;
    }
    expect(seen.filter((name) => ['a', 'b', 'c'].includes(name))).toEqual(['c', 'b', 'a']);
  });
});

function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error(`This is no list: ${JSON.stringify(value)}`);
  return value;
}
