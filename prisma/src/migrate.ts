// Applies the committed migrations when the program starts.
import path from 'node:path';
import { readDatabaseUrl } from './database-url.ts';
import type { DatabaseUrl } from './database-url.ts';
import { backOff, deadlineIn, remainingMs } from './deadline.ts';
import type { Deadline } from './deadline.ts';
import { planMigrations, readMigrations } from './migrate/migration.ts';
import type { MigrationConnection } from './migrate/migration.ts';

/** How to migrate; all of it is optional. */
export interface MigrateOptions {
  readonly signal?: AbortSignal;
  /** Told one line for each migration that is applied. */
  readonly log?: (line: string) => void;
  /** How long to wait for another process that is migrating; 60 seconds unless told otherwise. */
  readonly timeoutMs?: number;
  /** Where the migrations are; the committed ones unless told otherwise. */
  readonly folder?: string;
}

const TIMEOUT_MS = 60_000;
const COMMITTED = path.resolve(import.meta.dirname, '..', 'migrations');

/**
 * Brings the database to the schema of this version, under a lock: of several that start at once, one applies and the
 * others wait and find nothing to do. Throws when a migration was changed, is half applied or comes from a newer version.
 */
export async function migrate(url: string, options: MigrateOptions = {}): Promise<{ applied: string[] }> {
  const target = readDatabaseUrl(url);
  const { signal, log = () => {}, timeoutMs = TIMEOUT_MS, folder = COMMITTED } = options;
  const migrations = await readMigrations(folder, target.provider);
  signal?.throwIfAborted();
  const connection = await openMigrations(target).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The ${target.provider} database could not be opened: ${reason}`, { cause });
  });
  try {
    await waitForLock(connection, deadlineIn(timeoutMs, signal));
    const applied: string[] = [];
    for (const migration of planMigrations(migrations, await connection.history())) {
      signal?.throwIfAborted();
      log(`Applying migration ${migration.name}.`);
      await connection.apply(migration).catch((cause: unknown) => {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Migration "${migration.name}" failed: ${reason}`, { cause });
      });
      applied.push(migration.name);
    }
    await connection.finish();
    return { applied };
  } finally {
    await connection.close();
  }
}

function openMigrations(target: DatabaseUrl): Promise<MigrationConnection> {
  // Each driver is loaded only when its database is used.
  switch (target.provider) {
    case 'sqlite':
      return import('./migrate/sqlite.ts').then((module) => module.openSqliteMigrations(target.file));
    case 'postgresql':
      return import('./migrate/postgresql.ts').then((module) => module.openPostgresqlMigrations(target.url, target.schema));
    case 'mysql':
      return import('./migrate/mysql.ts').then((module) => module.openMysqlMigrations(target.url));
  }
}

async function waitForLock(connection: MigrationConnection, deadline: Deadline): Promise<void> {
  for (let attempt = 0; !(await connection.tryLock()); attempt++) {
    if (remainingMs(deadline) === 0) throw new Error('Another process is migrating this database and did not finish in time.');
    await backOff(attempt, deadline);
  }
}
