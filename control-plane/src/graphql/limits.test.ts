// Limits of keys and accounts: set, read again, told to the nodes, taken away; on every database.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { readPublished } from '../testing/published.ts';
import { at, openTestPlane, textAt, tokenFor } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

const keyFields = 'requestsPerMinute tokensPerMinute concurrent sessions clients';
const tenantFields = 'requestsPerMinute tokensPerMinute concurrent models';

describe.each(databaseKinds)('limits on $name', ({ base, missing }) => {
  let t: TestPlane;
  beforeAll(async () => {
    if (!missing) t = await openTestPlane({ base });
  });
  afterAll(() => t?.close());
  const told = () => readPublished(t.plane);

  test.skipIf(missing)('of a key reach the nodes, and null takes each away', async () => {
    const made = await t.asOperator(`mutation { keyCreate(input: {name: "k", requestsPerMinute: 5, tokensPerMinute: 70000, concurrent: 3, sessions: 2, clients: ["Claude-Code", "*-sdk"]}) { key { id ${keyFields} } } }`);
    const id = textAt(made.data, 'keyCreate', 'key', 'id');
    const limits = { requestsPerMinute: 5, tokensPerMinute: 70_000, concurrent: 3, sessions: 2, clients: ['claude-code', '*-sdk'] };
    expect(at(made.data, 'keyCreate', 'key')).toEqual({ id, ...limits });
    expect((await told()).keys.find((key) => key.id === id)).toMatchObject(limits);
    const changed = await t.asOperator(`mutation($id: ID!) { keyUpdate(input: {id: $id, sessions: 9}) { key { ${keyFields} } } }`, { id });
    expect(at(changed.data, 'keyUpdate', 'key')).toEqual({ ...limits, sessions: 9 });
    const freed = await t.asOperator(`mutation($id: ID!) { keyUpdate(input: {id: $id, requestsPerMinute: null, tokensPerMinute: null, concurrent: null, sessions: null, clients: null}) { key { ${keyFields} } } }`, { id });
    expect(at(freed.data, 'keyUpdate', 'key')).toEqual({ requestsPerMinute: null, tokensPerMinute: null, concurrent: null, sessions: null, clients: null });
    const key = (await told()).keys.find((row) => row.id === id);
    for (const name of Object.keys(limits)) expect(key).not.toHaveProperty(name);
  });

  test.skipIf(missing)('of an account are loosened by an operator alone', async () => {
    const made = await t.asOperator('mutation { tenantCreate(input: {name: "Guests"}) { tenant { id } owner { id } } }');
    const id = textAt(made.data, 'tenantCreate', 'tenant', 'id');
    const token = await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: id, operator: false });
    const change = async (input: string, as?: string) => {
      const query = `mutation($id: ID!) { tenantUpdate(input: {id: $id, ${input}}) { tenant { ${tenantFields} } userErrors { code path message } } }`;
      return at((await (as ? t.send(query, { id }, { authorization: `Bearer ${as}` }) : t.asOperator(query, { id }))).data, 'tenantUpdate');
    };
    const limits = { requestsPerMinute: 100, tokensPerMinute: 1_000_000, concurrent: 10, models: ['claude-*'] };
    expect(await change('requestsPerMinute: 100, tokensPerMinute: 1000000, concurrent: 10, models: ["claude-*"]')).toEqual({ tenant: limits, userErrors: [] });
    expect((await told()).tenants.find((tenant) => tenant.id === id)).toEqual({ id, status: 'ACTIVE', ...limits });
    expect(await change('requestsPerMinute: 50', token)).toEqual({ tenant: { ...limits, requestsPerMinute: 50 }, userErrors: [] });
    for (const [input, path] of [['requestsPerMinute: 51', 'requestsPerMinute'], ['tokensPerMinute: null', 'tokensPerMinute'], ['concurrent: 11', 'concurrent'], ['models: null', 'models']] as const) {
      expect(await change(input, token)).toMatchObject({ tenant: null, userErrors: [{ code: 'FORBIDDEN', path: [path] }] });
    }
    expect(await change('requestsPerMinute: null, tokensPerMinute: null, concurrent: null, models: null')).toEqual({ tenant: { requestsPerMinute: null, tokensPerMinute: null, concurrent: null, models: null }, userErrors: [] });
    expect((await told()).tenants.find((tenant) => tenant.id === id)).toEqual({ id, status: 'ACTIVE' });
  });

  test.skipIf(missing)('of an account count when a route is tried out', async () => {
    const id = textAt((await t.asOperator('{ tenant { id } }')).data, 'tenant', 'id');
    await t.asOperator('mutation($id: ID!) { tenantUpdate(input: {id: $id, models: ["gpt-*"]}) { tenant { id } } }', { id });
    const tried = async () => (await t.asOperator('{ routeSimulate(input: {model: "claude-haiku-5-5"}) { problem userErrors { message } } }')).text;
    expect(await tried()).toContain('The account may use: gpt-*');
    await t.asOperator('mutation($id: ID!) { tenantUpdate(input: {id: $id, models: null}) { tenant { id } } }', { id });
    expect(await tried()).not.toContain('The account may use');
  });
});
