import { newId } from '@fairlead/shared/id.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../../testing/test-database.ts';
import { at, openTestPlane } from '../../testing/test-plane.ts';
import type { TestPlane } from '../../testing/test-plane.ts';
import type { Actor } from '../actor.ts';
import type { Domain } from '../domain.ts';
import type { ExchangeFilter } from './exchanges.ts';
import { searchExchanges } from './search-exchanges.ts';

const start = Date.UTC(2026, 10, 1);
const minute = 60_000;
const count = 4_500;
const system: Actor = { kind: 'SYSTEM' };

for (const { name, base, missing } of databaseKinds) describe(`a search through the request log on ${name}`, () => {
  let t: TestPlane;
  let ids: string[] = [];
  let tenantId = '';

  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base });
    const { client } = t.plane.domain.db;
    tenantId = (await client.member.findFirstOrThrow({ where: { operator: true } })).tenantId;
    ids = Array.from({ length: count }, (_, row) => newId('exchange', start + row * minute));
    const rows = ids.map((id, row) => ({ id, tenantId: row % 3 === 0 ? 'ten_other' : tenantId, keyId: `key_${row % 7}`, nodeId: 'nod_x', startedAt: new Date(start + row * minute + 20), outcome: row % 400 === 1 ? 'FAILED' : 'OK', model: row % 1000 === 2 ? 'rare' : 'usual', ...(row % 500 === 3 ? { repo: 'acme/harbour', branch: row % 1000 === 3 ? 'main' : 'Main', sessionId: `ses-${row % 3}` } : {}) }));
    for (let from = 0; from < count; from += 500) await client.exchange.createMany({ data: rows.slice(from, from + 500) });
  });
  afterAll(async () => { if (!missing) await t.close(); });

  /** The log read page by page to its end, with a clock on which every look takes long. */
  async function walk(filter: ExchangeFilter, first: number, size: number) {
    let now = 0;
    let reads = 0;
    const { domain } = t.plane;
    const slow: Domain = { ...domain, clock: { ...domain.clock, now: () => (now += 60) } };
    const found: string[] = [];
    let short = 0;
    for (let after: string | undefined; ;) {
      const page = await searchExchanges(slow, system, filter, { first, after }, (where, take) => { reads++; return domain.db.client.exchange.findMany({ where, take, orderBy: { id: 'desc' }, select: { id: true } }); }, size);
      found.push(...page.rows.map((row) => row.id));
      expect(page.rows.length).toBeLessThanOrEqual(first);
      if (page.searched) { short++; expect(page.rows.every((row) => row.id >= (page.searched?.id ?? ''))).toBe(true); }
      if (!page.more) return { found, short, reads };
      after = page.searched?.id ?? page.rows.at(-1)?.id;
    }
  }
  const fitting = (fits: (row: number) => boolean) => ids.filter((_, row) => fits(row)).reverse();

  test.skipIf(missing)('whoever goes on behind what was searched finds all that fits, once and in order', async () => {
    expect((await walk({ outcome: 'FAILED' }, 5, 100)).found).toEqual(fitting((row) => row % 400 === 1));
    expect((await walk({ model: 'rare', tenantId }, 50, 100)).found).toEqual(fitting((row) => row % 1000 === 2 && row % 3 !== 0));
    expect((await walk({ model: 'rare', outcome: 'FAILED' }, 50, 100)).found).toEqual([]);
    expect((await walk({ keyId: 'key_4', outcome: 'FAILED' }, 2, 50)).found).toEqual(fitting((row) => row % 7 === 4 && row % 400 === 1));
    expect((await walk({ keyId: 'key_4' }, 100, 50)).found).toEqual(fitting((row) => row % 7 === 4));
    expect((await walk({ repo: 'acme/harbour', branch: 'main' }, 2, 100)).found).toEqual(fitting((row) => row % 1000 === 3));
    expect((await walk({ sessionId: 'ses-0', tenantId }, 2, 100)).found).toEqual([]);
    expect((await walk({ sessionId: 'ses-1', tenantId }, 2, 100)).found).toEqual(fitting((row) => row % 500 === 3 && row % 3 === 1));
    const [since, until] = [new Date(start + 1_000 * minute), new Date(start + 1_300 * minute)];
    expect((await walk({ since, until }, 70, 100)).found).toEqual(fitting((row) => row >= 1_000 && row < 1_300));
  });

  test.skipIf(missing)('a page comes after a few looks, and says that it is short; wired: one look over everything does not', async () => {
    const bounded = await walk({ outcome: 'CRASHED' }, 50, 100);
    expect(bounded.short).toBeGreaterThan(20);
    expect(bounded.reads / (bounded.short + 1)).toBeLessThanOrEqual(2);
    expect(await walk({ outcome: 'CRASHED' }, 50, count + 1)).toEqual({ found: [], short: 0, reads: 1 });
    // What an index tells is never short.
    expect((await walk({ tenantId }, 50, 100)).short).toBe(0);
  });

  test.skipIf(missing)('GraphQL says how far back was looked, and goes on from there', async () => {
    const ask = 'query($after: String) { exchanges(first: 10, after: $after, filter: { outcome: CRASHED }) { nodes { id } searchedTo pageInfo { hasNextPage endCursor } } }';
    const { domain } = t.plane;
    const { clock } = domain;
    let ahead = 0;
    domain.clock = { ...clock, now: () => clock.now() + (ahead += 1_000) };
    try {
      const first = await t.asOperator(ask);
      expect(at(first.data, 'exchanges', 'nodes')).toEqual([]);
      expect(at(first.data, 'exchanges', 'searchedTo')).toBe(new Date(start + 500 * minute + 20).toISOString());
      expect(at(first.data, 'exchanges', 'pageInfo')).toEqual({ hasNextPage: true, endCursor: ids[500] });
      const second = await t.asOperator(ask, { after: ids[500] });
      expect(at(second.data, 'exchanges')).toEqual({ nodes: [], searchedTo: null, pageInfo: { hasNextPage: false, endCursor: null } });
    } finally {
      domain.clock = clock;
    }
  });
});
