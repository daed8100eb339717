import { randomBytes } from 'node:crypto';
import { createConnection } from 'mariadb';
import { Client } from 'pg';

/** The kinds of database a stack can run on. */
export type DatabaseKind = 'sqlite' | 'postgres' | 'mysql';

/** Where test databases may be made; set by the test runner when the server answers. */
export const servers = { postgres: process.env.FAIRLEAD_TEST_POSTGRES, mysql: process.env.FAIRLEAD_TEST_MYSQL, redis: process.env.FAIRLEAD_TEST_REDIS };

/** Whether a database of this kind can be made here. */
export function hasDatabase(kind: DatabaseKind): boolean {
  return kind === 'sqlite' || servers[kind] !== undefined;
}

/** A database of its own, and its end. `url` is undefined for SQLite, which lives in the data folder. */
export async function makeDatabase(kind: DatabaseKind): Promise<{ url: string | undefined; drop(): Promise<void> }> {
  if (kind === 'sqlite') return { url: undefined, drop: () => Promise.resolve() };
  const base = servers[kind];
  if (!base) throw new Error(`no ${kind} server is known`);
  const name = `fairlead_e2e_${randomBytes(6).toString('hex')}`;
  const run = kind === 'postgres' ? onPostgres : onMysql;
  await run(base, `CREATE DATABASE ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(base, kind === 'postgres' ? `DROP DATABASE IF EXISTS ${name} WITH (FORCE)` : `DROP DATABASE IF EXISTS ${name}`) };
}

async function onPostgres(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try { await client.query(statement); } finally { await client.end(); }
}

async function onMysql(url: string, statement: string): Promise<void> {
  const at = new URL(url);
  const connection = await createConnection({ host: at.hostname, port: Number(at.port || 3306), user: decodeURIComponent(at.username), password: decodeURIComponent(at.password) });
  try { await connection.query(statement); } finally { await connection.end(); }
}
