import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { HistoryRow, MigrationConnection } from './migration.ts';

// Rows of usage and their keys come in order, mostly: large pages are fewer to write. A file that is there keeps its own.
const PAGE_BYTES = 16_384;

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id TEXT PRIMARY KEY NOT NULL, checksum TEXT NOT NULL, finished_at DATETIME, migration_name TEXT NOT NULL, logs TEXT,
  rolled_back_at DATETIME, started_at DATETIME NOT NULL DEFAULT current_timestamp, applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0)`;

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly finished: number;
  readonly rolledBack: number;
}

/** Opens the file for migrations, with its folder. The lock is a write transaction around all of them. */
export async function openSqliteMigrations(file: string): Promise<MigrationConnection> {
  // For the owner's eyes only: the file holds what people asked and what they paid.
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Waiting inside the driver would block the thread; the caller waits instead.
  const db = new Sqlite(file, { timeout: 0 });
  return {
    tryLock: async () => {
      try {
        // Tables are rebuilt under their references; the check before the commit makes up for the pause.
        db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE`);
        return true;
      } catch (error) {
        if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
        throw error;
      }
    },
    history: async () => {
      db.exec(HISTORY_TABLE);
      const rows = db.prepare<[], Row>(`SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished,
        rolled_back_at IS NOT NULL AS rolledBack FROM _prisma_migrations ORDER BY started_at`).all();
      return rows.map((row): HistoryRow => ({ ...row, finished: row.finished === 1, rolledBack: row.rolledBack === 1 }));
    },
    apply: async ({ name, checksum, sql }) => {
      const startedAt = Date.now();
      db.exec(sql);
      const broken = db.prepare('PRAGMA foreign_key_check').all();
      if (broken.length > 0) throw new Error(`it would leave ${broken.length} rows with broken references`);
      db.prepare(`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
        VALUES (?, ?, ?, ?, ?, 1)`).run(randomUUID(), checksum, name, startedAt, Date.now());
    },
    finish: async () => {
      db.exec('COMMIT');
    },
    close: async () => {
      db.close();
    },
  };
}
