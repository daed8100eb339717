import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { newId, ulid } from '@fairlead/shared/id.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyUsage } from '../../ingest/apply.ts';
import { holdersOf } from '../../ingest/holders.ts';
import { databaseKinds } from '../../testing/test-database.ts';
import { openTestPlane } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';
import { reportUsage } from '../usage/report.ts';
import type { LabelFilter } from './labelled.ts';
import { periodsOf, readSpan } from './period.ts';
import { reportCosts } from './report.ts';
import type { CostDimension } from './report.ts';
import { readStatement } from './statement.ts';
import type { CostSums } from './sums.ts';

const start = Date.UTC(2026, 8, 28, 3);
const hour = 3_600_000, day = 24 * hour;

for (const { name, base, missing } of databaseKinds) describe(`sums on ${name}`, () => {
  let t: TestPlane;
  let tenantId = '';
  const events: UsageEvent[] = [];
  // Half a pair of surrogates is one and the same text to a database, wherever it stood.
  const said: Partial<UsageEvent>[] = [{ repo: 'acme/harbour', branch: 'main', sessionId: 'ses-1' }, {}, { repo: 'acme/harbour', branch: 'größe' }, { sessionId: 'ses-2' }, { ticket: 'T-1', sessionId: 'ses-1\ud83d' }, { ticket: 'T-1', sessionId: 'ses-1\udc00' }, { repo: 'r'.repeat(120), sessionId: 'ses-1' }];

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock: new TestClock(start + 60 * day) });
    const { domain } = t.plane;
    tenantId = (await domain.db.client.member.findFirstOrThrow({ where: { operator: true } })).tenantId;
    const keys = [newId('key'), newId('key')];
    await domain.db.client.key.createMany({ data: keys.map((id, at) => ({ id, tenantId, name: `k${at}`, hint: 'flk_', digest: id })) });
    // Every seven hours for forty days: in days that are whole, and in those that are not.
    for (let at = start, seq = 1; at < start + 40 * day; at += 7 * hour, seq++) events.push({
      id: newId('usageEvent', at), exchangeId: newId('exchange', at), attempt: 1, seq, tenantId, keyId: keys[seq % 2] ?? '', upstreamId: 'ups_x', modelAsked: 'm', modelUsed: `m${seq % 3}`, region: 'local', startedAt: at + 11 * 60_000, endedAt: at + 12 * 60_000, outcome: 'OK', httpStatus: 200,
      input: seq, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: String(9_007_199_254_740_993n + BigInt(seq)), reservedNano: '0', excessNano: '0', estimated: seq % 3 === 0, unpriced: false, revision: 1, ...said[seq % said.length],
    });
    await applyUsage(domain, { nodeId: 'nod_x', bootId: `bot_${ulid()}`, ingestId: newId('ingest'), events, poison: [], holders: await holdersOf(domain, events) });
  });
  afterAll(async () => { if (!missing) await t.close(); });

  /** Cost by period and model, added up here from the events. */
  const expected = (from: Date, to: Date, starts: readonly Date[]) => {
    const sums: Record<string, bigint> = {};
    for (const event of events) {
      if (event.startedAt < from.getTime() || event.startedAt >= to.getTime()) continue;
      const at = starts.findLast((one) => one.getTime() <= event.startedAt);
      const group = `${at?.toISOString()} ${event.modelUsed}`;
      sums[group] = (sums[group] ?? 0n) + BigInt(event.costNano);
    }
    return sums;
  };
  const spans: [string, string, string][] = [['2026-09-29T00:00', '2026-10-30T00:00', 'UTC'], ['2026-09-28T05:00', '2026-11-02T19:00', 'UTC'], ['2026-10-02T22:00', '2026-10-02T23:00', 'UTC'], ['2026-09-29T22:00', '2026-11-03T23:00', 'Europe/Berlin']];

  for (const [from, to, timeZone] of spans) for (const period of ['DAY', 'MONTH', null] as const) test.skipIf(missing)(`from ${from} to ${to} by ${period ?? 'nothing'} in ${timeZone} every charge counts once, in its period`, async () => {
    const span = readSpan({ from: new Date(`${from}Z`), to: new Date(`${to}Z`), timeZone });
    for (const whose of [tenantId, null]) {
      const { rows, totals } = await reportCosts(t.plane.domain, { tenantId: whose, span, period, by: ['MODEL'] });
      const starts = period ? [...new Set(rows.map((row) => row.at?.getTime() ?? 0))].map((ms) => new Date(ms)).sort((a, b) => a.getTime() - b.getTime()) : [span.from];
      const wanted = expected(span.from, span.to, starts);
      expect(Object.fromEntries(rows.map((row) => [`${(row.at ?? span.from).toISOString()} ${row.by[0]?.value}`, row.costNano]))).toEqual(wanted);
      expect(totals.costNano).toBe(Object.values(wanted).reduce((sum, cost) => sum + cost, 0n));
    }
  });

  const told: [CostDimension, (event: UsageEvent) => string | undefined][] = [['REPO', (event) => event.repo?.slice(0, 100)], ['BRANCH', (event) => event.branch], ['TICKET', (event) => event.ticket], ['SESSION', (event) => event.sessionId?.toWellFormed()], ['MODEL', (event) => event.modelUsed], ['TENANT', (event) => event.tenantId]];
  const asked: { by: CostDimension[]; only?: LabelFilter }[] = [
    { by: ['REPO'] }, { by: ['SESSION'] }, { by: ['TICKET', 'BRANCH', 'MODEL'] }, { by: ['TENANT', 'REPO', 'SESSION'] }, { by: ['MODEL'], only: { sessionId: 'ses-1' } }, { by: [], only: { repo: 'acme/harbour' } }, { by: ['REPO'], only: { repo: 'acme/harbour', branch: 'main' } }, { by: ['SESSION'], only: { ticket: 'T-1' } },
  ];
  for (const [from, to, timeZone] of spans) for (const period of ['DAY', 'MONTH', null] as const) test.skipIf(missing)(`from ${from} to ${to} by ${period ?? 'nothing'} in ${timeZone} sums by label are those of the charges`, async () => {
    const span = readSpan({ from: new Date(`${from}Z`), to: new Date(`${to}Z`), timeZone });
    const starts = period ? periodsOf(span, period) : [];
    const within = events.filter((event) => event.startedAt >= span.from.getTime() && event.startedAt < span.to.getTime());
    for (const whose of [tenantId, null]) for (const { by, only } of asked) {
      const fits = within.filter((event) => (!only?.repo || event.repo === only.repo) && (!only?.branch || event.branch === only.branch) && (!only?.ticket || event.ticket === only.ticket) && (!only?.sessionId || event.sessionId === only.sessionId));
      const wanted: Record<string, bigint[]> = {};
      const add = (name: string, event: UsageEvent) => { const sums = (wanted[name] ??= [0n, 0n, 0n, 0n]); [1n, BigInt(event.input), BigInt(event.costNano), event.estimated ? BigInt(event.costNano) : 0n].forEach((more, at) => { sums[at] = (sums[at] ?? 0n) + more; }); };
      for (const event of fits) {
        add('all', event);
        if (by.length > 0 || period) add(JSON.stringify([starts.findLast((one) => one.getTime() <= event.startedAt) ?? null, ...by.map((dimension) => told.find(([name]) => name === dimension)?.[1](event) ?? null)]), event);
      }
      const { rows, totals } = await reportCosts(t.plane.domain, { tenantId: whose, span, period, by, only });
      const sumsOf = (sums: CostSums) => [sums.requests, sums.inputTokens, sums.costNano, sums.estimatedNano];
      const found = Object.fromEntries([...(fits.length > 0 ? [['all', sumsOf(totals)]] : []), ...rows.map((row) => [JSON.stringify([row.at, ...row.by.map(({ value }) => value)]), sumsOf(row)])]);
      expect(found, JSON.stringify({ by, only })).toEqual(wanted);
    }
  });

  test.skipIf(missing)('what the migration makes of charges from before is what was kept of them since', async () => {
    const { client, provider } = t.plane.domain.db;
    const read = async () => ({
      hours: await client.labelHour.findMany({ orderBy: [{ hour: 'asc' }, { sessionId: 'asc' }, { repo: 'asc' }, { branch: 'asc' }, { ticket: 'asc' }, { centreId: 'asc' }] }),
      days: await client.labelDay.findMany({ orderBy: [{ day: 'asc' }, { repo: 'asc' }, { branch: 'asc' }, { ticket: 'asc' }, { centreId: 'asc' }] }),
    });
    const kept = await read();
    expect(kept.hours.length).toBeGreaterThan(kept.days.length);
    await client.labelHour.deleteMany();
    await client.labelDay.deleteMany();
    const folder = path.resolve(import.meta.dirname, '../../../../prisma/migrations', provider);
    const name = (await readdir(folder)).find((one) => one.endsWith('_label_sums')) ?? '';
    const fills = (await readFile(path.join(folder, name, 'migration.sql'), 'utf8')).split(';').filter((statement) => statement.includes('INSERT INTO'));
    expect(fills).toHaveLength(2);
    for (const fill of fills) await client.$executeRawUnsafe(fill);
    expect(await read()).toEqual(kept);
  });

  test.skipIf(missing)('usage by the hour or the day, of a key, says the same', async () => {
    const actor = { kind: 'SYSTEM' } as const;
    const key = events[0]?.keyId ?? '';
    const own = events.filter((event) => event.keyId === key);
    for (const groupBy of ['HOUR', 'DAY'] as const) {
      const step = groupBy === 'HOUR' ? hour : day;
      const { rows, totals } = await reportUsage(t.plane.domain, actor, { from: new Date(start), to: new Date(start + 40 * day), groupBy: [groupBy], keyId: key });
      expect(new Set(rows.map((row) => row.at?.getTime()))).toEqual(new Set(own.map((event) => Math.floor(event.startedAt / step) * step)));
      expect(totals).toMatchObject({ requests: own.length, costNano: own.reduce((sum, event) => sum + BigInt(event.costNano), 0n) });
    }
  });

  test.skipIf(missing)('a statement opens with what all days before it cost', async () => {
    const span = readSpan({ from: new Date(Date.UTC(2026, 9, 10, 14)), to: new Date(Date.UTC(2026, 9, 12)) });
    const before = events.filter((event) => event.startedAt < span.from.getTime()).reduce((sum, event) => sum + BigInt(event.costNano), 0n);
    const statement = await readStatement(t.plane.domain, tenantId, 'TENANT', span);
    expect(statement.openingNano).toBe(-before);
  });
});
