import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PrismaClient } from '#client/client.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import { createSqliteAdapter } from './sqlite-adapter.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fairlead-'));
  file = path.join(folder, 'test.db');
  await migrate(`file:${file}`);
});
afterEach(() => rm(folder, { recursive: true }));

const tenant = (id: string) => ({ data: { id, name: id, slug: id } });

/** A's transaction writes, B reads and writes beside it, A rolls back: what B saw and which rows are left. */
async function besideARollback(adapter: SqlDriverAdapterFactory): Promise<{ seen: string[]; left: string[] }> {
  const client = new PrismaClient({ adapter });
  const ids = async () => (await client.tenant.findMany({ orderBy: { id: 'asc' } })).map((row) => row.id);
  const aWrote = Promise.withResolvers<void>();
  const bMayHaveWritten = Promise.withResolvers<void>();
  try {
    const a = client.$transaction(async (tx) => {
      await tx.tenant.create(tenant('a'));
      aWrote.resolve();
      await bMayHaveWritten.promise;
      throw new Error('A rolls back');
    });
    await aWrote.promise;
    const seen = await ids();
    const b = client.tenant.create(tenant('b')).then(() => {});
    // With one connection B is done at once, with its own turn it waits for A; a read tells when B had its chance.
    await ids();
    bMayHaveWritten.resolve();
    await expect(a).rejects.toThrow('A rolls back');
    await b;
    return { seen, left: await ids() };
  } finally {
    await client.$disconnect();
  }
}

test("a request never sees another's uncommitted row, and its write survives the other's rollback", async () => {
  expect(await besideARollback(createSqliteAdapter(file))).toEqual({ seen: [], left: ['b'] });
});

test('the official adapter breaks this promise, so the test above can fail', async () => {
  const broken = await besideARollback(new PrismaBetterSqlite3({ url: file }));
  expect(broken).not.toEqual({ seen: [], left: ['b'] });
});

test('the file is opened with a write-ahead log, full syncs and enforced references', async () => {
  const adapter = await createSqliteAdapter(file).connect();
  // "WITH" goes to the writing connection, whose settings are asked for.
  const ask = async (pragma: string) =>
    (await adapter.queryRaw({ sql: `WITH x AS (SELECT 1) SELECT * FROM pragma_${pragma}`, args: [], argTypes: [] })).rows[0]?.[0];
  expect([await ask('journal_mode'), Number(await ask('synchronous')), Number(await ask('foreign_keys'))]).toEqual(['wal', 2, 1]);
  await adapter.dispose();
});

test('a new file has large pages, an older one keeps its own, and the log of both is as long', async () => {
  const old = path.join(folder, 'old.db');
  const made = new Sqlite(old);
  made.exec('PRAGMA page_size = 4096; CREATE TABLE before (id INTEGER)');
  made.close();
  await migrate(`file:${old}`);
  for (const [name, pageBytes] of [[file, 16_384], [old, 4_096]] as const) {
    const db = await openDatabase(`file:${name}`);
    try {
      const [[size], [log]] = [await db.client.$queryRawUnsafe<Record<string, bigint>[]>('PRAGMA page_size'), await db.client.$queryRawUnsafe<Record<string, bigint>[]>('PRAGMA wal_autocheckpoint')];
      expect([Number(size?.['page_size']), Number(log?.['wal_autocheckpoint']) * pageBytes]).toEqual([pageBytes, 32 * 1024 * 1024]);
    } finally {
      await db.close();
    }
  }
});

test("a write waits for another process's transaction without blocking this thread", async () => {
  const db = await openDatabase(`file:${file}`);
  const other = new Sqlite(file);
  other.exec('BEGIN IMMEDIATE');
  let done = false;
  const write = db.client.tenant.create(tenant('late')).then(() => { done = true; });
  // Reading goes on meanwhile, which it could not if the driver held the thread.
  for (let n = 0; n < 5; n++) await db.client.tenant.count();
  expect(done).toBe(false);
  other.exec('COMMIT');
  await write;
  expect(await db.client.tenant.count()).toBe(1);
  other.close();
  await db.close();
});

test('a transaction that gave up waiting for its turn leaves the way free', async () => {
  const db = await openDatabase(`file:${file}`);
  const gate = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const first = db.transaction(async (tx) => {
    await tx.tenant.create(tenant('first'));
    entered.resolve();
    await gate.promise;
  });
  await entered.promise;
  await expect(db.transaction((tx) => tx.tenant.create(tenant('never')), { timeoutMs: 30 })).rejects.toMatchObject({ code: 'P2028' });
  gate.resolve();
  await first;
  await db.transaction((tx) => tx.tenant.create(tenant('next')));
  expect((await db.client.tenant.findMany({ orderBy: { id: 'asc' } })).map((row) => row.id)).toEqual(['first', 'next']);
  await db.close();
});

test('a transaction that outlives its deadline is undone and the next one runs', async () => {
  const db = await openDatabase(`file:${file}`);
  const ended = Promise.withResolvers<void>();
  const late = db.transaction(async (tx) => {
    await tx.tenant.create(tenant('late'));
    await ended.promise;
  }, { timeoutMs: 60 });
  // The next transaction gets its turn only when the deadline has taken the first one's away.
  await db.transaction((tx) => tx.tenant.create(tenant('next')));
  ended.resolve();
  await expect(late).rejects.toMatchObject({ code: 'P2028' });
  expect((await db.client.tenant.findMany()).map((row) => row.id)).toEqual(['next']);
  await db.close();
});

test('a query takes thousands of values at once', async () => {
  const db = await openDatabase(`file:${file}`);
  const slugs = Array.from({ length: 20_000 }, (_, n) => `s${n}`);
  expect(await db.client.tenant.count({ where: { slug: { in: slugs } } })).toBe(0);
  await db.close();
});
