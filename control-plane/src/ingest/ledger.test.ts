import { toBigInt } from '@fairlead/prisma';
import { newId, ulid } from '@fairlead/shared/id.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { applyUsage } from './apply.ts';
import { holdersOf } from './holders.ts';

const start = Date.UTC(2026, 10, 21, 9, 59, 57);

describe.each(databaseKinds)('the ledger on $name', ({ base, missing }) => {
  let t: TestPlane;
  let who: { tenantId: string; upstreamId: string };
  const keys: string[] = [];

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock: new TestClock(start + 60_000) });
    who = { tenantId: '', upstreamId: (await t.plane.domain.db.client.upstream.findFirstOrThrow()).id };
    for (const tags of [[], ['repo:harbour', 'ticket:H-7']]) {
      const made = await t.asOperator('mutation($tags: [String!]) { keyCreate(input: {name: "k", tags: $tags}) { key { id tenant { id } } } }', { tags });
      keys.push(textAt(made.data, 'keyCreate', 'key', 'id'));
      who.tenantId = textAt(made.data, 'keyCreate', 'key', 'tenant', 'id');
    }
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const eventOf = (seq: number, change: Partial<UsageEvent> = {}): UsageEvent => ({
    id: newId('usageEvent', start), exchangeId: newId('exchange', start), attempt: 1, seq, ...who, keyId: keys[seq % 2] ?? '', modelAsked: 'm', modelUsed: `m${seq % 3}`, region: 'local', startedAt: start + seq * 100, endedAt: start + seq * 100 + 50, outcome: 'OK', httpStatus: 200,
    input: 10, output: seq, cacheRead: 1, cacheWrite5m: 2, cacheWrite1h: 3, reasoning: 0, costNano: String(9_007_199_254_740_993n + BigInt(seq)), reservedNano: '0', excessNano: String(seq % 5), estimated: seq % 7 === 0, unpriced: false, revision: 1, ...change,
  });
  const apply = async (nodeId: string, bootId: string, events: UsageEvent[]) => applyUsage(t.plane.domain, { nodeId, bootId, ingestId: newId('ingest'), events, poison: [], holders: await holdersOf(t.plane.domain, events) });
  const sums = async () => {
    const { sql, client } = t.plane.domain.db;
    const one = async (text: string) => toBigInt((await sql.queryRaw(client, text))[0]?.sum);
    const balances = Object.fromEntries((await client.accountBalance.findMany({ where: { tenantId: who.tenantId } })).map((row) => [row.account, row.balanceNano]));
    return {
      balances, all: await one('SELECT SUM(balance_nano) AS sum FROM account_balance'), hours: await one('SELECT SUM(cost_nano) AS sum FROM cost_hour'), days: await one('SELECT SUM(cost_nano) AS sum FROM cost_day'), excess: await one('SELECT SUM(excess_nano) AS sum FROM cost_hour'), requests: await one('SELECT SUM(requests) AS sum FROM cost_hour'),
      events: await one('SELECT SUM(cost_nano) AS sum FROM usage_event'), estimated: await one('SELECT SUM(estimated_nano) AS sum FROM cost_hour'), labelHours: await one('SELECT SUM(cost_nano) AS sum FROM label_hour'), labelDays: await one('SELECT SUM(cost_nano) AS sum FROM label_day'), named: await one("SELECT SUM(requests) AS sum FROM label_hour WHERE repo = 'harbour' AND ticket = 'H-7'"),
    };
  };

  test.skipIf(missing)('charges are posted once under repeats, other orders, many writers and aborted transactions, and add up to zero', async () => {
    const { domain } = t.plane;
    const boots = ['nod_a', 'nod_b'].map((nodeId) => ({ nodeId, bootId: `bot_${ulid()}`, events: Array.from({ length: 90 }, (_, index) => eventOf(index + 1)) }));
    // Every third transaction is aborted at its end, as when a process dies before it commits.
    const { db } = domain;
    let tries = 0;
    domain.db = { ...db, transaction: (work, options) => db.transaction(async (tx) => { const value = await work(tx); if (++tries % 3 === 0) throw new Error('aborted'); return value; }, options) };
    const deliveries = boots.flatMap(({ nodeId, bootId, events }) => [events.slice(50), events.slice(0, 40), events.slice(30, 70), [...events].reverse(), events.slice(10, 12)].map((part) => async () => {
      for (;;) {
        try { return await apply(nodeId, bootId, part); } catch (cause) { if (!(cause instanceof Error && cause.message === 'aborted')) throw cause; }
      }
    }));
    await Promise.all(deliveries.map((deliver) => deliver()));
    domain.db = db;
    const cost = boots.flatMap(({ events }) => events).reduce((sum, event) => sum + BigInt(event.costNano), 0n);
    const excess = boots.flatMap(({ events }) => events).reduce((sum, event) => sum + BigInt(event.excessNano), 0n);
    const estimated = boots.flatMap(({ events }) => events).reduce((sum, event) => sum + (event.estimated ? BigInt(event.costNano) : 0n), 0n);
    // Every second event is of the key that says what its requests are for.
    const named = boots.flatMap(({ events }) => events).reduce((sum, event) => sum + (event.keyId === keys[1] ? BigInt(event.costNano) : 0n), 0n);
    expect(await sums()).toEqual({ balances: { TENANT: -cost, EXCESS: -excess, UPSTREAM: cost + excess }, all: 0n, hours: cost, days: cost, excess, requests: 180n, events: cost, estimated, labelHours: named, labelDays: named, named: 90n });
    expect(tries).toBeGreaterThan(10);
  });

  test.skipIf(missing)('a charge knows the member and the tags that its key had then, also when they change', async () => {
    const bootId = `bot_${ulid()}`;
    const [before, after] = [eventOf(1), eventOf(3)];
    await apply('nod_a', bootId, [before]);
    await t.asOperator('mutation($id: ID!) { keyUpdate(input: {id: $id, tags: ["repo:quay"]}) { key { id } } }', { id: before.keyId });
    await apply('nod_a', bootId, [after]);
    const { client } = t.plane.domain.db;
    const tagsOf = async (id: string) => {
      const { centreId } = await client.usageEvent.findUniqueOrThrow({ where: { id } });
      const { tags, memberId } = await client.costCentre.findUniqueOrThrow({ where: { id: centreId ?? '' } });
      return [tags, memberId];
    };
    expect(await tagsOf(before.id)).toEqual([['repo:harbour', 'ticket:H-7'], t.plane.seeded.ownerId]);
    expect(await tagsOf(after.id)).toEqual([['repo:quay'], t.plane.seeded.ownerId]);
  });

  test.skipIf(missing)('a charge of a pool\'s key is the pool\'s', async () => {
    const poolId = newId('pool');
    await apply('nod_a', `bot_${ulid()}`, [eventOf(1, { poolId, costNano: '700' })]);
    expect((await sums()).balances.POOL).toBe(-700n);
    expect((await sums()).all).toBe(0n);
  });

  test.skipIf(missing)('events that are set aside are told of once', async () => {
    const { client } = t.plane.domain.db;
    const count = () => client.auditEntry.count({ where: { action: 'usage.set-aside' } });
    const bootId = `bot_${ulid()}`;
    const ingest = { nodeId: 'nod_a', bootId, events: [], poison: [{ seq: 1, reason: 'not-an-amount', body: '{}' }], holders: new Map() };
    await applyUsage(t.plane.domain, { ...ingest, ingestId: newId('ingest') });
    await applyUsage(t.plane.domain, { ...ingest, ingestId: newId('ingest') });
    expect(await count()).toBe(1);
    expect(at((await t.asOperator('{ auditEntries(first: 200) { nodes { action detail } } }')).data, 'auditEntries', 'nodes')).toContainEqual({ action: 'usage.set-aside', detail: { bootId, count: 1, reasons: ['not-an-amount'] } });
  });
});
