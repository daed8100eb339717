import { newId, ulid } from '@fairlead/shared/id.ts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { applyUsage } from '../ingest/apply.ts';
import { holdersOf } from '../ingest/holders.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { openTestPlane } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { postUnposted } from './post-unposted.ts';

const start = Date.UTC(2026, 10, 20, 23, 30);
const forever = new AbortController().signal;

for (const { name, base, missing } of databaseKinds) describe(`usage from before the ledger on ${name}`, () => {
  let t: TestPlane;
  let tenantId = '';
  let keyId = '';

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base });
    const { client } = t.plane.domain.db;
    // The job that runs at every start would otherwise take what comes below.
    await vi.waitFor(async () => expect(await client.setting.count({ where: { name: 'ledger.posted' } })).toBe(1), 30_000);
    tenantId = (await client.member.findFirstOrThrow({ where: { operator: true } })).tenantId;
    keyId = newId('key');
    await client.key.create({ data: { id: keyId, tenantId, name: 'old', hint: 'flk_', digest: keyId, tags: ['team:harbour'] } });
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const eventOf = (seq: number) => ({
    id: newId('usageEvent', start), exchangeId: newId('exchange', start), attempt: 1, seq, tenantId, keyId, upstreamId: 'ups_x', modelAsked: 'm', modelUsed: `m${seq % 3}`, region: 'local', outcome: 'OK' as const, revision: 1, estimated: seq % 4 === 0, unpriced: false,
  });
  /** Rows as ingest left them before there were cost centres. */
  const before = (count: number) => t.plane.domain.db.client.usageEvent.createMany({ data: Array.from({ length: count }, (_, at) => ({
    ...eventOf(at + 1), nodeId: 'nod_old', bootId: 'bot_old', ingestId: 'ing_old', startedAt: new Date(start + at * 5_000), endedAt: new Date(start + at * 5_000 + 900), inputTokens: 10n, costNano: 1_000n + BigInt(at), excessNano: BigInt(at % 2),
  })) });
  /** As on a start that has not been there: the job marks that it is done. */
  const forget = () => t.plane.domain.db.client.setting.deleteMany({ where: { name: 'ledger.posted' } });
  const books = async () => {
    const { client } = t.plane.domain.db;
    const sum = (rows: { costNano: bigint; requests: number }[]) => [rows.reduce((all, row) => all + row.requests, 0), rows.reduce((all, row) => all + row.costNano, 0n)];
    const balances = Object.fromEntries((await client.accountBalance.findMany({ where: { tenantId } })).map((row) => [row.account, row.balanceNano]));
    return { hours: sum(await client.costHour.findMany()), days: sum(await client.costDay.findMany()), balances, unposted: await client.usageEvent.count({ where: { centreId: null } }) };
  };

  test.skipIf(missing)('it is posted once, however many do it at once, beside new usage, and goes on where it was stopped', async () => {
    const { domain } = t.plane;
    await before(1_200);
    const old = Array.from({ length: 1_200 }, (_, at) => 1_000n + BigInt(at)).reduce((sum, cost) => sum + cost, 0n);
    expect((await books()).hours).toEqual([0, 0n]);
    await forget();
    // Stopped before it began, it has done nothing and says so to the next.
    expect(await postUnposted(domain, AbortSignal.abort())).toBe(0);
    const { estimated, ...event } = eventOf(1);
    const fresh = [{ ...event, estimated, startedAt: start, endedAt: start + 1, httpStatus: 200, input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '7', reservedNano: '0', excessNano: '0' }];
    const [first, second] = await Promise.all([
      postUnposted(domain, forever), postUnposted(domain, forever),
      applyUsage(domain, { nodeId: 'nod_new', bootId: `bot_${ulid()}`, ingestId: newId('ingest'), events: fresh, poison: [], holders: await holdersOf(domain, fresh) }),
    ]);
    expect(first + second).toBe(1_200);
    const after = await books();
    expect(after).toMatchObject({ hours: [1_201, old + 7n], days: [1_201, old + 7n], unposted: 0 });
    expect(after.balances).toEqual({ TENANT: -(old + 7n), EXCESS: -600n, UPSTREAM: old + 7n + 600n });
    // It knows the key's tags, as new usage does.
    const centres = await domain.db.client.costCentre.findMany({ where: { keyId } });
    expect(centres.map((row) => row.tags)).toEqual(centres.map(() => ['team:harbour']));
    expect(await postUnposted(domain, forever)).toBe(0);
    expect(await books()).toEqual(after);
  });

  test.skipIf(missing)('what is posted already is not posted again when the mark that it is done was lost', async () => {
    const before = await books();
    await forget();
    expect(await postUnposted(t.plane.domain, forever)).toBe(0);
    expect(await books()).toEqual(before);
    expect(await t.plane.domain.db.client.setting.count({ where: { name: 'ledger.posted' } })).toBe(1);
  });
});
