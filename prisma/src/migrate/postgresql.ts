import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { MigrationConnection } from './migration.ts';

// Any number will do as long as it is always the same; advisory locks belong to one database.
const LOCK = 7_246_317_501;
const CONNECT_TIMEOUT_MS = 10_000;

const HISTORY_TABLE = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT,
  rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`;

interface Row {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
  readonly rolledBack: boolean;
}

/** Connects for migrations. The lock is an advisory one; each migration is a transaction of its own. */
export async function openPostgresqlMigrations(url: string, schema: string | undefined): Promise<MigrationConnection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection that dies while idle reports here; the next statement fails by itself.
  client.on('error', () => {});
  await client.connect();
  return {
    tryLock: async () => {
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
      return rows[0]?.taken === true;
    },
    history: async () => {
      if (schema !== undefined) {
        const name = client.escapeIdentifier(schema);
        await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
        await client.query(`SET search_path TO ${name}`);
      }
      await client.query(HISTORY_TABLE);
      const { rows } = await client.query<Row>(`SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished,
        rolled_back_at IS NOT NULL AS "rolledBack" FROM _prisma_migrations ORDER BY started_at`);
      return rows;
    },
    apply: async ({ name, checksum, sql }) => {
      const startedAt = new Date();
      try {
        await client.query('BEGIN');
        await client.query(sql);
        await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
          VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`, [randomUUID(), checksum, name, startedAt]);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    },
    finish: async () => {
      await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
    },
    close: () => client.end(),
  };
}
