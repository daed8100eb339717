import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import { sql } from './portable.ts';
import { testDatabaseKinds } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

const committed = path.resolve(import.meta.dirname, '..', 'migrations');

for (const kind of testDatabaseKinds) {
  describe.skipIf(kind.missing)(`migrations ${kind.title}`, () => {
    let own: TestDatabase;
    let folder: string;

    beforeEach(async () => {
      own = await kind.create();
      folder = await mkdtemp(path.join(tmpdir(), 'fairlead-migrations-'));
      await cp(committed, folder, { recursive: true });
    });
    afterEach(async () => {
      await own.drop();
      await rm(folder, { recursive: true });
    });

    const names = async (): Promise<string[]> => {
      const entries = await readdir(path.join(folder, kind.provider), { withFileTypes: true });
      return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
    };
    const addMigration = async (name: string, text: string): Promise<void> => {
      await mkdir(path.join(folder, kind.provider, name), { recursive: true });
      await writeFile(path.join(folder, kind.provider, name, 'migration.sql'), text);
    };
    const tableExists = async (table: string): Promise<boolean> => {
      const db = await openDatabase(own.url);
      try {
        return await sql(kind.provider).queryRaw(db.client, `SELECT COUNT(*) AS n FROM ${table}`).then(() => true, () => false);
      } finally {
        await db.close();
      }
    };

    test('an empty database gets every migration, and then none', async () => {
      const lines: string[] = [];
      expect((await migrate(own.url, { log: (line) => lines.push(line) })).applied).toEqual(await names());
      expect(lines).toHaveLength((await names()).length);
      expect((await migrate(own.url)).applied).toEqual([]);
    });

    test('of four that start at once one applies and the others find nothing to do', async () => {
      const results = await Promise.all(Array.from({ length: 4 }, () => migrate(own.url)));
      expect(results.map((result) => result.applied.length).sort()).toEqual([0, 0, 0, (await names()).length]);
    });

    test('a later migration is applied to a database with data, which stays', async () => {
      await migrate(own.url, { folder });
      const before = await openDatabase(own.url);
      await before.client.tenant.create({ data: { id: 'ten_1', name: 'One', slug: 'one' } });
      await before.close();
      await addMigration('29990101000000_later', 'CREATE TABLE later_on (id INTEGER);\nINSERT INTO later_on VALUES (1);');
      expect((await migrate(own.url, { folder })).applied).toEqual(['29990101000000_later']);
      expect(await tableExists('later_on')).toBe(true);
      const after = await openDatabase(own.url);
      expect(await after.client.tenant.count()).toBe(1);
      await after.close();
    });

    test('a migration that was changed after it was applied is refused', async () => {
      await migrate(own.url, { folder });
      const [first = ''] = await names();
      await addMigration(first, '-- other text');
      await expect(migrate(own.url, { folder })).rejects.toThrow(/was changed after it was applied/);
    });

    test('a database from a newer version is refused', async () => {
      await addMigration('29990101000000_newer', 'CREATE TABLE newer_one (id INTEGER);');
      await migrate(own.url, { folder });
      await expect(migrate(own.url)).rejects.toThrow(/made by a newer version/);
    });

    test('a failing migration is named, and never leaves a half that is taken for a whole', async () => {
      await addMigration('29990101000000_broken', 'CREATE TABLE half_done (id INTEGER);\nINSERT INTO no_such_table VALUES (1);');
      await expect(migrate(own.url, { folder })).rejects.toThrow(/"29990101000000_broken" failed: /);
      const again = migrate(own.url, { folder });
      if (kind.provider === 'mysql') {
        await expect(again).rejects.toThrow(/was begun on this database and did not finish/);
      } else {
        await expect(again).rejects.toThrow(/"29990101000000_broken" failed: /);
        expect(await tableExists('half_done')).toBe(false);
      }
    });

    test('waiting for the lock of another ends with the deadline and with the signal', async () => {
      const connection = await openLock(own.url, kind.provider);
      try {
        expect(await connection.tryLock()).toBe(true);
        await expect(migrate(own.url, { timeoutMs: 50 })).rejects.toThrow(/did not finish in time/);
        await expect(migrate(own.url, { signal: AbortSignal.timeout(50) })).rejects.toThrow(/abort/i);
      } finally {
        await connection.finish();
        await connection.close();
      }
      expect((await migrate(own.url)).applied).toEqual(await names());
    });
  });
}

async function openLock(url: string, provider: string) {
  if (provider === 'sqlite') return (await import('./migrate/sqlite.ts')).openSqliteMigrations(url.slice('file:'.length));
  if (provider === 'postgresql') return (await import('./migrate/postgresql.ts')).openPostgresqlMigrations(url, undefined);
  return (await import('./migrate/mysql.ts')).openMysqlMigrations(url.replace(/^mysql:/, 'mariadb:'));
}
