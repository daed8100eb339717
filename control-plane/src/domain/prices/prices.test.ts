import { newId, ulid } from '@fairlead/shared/id.ts';
import { usageReport } from '@fairlead/shared/node-api/operations.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../../testing/test-database.ts';
import { enrollTestNode } from '../../testing/test-node.ts';
import type { TestNode } from '../../testing/test-node.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';
import { priceUnpriced } from './back-fill.ts';

const start = Date.UTC(2026, 10, 21, 10);

describe.each(databaseKinds)('prices on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  let who: { tenantId: string; keyId: string; upstreamId: string };
  const clock = new TestClock(start);

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    node = await enrollTestNode(t);
    const made = await t.asOperator('mutation { keyCreate(input: {name: "k"}) { key { id tenant { id } } } }');
    const upstream = await t.plane.domain.db.client.upstream.findFirstOrThrow();
    who = { keyId: textAt(made.data, 'keyCreate', 'key', 'id'), tenantId: textAt(made.data, 'keyCreate', 'key', 'tenant', 'id'), upstreamId: upstream.id };
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const bootId = `bot_${ulid()}`;
  let seq = 0;
  const used = async (model: string, change: Partial<UsageEvent> = {}) => {
    const event: UsageEvent = {
      id: newId('usageEvent', clock.now()), exchangeId: newId('exchange', clock.now()), attempt: 1, seq: ++seq, ...who, modelAsked: model, modelUsed: model, region: 'local', startedAt: clock.now(), endedAt: clock.now() + 50, outcome: 'OK', httpStatus: 200,
      input: 1_000, output: 100, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '0', reservedNano: '0', excessNano: '0', estimated: false, unpriced: true, revision: 1, ...change,
    };
    const reply = await node.call(usageReport, { batch: await node.sealed('fairlead/usage/1', { batchId: newId('batch'), nodeId: node.id, bootId, events: [event] }) });
    if (reply.errors.length > 0 || at(reply.data, 'usageReport', 'ackedSeq') !== seq) throw new Error(reply.text);
    return event;
  };
  const set = async (input: Record<string, unknown>, mutation = 'priceSet') => {
    const reply = await t.asOperator(`mutation($input: PriceSetInput!) { ${mutation}(input: $input) { ${mutation === 'priceSet' ? 'price { id source }' : 'effectiveAt unpricedAttempts unpricedCost { amount } replaces { id }'} userErrors { code message path } } }`, { input });
    if (reply.errors.length > 0) throw new Error(reply.text);
    return at(reply.data, mutation);
  };
  const unpriced = async () => at((await t.asOperator('{ unpricedModels { model attempts since inputTokens } }')).data, 'unpricedModels');
  const explained = async (exchangeId: string) => at((await t.asOperator('query($id: ID!) { exchange(id: $id) { unpriced cost { amount } charges { cost { amount } unpriced explained { basis service fromTokens sum total { amount } agrees multipliers { subject multiplier } parts { kind count perMillion { amount } amount } } } } }', { id: exchangeId })).data, 'exchange');

  test.skipIf(missing)('use without a price is shown and told once, charged once when a price covers it, and then explained', async () => {
    const { client } = t.plane.domain.db;
    const hoursBefore = (await client.costHour.findMany()).reduce((sum, row) => sum + row.costNano, 0n);
    const first = await used('new-model', { repo: 'acme/harbour', sessionId: 'ses-1', units: { 'web-search': 2 }, serviceAsked: 'priority', times: { tenant: 1_500_000 } });
    clock.advance(60_000);
    const second = await used('new-model', { input: 300_000 });
    expect(await unpriced()).toEqual([{ model: 'new-model', attempts: 2, since: new Date(start).toISOString(), inputTokens: 301_000 }]);
    expect(await client.auditEntry.count({ where: { action: 'model.unpriced' } })).toBe(1);
    // A price from now on covers nothing of before.
    clock.advance(60_000);
    expect(await priceUnpriced(t.plane.domain)).toBe(0);
    const price = {
      modelName: 'new-model', input: '1', output: '10', effectiveAt: new Date(start).toISOString(), units: [{ kind: 'web-search', price: '10000' }], services: [{ name: 'priority', multiplier: '2' }],
      steps: [{ fromTokens: 200_001, input: '3', output: '20' }],
    };
    // (1000 × $1 + 100 × $10) / 1e6 × 2 + 2 searches at 1 cent, half as much again; and 300,000 at $3, 100 at $20.
    const one = ((0.002 * 2 + 0.02) * 1.5).toFixed(3);
    const two = (0.9 + 0.002).toFixed(3);
    expect(await set(price, 'pricePreview')).toMatchObject({ unpricedAttempts: 2, unpricedCost: { amount: '0.938' }, replaces: null, userErrors: [] });
    expect(await set(price)).toMatchObject({ price: { source: 'hand' }, userErrors: [] });
    await Promise.all([priceUnpriced(t.plane.domain), priceUnpriced(t.plane.domain), priceUnpriced(t.plane.domain)]);
    expect(await unpriced()).toEqual([]);
    expect(await explained(first.exchangeId)).toEqual({
      unpriced: false, cost: { amount: one }, charges: [{
        cost: { amount: one }, unpriced: false,
        explained: {
          basis: 'READING', service: 'priority', fromTokens: 0, sum: '0.024', total: { amount: one }, agrees: true, multipliers: [{ subject: 'TENANT', multiplier: '1.5' }],
          parts: [{ kind: 'input', count: 1_000, perMillion: { amount: '1.00' }, amount: '0.002' }, { kind: 'output', count: 100, perMillion: { amount: '10.00' }, amount: '0.002' }, { kind: 'web-search', count: 2, perMillion: { amount: '10000.00' }, amount: '0.02' }],
        },
      }],
    });
    expect(await explained(second.exchangeId)).toMatchObject({ cost: { amount: two }, charges: [{ explained: { fromTokens: 200_001, agrees: true } }] });
    const hours = (await client.costHour.findMany()).reduce((sum, row) => sum + row.costNano, 0n);
    expect(hours - hoursBefore).toBe(938_000_000n);
    for (const rows of [await client.labelHour.findMany(), await client.labelDay.findMany()]) expect(rows.map(({ repo, costNano, requests, unpriced: left }) => [repo, costNano, requests, left])).toEqual([['acme/harbour', 36_000_000n, 1, 0]]);
    // The books say the same, and are balanced.
    const centres = await client.costDay.findMany();
    expect([centres.reduce((sum, row) => sum + row.costNano, 0n), centres.reduce((sum, row) => sum + row.unpriced, 0)]).toEqual([hours, 0]);
    const accounts = await client.accountBalance.findMany();
    expect([accounts.reduce((sum, row) => sum + row.balanceNano, 0n), accounts.find((row) => row.account === 'UPSTREAM')?.balanceNano]).toEqual([0n, hours]);
    // The next model without a price, or this one again, is told again.
    expect(await client.unpricedModel.count()).toBe(0);
  });

  test.skipIf(missing)('of two attempts of one exchange it stays unpriced until both are charged', async () => {
    const first = await used('half-a');
    await used('half-b', { exchangeId: first.exchangeId, attempt: 2 });
    await set({ modelName: 'half-a', input: '1', output: '1' });
    expect(await explained(first.exchangeId)).toMatchObject({ unpriced: true, cost: { amount: '0.0011' } });
    await set({ modelName: 'half-b', input: '1', output: '1' });
    expect(await explained(first.exchangeId)).toMatchObject({ unpriced: false, cost: { amount: '0.0022' } });
  });

  test.skipIf(missing)('a budget that bound the key at the time is charged up to its limit, the rest is excess; one that came later is not charged', async () => {
    const { client } = t.plane.domain.db;
    const own = textAt((await t.asOperator('mutation { keyCreate(input: {name: "bound", budget: {limit: "0.001", window: DAY}}) { key { id } } }')).data, 'keyCreate', 'key', 'id');
    clock.advance(1_000);
    const quota = await client.quota.findFirstOrThrow({ where: { subjectId: own } });
    const day = new Date(Math.floor(clock.now() / 86_400_000) * 86_400_000);
    await client.budget.create({ data: { id: newId('budget'), quotaId: quota.id, windowKey: 'a-day', startsAt: day, endsAt: new Date(day.getTime() + 86_400_000), limitNano: 1_000_000n, spentNano: 300_000n, escrowNano: 200_000n } });
    await used('late', { keyId: own });
    clock.advance(1_000);
    await t.asOperator('mutation($id: ID!) { quotaSet(input: {subject: {keyId: $id}, limit: "5", window: TOTAL}) { userErrors { code } } }', { id: own });
    const later = await client.quota.findFirstOrThrow({ where: { subjectId: own, window: 'TOTAL' } });
    await client.budget.create({ data: { id: newId('budget'), quotaId: later.id, windowKey: 'all', startsAt: new Date(0), limitNano: 5_000_000_000n } });
    await set({ modelName: 'late', input: '1', output: '0', effectiveAt: new Date(clock.now() - 10_000).toISOString() });
    expect(await client.budget.findFirst({ where: { quotaId: quota.id } })).toMatchObject({ spentNano: 800_000n, escrowNano: 200_000n, excessNano: 500_000n });
    expect(await client.budget.findFirst({ where: { quotaId: later.id } })).toMatchObject({ spentNano: 0n, excessNano: 0n });
  });

  test.skipIf(missing)('a price to come is kept for its moment; what has counted cannot be rewritten', async () => {
    const soon = new Date(clock.now() + 3_600_000).toISOString();
    const first = await set({ modelName: 'planned', input: '1', output: '1' });
    expect(await set({ modelName: 'planned', input: '2', output: '2', effectiveAt: soon })).toMatchObject({ userErrors: [] });
    expect(await set({ modelName: 'planned', input: '3', output: '3', effectiveAt: soon })).toMatchObject({ price: null, userErrors: [{ code: 'TAKEN', path: ['effectiveAt'] }] });
    clock.advance(1_000);
    expect(await set({ modelName: 'planned', input: '3', output: '3', effectiveAt: new Date(clock.now()).toISOString() })).toMatchObject({ userErrors: [] });
    clock.advance(1_000);
    expect(await set({ modelName: 'planned', input: '3', output: '3', effectiveAt: new Date(clock.now() - 500).toISOString() })).toMatchObject({ price: null, userErrors: [{ code: 'INVALID', path: ['effectiveAt'] }] });
    const current = at((await t.asOperator('{ prices(modelName: "planned", current: true) { nodes { id input { amount } } } }')).data, 'prices', 'nodes');
    expect(current).toMatchObject([{ input: { amount: '3.00' } }, { input: { amount: '2.00' } }]);
    expect(JSON.stringify(current)).not.toContain(textAt({ first }, 'first', 'price', 'id'));
  });

  test.skipIf(missing)('the bundled library is taken over on purpose only; what was set by hand stays until it is given back', async () => {
    await t.asOperator('mutation { modelUpsert(input: {name: "claude-opus-4-5"}) { model { id } } }');
    await set({ modelName: 'claude-sonnet-4-5', input: '9', output: '9' });
    const refresh = async (apply: boolean) => at((await t.asOperator('mutation($apply: Boolean!) { pricesRefresh(input: {apply: $apply}) { source applied kept changes { modelName before { id } after { input { amount } } } userErrors { code } } }', { apply })).data, 'pricesRefresh');
    const preview = await refresh(false);
    expect(preview).toMatchObject({ applied: false, kept: ['claude-sonnet-4-5'] });
    expect(at(preview, 'source')).toMatch(/^library:@pydantic\/genai-prices@\d/);
    expect(at(preview, 'changes')).toContainEqual({ modelName: 'claude-opus-4-5', before: null, after: { input: { amount: '5.00' } } });
    expect(await t.plane.domain.db.client.price.count({ where: { modelName: 'claude-opus-4-5' } })).toBe(0);
    expect(await refresh(true)).toMatchObject({ applied: true });
    expect(await refresh(true)).toMatchObject({ changes: [], kept: ['claude-sonnet-4-5'] });
    const reset = await t.asOperator('mutation { priceReset(input: {modelName: "claude-sonnet-4-5"}) { price { source input { amount } steps { fromTokens } } userErrors { code } } }');
    expect(at(reset.data, 'priceReset', 'price')).toMatchObject({ source: at(preview, 'source'), input: { amount: '3.00' }, steps: [{ fromTokens: 200_001 }] });
    expect(at((await t.asOperator('mutation { priceReset(input: {modelName: "nobody-knows"}) { userErrors { code path } } }')).data, 'priceReset', 'userErrors')).toEqual([{ code: 'NOT_FOUND', path: ['modelName'] }]);
  });

  test.skipIf(missing)('multipliers are the operator\'s to set for tenants and keys, and each sees only what counts for it', async () => {
    const made = await t.asOperator('mutation { tenantCreate(input: {name: "Other"}) { tenant { id } owner { id } } }');
    const other = textAt(made.data, 'tenantCreate', 'tenant', 'id');
    const token = await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: other, operator: false });
    const asOther = (query: string, variables?: Record<string, unknown>) => t.send(query, variables, { authorization: `Bearer ${token}` });
    const setFor = 'mutation($input: PriceMultiplierSetInput!) { priceMultiplierSet(input: $input) { multiplier { multiplier version } userErrors { code path } } }';
    const by = async (input: Record<string, string>) => at((await t.asOperator(setFor, { input })).data, 'priceMultiplierSet');
    expect(await by({ tenantId: other, multiplier: '1.25' })).toEqual({ multiplier: { multiplier: '1.25', version: 1 }, userErrors: [] });
    expect(await by({ keyId: who.keyId, multiplier: '0.5' })).toMatchObject({ userErrors: [] });
    expect(at((await asOther('{ priceMultipliers { subjectId multiplier } unpricedModels { model } }')).data)).toEqual({ priceMultipliers: [{ subjectId: other, multiplier: '1.25' }], unpricedModels: [] });
    expect(at((await asOther(setFor, { input: { tenantId: other, multiplier: '0.01' } })).data, 'priceMultiplierSet', 'userErrors')).toEqual([{ code: 'FORBIDDEN', path: ['tenantId'] }]);
    for (const multiplier of ['0', '100.000001', '-1', 'much', '0.0000001']) expect(await by({ tenantId: other, multiplier })).toEqual({ multiplier: null, userErrors: [{ code: 'INVALID', path: ['multiplier'] }] });
    expect(await by({ tenantId: other, multiplier: '1' })).toEqual({ multiplier: null, userErrors: [] });
    expect(await t.plane.domain.db.client.priceMultiplier.count()).toBe(1);
  });
});
