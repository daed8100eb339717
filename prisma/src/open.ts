// Opens the database that a URL names, behind one type.
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { PrismaClient } from '#client/client.ts';
import { withAside } from './aside-adapter.ts';
import { readDatabaseUrl } from './database-url.ts';
import type { DatabaseUrl, Provider } from './database-url.ts';
import { deadlineIn, remainingMs } from './deadline.ts';
import { sql } from './portable.ts';
import type { PortableSql } from './portable.ts';
import { DEFAULT_TIMEOUT_MS, retryConflict, retryUntil } from './retry-conflict.ts';
import type { RetryOptions } from './retry-conflict.ts';
import type { Tx } from './tx.ts';

/** How a transaction sees others; SQLite's are always serializable. */
export type Isolation = 'ReadCommitted' | 'RepeatableRead' | 'Serializable';

/** How a transaction runs; the deadline is for all its tries together. */
export interface TransactionOptions extends RetryOptions {
  readonly isolation?: Isolation;
}

/** An open database. */
export interface Database {
  /** Typed as SQLite's client: what all three databases can do. */
  readonly client: PrismaClient;
  readonly provider: Provider;
  /** Raw statements that mean the same on every database. */
  readonly sql: PortableSql;
  /**
   * Runs `work` in one transaction, again from its beginning when it lost a race: what it does outside the database
   * would happen twice. Everything in it goes through `tx`: on SQLite a write through `client` would wait for itself.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs one statement again when it lost a race; an upsert needs it. */
  retryConflict<T>(work: () => Promise<T>, options?: RetryOptions): Promise<T>;
  close(): Promise<void>;
}

/** The canonical type knows SQLite's one isolation level; the clients of the others take all of them. */
interface AnyIsolation {
  $transaction<T>(work: (tx: Tx) => Promise<T>, options: { maxWait: number; timeout: number; isolationLevel?: Isolation }): Promise<T>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS = 10;

/** Opens the database at `file:…`, `postgresql://…` or `mysql://…`; another URL is an error that names the three forms. */
export async function openDatabase(url: string): Promise<Database> {
  const target = readDatabaseUrl(url);
  const client = await openClient(target);
  try {
    await probe(target, client);
  } catch (cause) {
    await client.$disconnect();
    throw new Error(`The ${target.provider} database could not be opened: ${reasonOf(cause)}`, { cause });
  }
  return {
    client,
    provider: target.provider,
    sql: sql(target.provider),
    transaction: (work, { timeoutMs = DEFAULT_TIMEOUT_MS, signal, isolation } = {}) => {
      const deadline = deadlineIn(timeoutMs, signal);
      return retryUntil(deadline, () => {
        const leftMs = Math.max(1, Math.ceil(remainingMs(deadline)));
        return client.$transaction(work, { maxWait: leftMs, timeout: leftMs, ...isolationFor(target.provider, isolation) });
      });
    },
    retryConflict,
    close: () => client.$disconnect(),
  };
}

/** Asks once: a client connects only at its first statement, which would be too late to tell a wrong URL. */
async function probe(target: DatabaseUrl, client: PrismaClient): Promise<void> {
  if (target.provider === 'mysql') {
    // The pool would try until its timeout and then not say why.
    const { createConnection } = await import('mariadb');
    const connection = await createConnection(urlWith(target.url, { connectTimeout: CONNECT_TIMEOUT_MS }));
    await connection.end();
  }
  await client.$queryRawUnsafe('SELECT 1');
}

/** What the driver said, without the client's account of which call it came from. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.trim().split('\n').at(-1) ?? '') : String(cause);
}

/** SQLite has one level; MySQL's default holds gaps between rows, which lets plain inserts deadlock. */
function isolationFor(provider: Provider, isolation: Isolation | undefined): { isolationLevel?: Isolation } {
  const level = isolation ?? (provider === 'mysql' ? 'ReadCommitted' : undefined);
  return level === undefined || provider === 'sqlite' ? {} : { isolationLevel: level };
}

async function openClient(target: DatabaseUrl): Promise<PrismaClient & AnyIsolation> {
  const options = { adapter: await adapterFor(target), transactionOptions: { maxWait: DEFAULT_TIMEOUT_MS, timeout: DEFAULT_TIMEOUT_MS } };
  // Each client is loaded only when its database is used.
  switch (target.provider) {
    case 'sqlite': {
      const { PrismaClient } = await import('../generated/sqlite/client.ts');
      return canonical(new PrismaClient(options).$extends(withoutEmptySelect));
    }
    case 'postgresql': {
      const { PrismaClient } = await import('../generated/postgresql/client.ts');
      return canonical(new PrismaClient(options).$extends(withoutEmptySelect));
    }
    case 'mysql': {
      const { PrismaClient } = await import('../generated/mysql/client.ts');
      return canonical(new PrismaClient(options).$extends(withoutEmptySelect));
    }
  }
}

async function adapterFor(target: DatabaseUrl): Promise<SqlDriverAdapterFactory> {
  switch (target.provider) {
    case 'sqlite': {
      const { createSqliteAdapter } = await import('./sqlite-adapter.ts');
      return createSqliteAdapter(target.file);
    }
    case 'postgresql': {
      const { PrismaPg } = await import('@prisma/adapter-pg');
      const { url, schema } = target;
      // Raw statements find their tables by the search path; the client names the schema itself.
      const path = schema === undefined ? {} : { options: `-c search_path="${schema.replaceAll('"', '""').replaceAll(' ', '\\ ')}"` };
      const pool = { connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...path };
      return withAside(new PrismaPg(pool, schema === undefined ? {} : { schema }));
    }
    case 'mysql': {
      const { PrismaMariaDb } = await import('@prisma/adapter-mariadb');
      const waits = { connectTimeout: CONNECT_TIMEOUT_MS, acquireTimeout: CONNECT_TIMEOUT_MS };
      return withAside(new PrismaMariaDb(urlWith(target.url, { connectionLimit: CONNECTIONS, ...waits })));
    }
  }
}

/** A URL with settings that it does not have already. */
function urlWith(text: string, settings: Readonly<Record<string, number>>): string {
  const url = new URL(text);
  for (const [name, value] of Object.entries(settings)) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, String(value));
  }
  return url.href;
}

/** GraphQL asks for an object with no field but `__typename` by an empty selection, which the client refuses. */
const withoutEmptySelect = {
  query: {
    $allModels: {
      $allOperations({ args, query }: { args: unknown; query: (args: unknown) => Promise<unknown> }): Promise<unknown> {
        return query(hasEmptySelect(args) ? { ...args, select: undefined } : args);
      },
    },
  },
};

function hasEmptySelect(args: unknown): args is { select: object } {
  if (typeof args !== 'object' || args === null || !('select' in args)) return false;
  const { select } = args;
  return typeof select === 'object' && select !== null && Object.keys(select).length === 0;
}

function canonical(client: unknown): PrismaClient & AnyIsolation {
  if (!isClient(client)) throw new TypeError('The generated database client has an unknown shape; generate it again.');
  return client;
}

/** The three clients differ in types of rarely used options only; what the models share is the same by construction. */
function isClient(client: unknown): client is PrismaClient & AnyIsolation {
  return typeof client === 'object' && client !== null && '$transaction' in client && 'tenant' in client;
}
