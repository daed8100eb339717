import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asideMark } from './aside.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import type { Database } from './open.ts';
import { json, toBigInt } from './sql-text.ts';
import type { SqlValue } from './sql-text.ts';
import { testDatabaseKinds } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

const BIG = 9_007_199_254_740_993n; // 2^53 + 1, which a double cannot hold
const HOUR = new Date('2026-11-21T10:00:00.000Z');

for (const kind of testDatabaseKinds) {
  describe.skipIf(kind.missing)(`raw statements ${kind.title}`, () => {
    let own: TestDatabase;
    let db: Database;

    beforeAll(async () => {
      own = await kind.create();
      await migrate(own.url);
      db = await openDatabase(own.url);
      await db.client.tenant.create({ data: { id: 'ten_1', name: 'One', slug: 'one' } });
    });
    afterAll(async () => {
      await db?.close();
      await own?.drop();
    });

    const budget = async (id: string, limitNano: bigint): Promise<void> => {
      await db.client.quota.create({ data: { id: `quo_${id}`, tenantId: 'ten_1', subjectKind: 'KEY', subjectId: id, limitNano } });
      await db.client.budget.create({ data: { id, quotaId: `quo_${id}`, windowKey: 'total', startsAt: HOUR, limitNano } });
    };
    const hour = (key: string, input: bigint, cost: bigint): SqlValue[] => [key, HOUR, 1, input, cost];
    const counters = { table: 'cost_hour', keys: ['centre_id', 'hour'], add: ['requests', 'input_tokens', 'cost_nano'] };

    test('fifty parallel conditional updates spend a budget to exactly its limit', async () => {
      await budget('bud_race', 30n);
      const spend = () => db.transaction((tx) =>
        db.sql.executeRaw(tx, 'UPDATE budget SET spent_nano = spent_nano + ? WHERE id = ? AND spent_nano + escrow_nano + ? <= limit_nano', [1n, 'bud_race', 1n]));
      const changed = await Promise.all(Array.from({ length: 50 }, spend));
      expect(changed.filter((rows) => rows === 1)).toHaveLength(30);
      expect((await db.client.budget.findUniqueOrThrow({ where: { id: 'bud_race' } })).spentNano).toBe(30n);
    });

    test('an update that changes nothing still counts the rows it matched', async () => {
      await budget('bud_same', 5n);
      expect(await db.sql.executeRaw(db.client, 'UPDATE budget SET spent_nano = ? WHERE id = ?', [0n, 'bud_same'])).toBe(1);
      expect(await db.sql.executeRaw(db.client, 'UPDATE budget SET spent_nano = ? WHERE id = ?', [0n, 'bud_none'])).toBe(0);
    });

    test('insertIgnore by eight writers at once inserts each row once and counts it once', async () => {
      const columns = ['id', 'node_id', 'boot_id', 'seq', 'reason', 'body', 'created_at'];
      const rows = Array.from({ length: 400 }, (_, seq): SqlValue[] => [`dead_${seq}`, 'nod_1', 'boot_1', seq, 'why', 'body', HOUR]);
      const write = (shift: number) => db.transaction((tx) =>
        db.sql.insertIgnore(tx, 'usage_dead_letter', columns, rows.slice(shift * 25, shift * 25 + 225)));
      const counts = await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
      expect(counts.reduce((total, count) => total + count, 0)).toBe(400);
      expect(await db.client.usageDeadLetter.count()).toBe(400);
      expect(await db.transaction((tx) => db.sql.insertIgnore(tx, 'usage_dead_letter', columns, rows))).toBe(0);
      const other: SqlValue[] = ['dead_new', 'nod_1', 'boot_1', 400, 'why', 'body', HOUR];
      expect(await db.transaction((tx) => db.sql.insertIgnore(tx, 'usage_dead_letter', columns, [...rows, other]))).toBe(1);
    });

    test('insertIgnore does not hide a broken reference or a missing value', async () => {
      const columns = ['id', 'tenant_id', 'name', 'updated_at'];
      await expect(db.transaction((tx) => db.sql.insertIgnore(tx, 'pool', columns, [['pool_x', 'ten_none', 'x', HOUR]]))).rejects.toThrow();
      await expect(db.transaction((tx) => db.sql.insertIgnore(tx, 'pool', columns, [['pool_x', 'ten_1', null, HOUR]]))).rejects.toThrow();
      expect(await db.client.pool.count({ where: { id: 'pool_x' } })).toBe(0);
    });

    test('upsertAdd by eight writers at once adds up exactly', async () => {
      const rows = ['a', 'b', 'c', 'a'].map((key) => hour(`key_${key}`, 3n, BIG));
      const write = (writer: number) => db.transaction((tx) => db.sql.upsertAdd(tx, { ...counters, from: writer % 2 === 0 ? rows : rows.toReversed() }));
      await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
      const kept = await db.client.costHour.findMany({ orderBy: { centreId: 'asc' }, where: { centreId: { in: ['key_a', 'key_b', 'key_c'] } } });
      expect(kept.map((row) => [row.centreId, row.requests, row.inputTokens, row.costNano])).toEqual([
        ['key_a', 16, 48n, 16n * BIG], ['key_b', 8, 24n, 8n * BIG], ['key_c', 8, 24n, 8n * BIG],
      ]);
    });

    test('upsertAdd from a SELECT adds what the query sums', async () => {
      await db.transaction((tx) => db.sql.upsertAdd(tx, { ...counters, from: [hour('key_s1', 1n, BIG), hour('key_s2', 2n, BIG)] }));
      const text = `SELECT 'key_sum' AS centre_id, ? AS hour, SUM(requests) AS requests,
        SUM(input_tokens) AS input_tokens, SUM(cost_nano) AS cost_nano FROM cost_hour WHERE centre_id IN (?, ?) AND hour = ?`;
      const from = { text, params: [HOUR, 'key_s1', 'key_s2', HOUR] };
      await db.transaction((tx) => db.sql.upsertAdd(tx, { ...counters, from }));
      await db.transaction((tx) => db.sql.upsertAdd(tx, { ...counters, from }));
      const row = await db.client.costHour.findFirstOrThrow({ where: { centreId: 'key_sum' } });
      expect([row.requests, row.inputTokens, row.costNano]).toEqual([4, 6n, 4n * BIG]);
    });

    test('upsert by eight writers at once makes each row once, adds to it exactly and changes no row that it may not', async () => {
      const row = (id: string, node: string, cost: bigint, endedAt: Date): SqlValue[] => [id, 'ten_1', 'key_u', node, HOUR, false, 1, cost, endedAt];
      const at = (writer: number) => new Date(HOUR.getTime() + writer * 1000);
      const write = (writer: number) => db.transaction((tx) => db.sql.upsert(tx, {
        table: 'exchange', keys: ['id'], columns: ['id', 'tenant_id', 'key_id', 'node_id', 'started_at', 'stream', 'attempts', 'cost_nano', 'ended_at'],
        rows: [...Array.from({ length: 320 }, (_, number) => row(`exc_up_${String(number).padStart(3, '0')}`, 'nod_1', BIG, at(writer))), row('exc_up_x', writer === 0 ? 'nod_1' : 'nod_2', 1n, at(writer))],
        set: [
          ['attempts', (names) => `${names.stored('attempts')} + ${names.coming('attempts')}`], ['cost_nano', (names) => `${names.stored('cost_nano')} + ${names.coming('cost_nano')}`],
          ['ended_at', (names) => `CASE WHEN ${names.stored('ended_at')} < ${names.coming('ended_at')} THEN ${names.coming('ended_at')} ELSE ${names.stored('ended_at')} END`],
        ],
        where: (names) => `${names.stored('node_id')} = ${names.coming('node_id')}`,
      }));
      await write(0);
      await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer + 1)));
      const kept = await db.client.exchange.findMany({ where: { id: { startsWith: 'exc_up_' } }, orderBy: { id: 'asc' } });
      expect(kept).toHaveLength(321);
      for (const { id, attempts, costNano, endedAt } of kept.slice(0, 320)) expect([id, attempts, costNano, endedAt]).toEqual([id, 9, 9n * BIG, at(8)]);
      expect(kept.at(-1)).toMatchObject({ attempts: 1, costNano: 1n, endedAt: at(0) });
    });

    test('instants are a table that stored times join', async () => {
      const times = [1, 2, 3].map((at) => new Date(Date.UTC(2026, 10, 21, at)));
      await db.sql.upsertAdd(db.client, { ...counters, from: times.slice(1).map((at): SqlValue[] => ['key_times', at, 1, 1n, 1n]) });
      const { text, param } = db.sql.instants(times);
      const rows = await db.sql.queryRaw(db.client, `SELECT cost_hour.hour AS at_ FROM ${text} AS times ${db.sql.joinInOrder} cost_hour WHERE cost_hour.hour = times.at_ AND cost_hour.centre_id = ? ORDER BY cost_hour.hour`, [param, 'key_times']);
      expect(rows.map((row) => new Date(String(row['at_'] instanceof Date ? row['at_'].toISOString() : row['at_'])).getTime())).toEqual(times.slice(1).map((at) => at.getTime()));
    });

    test('toBigInt reads every SUM exactly', async () => {
      await db.sql.upsertAdd(db.client, { ...counters, from: [hour('key_t1', 1n, BIG), hour('key_t2', 1n, BIG)] });
      const [row] = await db.sql.queryRaw(db.client, 'SELECT SUM(cost_nano) AS cost, COUNT(*) AS n, SUM(requests) AS requests FROM cost_hour WHERE centre_id IN (?, ?)', ['key_t1', 'key_t2']);
      expect([toBigInt(row?.['cost']), toBigInt(row?.['n']), toBigInt(row?.['requests'])]).toEqual([2n * BIG, 2n, 2n]);
      const [none] = await db.sql.queryRaw(db.client, 'SELECT SUM(cost_nano) AS cost FROM cost_hour WHERE centre_id = ?', ['key_none']);
      expect(toBigInt(none?.['cost'])).toBe(0n);
    });

    test('values of every kind go in raw and come out of the client unchanged', async () => {
      const at = new Date('2026-11-21T10:11:12.345Z');
      const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const names = { models: ['ü', '"?"', 'x'], deep: { n: 1.5, no: null } };
      await db.transaction(async (tx) => {
        await db.sql.insertIgnore(tx, 'route', ['id', 'name', 'match_', 'targets', 'created_at', 'updated_at'], [['rou_1', "it's ?", json(names), json([]), at, at]]);
        await db.sql.insertIgnore(tx, 'piece', ['sha256', 'body'], [['digest', body]]);
        await db.sql.insertIgnore(tx, 'snapshot', ['revision', 'sha256', 'size_bytes'], [[1, 'digest', 256]]);
        await db.sql.insertIgnore(tx, 'lease', ['id', 'holder_id', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'open'], [['lea_1', 'k', 'n', 'b', 1, -BIG, false]]);
      });
      expect(await db.client.route.findUnique({ where: { id: 'rou_1' } })).toMatchObject({ name: "it's ?", match: names, targets: [], createdAt: at });
      const snapshot = await db.client.snapshot.findUniqueOrThrow({ where: { revision: 1 } });
      expect(Buffer.from((await db.client.piece.findUniqueOrThrow({ where: { sha256: 'digest' } })).body)).toEqual(Buffer.from(body));
      expect(Math.abs(snapshot.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
      expect(await db.client.lease.findUnique({ where: { id: 'lea_1' } })).toMatchObject({ grantedNano: -BIG, open: false });
    });

    test('many rows at once keep values of every kind as the client would write them, and a row that is refused takes the others with it', async () => {
      const at = new Date('2026-11-21T10:11:12.345Z');
      const names = { models: ['ü', '"?"', "it's"], n: 1.5 };
      const route = (number: number): SqlValue[] => [`rou_many_${number}`, `many ${number} \ud83d`, json(names), json([]), at, at];
      const lease = (number: number): SqlValue[] => [`lea_many_${number}`, 'k', 'n', 'b_many', number, number % 2 === 0 ? BIG : -BIG, number % 2 === 1, number % 3 === 0 ? null : 'FINAL'];
      await db.transaction(async (tx) => {
        expect(await db.sql.insertIgnore(tx, 'route', ['id', 'name', 'match_', 'targets', 'created_at', 'updated_at'], Array.from({ length: 60 }, (_, number) => route(number)))).toBe(60);
        expect(await db.sql.insertIgnore(tx, 'lease', ['id', 'holder_id', 'node_id', 'boot_id', 'req_seq', 'granted_nano', 'open', 'closed_by'], Array.from({ length: 60 }, (_, number) => lease(number)))).toBe(60);
      });
      expect(await db.client.route.findUnique({ where: { id: 'rou_many_7' } })).toMatchObject({ name: 'many 7 \ufffd', match: names, targets: [], createdAt: at });
      expect(await db.client.lease.findUnique({ where: { id: 'lea_many_6' } })).toMatchObject({ reqSeq: 6, grantedNano: BIG, open: false, closedBy: null });
      expect(await db.client.lease.count({ where: { bootId: 'b_many', grantedNano: -BIG, open: true, closedBy: 'FINAL' } })).toBe(20);
      const pools = Array.from({ length: 80 }, (_, number): SqlValue[] => [`pool_many_${number}`, number === 79 ? 'ten_none' : 'ten_1', 'x', at]);
      await expect(db.transaction((tx) => db.sql.insertIgnore(tx, 'pool', ['id', 'tenant_id', 'name', 'updated_at'], pools))).rejects.toThrow();
      expect(await db.client.pool.count({ where: { id: { startsWith: 'pool_many_' } } })).toBe(0);
    });

    test('a statement that names something aside which is not there is refused', async () => {
      await expect(db.client.$executeRawUnsafe(`${asideMark} DELETE FROM tenant`, 'aside 1')).rejects.toThrow('aside');
      expect(await db.client.tenant.count()).toBe(1);
    });

    test('times that the database and the client wrote compare with each other', async () => {
      await db.sql.executeRaw(db.client, 'INSERT INTO dirty_mark (kind, object_id) VALUES (?, ?)', ['raw', 'o']);
      await db.client.dirtyMark.create({ data: { kind: 'client', objectId: 'o' } });
      const soon = new Date(Date.now() + 60_000);
      const before = new Date(Date.now() - 60_000);
      const marks = await db.client.dirtyMark.findMany({ where: { createdAt: { gt: before, lt: soon } }, orderBy: { id: 'asc' } });
      expect(marks.map((mark) => mark.kind)).toEqual(['raw', 'client']);
      expect(await db.sql.executeRaw(db.client, 'DELETE FROM dirty_mark WHERE created_at < ?', [before])).toBe(0);
      expect(await db.sql.executeRaw(db.client, 'DELETE FROM dirty_mark WHERE created_at < ?', [soon])).toBe(2);
    });
  });
}
