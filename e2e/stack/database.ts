import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
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

/** Forgets everything in one of Redis' numbered databases. */
export function emptyRedis(url: string): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((done, fail) => {
    const socket = connect(Number(port || 6379), hostname, () => { socket.end(`SELECT ${pathname.slice(1)}\r\nFLUSHDB\r\nQUIT\r\n`); });
    socket.on('error', fail).on('close', () => done()).resume();
  });
}

/** One command of Redis in one of its numbered databases; its answer as it came. */
export function onRedis(url: string, ...words: string[]): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  return new Promise((done, fail) => {
    let heard = '';
    const socket = connect(Number(port || 6379), hostname, () => { socket.end(`SELECT ${pathname.slice(1)}\r\n${words.join(' ')}\r\nQUIT\r\n`); });
    socket.on('error', fail).on('close', () => done(heard)).on('data', (bytes) => { heard += bytes.toString(); });
  });
}
