import { createHash, randomUUID } from 'node:crypto';
import { createConnection } from 'mariadb';
import type { MigrationConnection } from './migration.ts';

const CONNECT_TIMEOUT_MS = 10_000;

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at DATETIME(3), migration_name VARCHAR(255) NOT NULL, logs TEXT,
  rolled_back_at DATETIME(3), started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
  ) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly finished: unknown;
  readonly rolledBack: unknown;
}

/**
 * Connects for migrations. The lock is a named one. MySQL commits each change of a table by itself, so a migration is
 * written into the history before it runs and marked finished after: a failed one stays visible as unfinished.
 */
export async function openMysqlMigrations(url: string): Promise<MigrationConnection> {
  const separator = url.includes('?') ? '&' : '?';
  const connection = await createConnection(`${url}${separator}multipleStatements=true&connectTimeout=${CONNECT_TIMEOUT_MS}`);
  connection.on('error', () => {});
  // Named locks belong to the whole server.
  const lock = `fairlead_migrate_${createHash('sha256').update(new URL(url).pathname).digest('hex').slice(0, 32)}`;
  return {
    tryLock: async () => {
      const rows: { taken: unknown }[] = await connection.query('SELECT GET_LOCK(?, 0) AS taken', [lock]);
      return Number(rows[0]?.taken) === 1;
    },
    history: async () => {
      await connection.query(HISTORY_TABLE);
      const rows: Row[] = await connection.query(`SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished,
        rolled_back_at IS NOT NULL AS rolledBack FROM _prisma_migrations ORDER BY started_at`);
      return rows.map(({ name, checksum, finished, rolledBack }) => ({ name, checksum, finished: Number(finished) === 1, rolledBack: Number(rolledBack) === 1 }));
    },
    apply: async ({ name, checksum, sql }) => {
      const id = randomUUID();
      await connection.query('INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))', [id, checksum, name]);
      try {
        await connection.query(sql);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        await connection.query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [message.slice(0, 10_000), id]).catch(() => {});
        throw error;
      }
      await connection.query('UPDATE _prisma_migrations SET finished_at = UTC_TIMESTAMP(3), applied_steps_count = 1 WHERE id = ?', [id]);
    },
    finish: async () => {
      await connection.query('DO RELEASE_LOCK(?)', [lock]);
    },
    close: () => connection.end(),
  };
}
