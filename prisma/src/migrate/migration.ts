import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Provider } from '../database-url.ts';

/** A committed migration. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex, as Prisma's own tools write it. */
  readonly checksum: string;
}

/** What a database remembers of a migration. */
export interface HistoryRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly rolledBack: boolean;
}

/** One connection that holds the migration lock of its database. */
export interface MigrationConnection {
  /** Takes the lock if it is free; says whether it did. */
  tryLock(): Promise<boolean>;
  /** Creates the history table when missing and reads it. */
  history(): Promise<readonly HistoryRow[]>;
  /** Applies one migration and writes it into the history. */
  apply(migration: Migration): Promise<void>;
  /** Keeps what was applied and frees the lock. */
  finish(): Promise<void>;
  /** Drops the connection; what was not finished and can be undone is undone. */
  close(): Promise<void>;
}

/** Reads the committed migrations of one database, oldest first. */
export async function readMigrations(folder: string, provider: Provider): Promise<readonly Migration[]> {
  const base = path.join(folder, provider);
  const entries = await readdir(base, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
  return Promise.all(names.map(async (name) => {
    const sql = await readFile(path.join(base, name, 'migration.sql'), 'utf8');
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
  }));
}

/** The migrations still to apply; throws when the history says that applying more would be wrong. Pure. */
export function planMigrations(all: readonly Migration[], history: readonly HistoryRow[]): readonly Migration[] {
  const known = new Map(all.map((migration) => [migration.name, migration]));
  const standing = history.filter((row) => !row.rolledBack);
  for (const { name, checksum, finished } of standing) {
    if (!finished) {
      throw new Error(`Migration "${name}" was begun on this database and did not finish. Restore the backup that was taken before it, or repair the tables by hand and set finished_at in _prisma_migrations.`);
    }
    const migration = known.get(name);
    if (migration === undefined) {
      throw new Error(`This database has the migration "${name}", which this version does not know: it was made by a newer version. Start that version instead.`);
    }
    if (migration.checksum !== checksum) {
      throw new Error(`Migration "${name}" was changed after it was applied to this database. Restore its original file and put the change into a new migration.`);
    }
  }
  const done = new Set(standing.map((row) => row.name));
  return all.filter((migration) => !done.has(migration.name));
}
