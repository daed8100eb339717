// For tests only: empty databases of their own, on every kind of server that the environment names.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mariadb';
import pg from 'pg';
import type { Provider } from './database-url.ts';

/** An empty database that can be dropped. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A kind of database to test on; `title` says why it is skipped when it is. */
export interface TestDatabaseKind {
  readonly provider: Provider;
  readonly title: string;
  readonly missing: boolean;
  create(): Promise<TestDatabase>;
}

/** The three kinds: SQLite is always there, the others when their variable holds a URL that may create databases. */
export const testDatabaseKinds: readonly TestDatabaseKind[] = [
  { provider: 'sqlite', title: 'on SQLite', missing: false, create: createSqlite },
  serverKind('postgresql', 'PostgreSQL', 'FAIRLEAD_TEST_POSTGRES', async (url, statement) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }),
  serverKind('mysql', 'MySQL or MariaDB', 'FAIRLEAD_TEST_MYSQL', async (url, statement) => {
    const connection = await createConnection(url.replace(/^mysql:/, 'mariadb:'));
    await connection.query(statement).finally(() => connection.end());
  }),
];

async function createSqlite(): Promise<TestDatabase> {
  const folder = await mkdtemp(path.join(tmpdir(), 'fairlead-'));
  return { url: `file:${path.join(folder, 'made', 'test.db')}`, drop: () => rm(folder, { recursive: true }) };
}

type RunStatement = (url: string, statement: string) => Promise<void>;

function serverKind(provider: Provider, label: string, variable: string, run: RunStatement): TestDatabaseKind {
  const base = process.env[variable] ?? '';
  const missing = base === '';
  const title = missing ? `on ${label} (skipped: ${variable} is not set)` : `on ${label}`;
  const create = async (): Promise<TestDatabase> => {
    const name = `fairlead_${randomUUID().replaceAll('-', '')}`;
    await run(base, `CREATE DATABASE ${name}`);
    const url = new URL(base);
    url.pathname = `/${name}`;
    return { url: url.href, drop: () => run(base, `DROP DATABASE ${name}`) };
  };
  return { provider, title, missing, create };
}
