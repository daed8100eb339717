// The SQLite driver adapter. The official one runs every request on one connection, so that a request reads what
// another's transaction has not committed and loses its own write when that one rolls back. Here writes and
// transactions take turns on one connection, and everything else reads the last committed state on a second one.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { DriverAdapterError, isDriverAdapterError } from '@prisma/driver-adapter-utils';
import type { SqlDriverAdapter, SqlDriverAdapterFactory, SqlQuery, SqlResultSet, Transaction } from '@prisma/driver-adapter-utils';
import { takeAside } from './aside.ts';
import { backOff, deadlineIn, remainingMs } from './deadline.ts';
import { SqliteRows, runForRows } from './sqlite-rows.ts';
import { createTurns } from './turns.ts';
import type { Turns } from './turns.ts';

// How long the driver may block this thread for another process's write; longer waits happen asynchronously.
const BLOCK_MS = 20;
const BUSY_TIMEOUT_MS = 10_000;
// What the SQLite of better-sqlite3 is built with.
const MAX_BIND_VALUES = 32_766;
const NAME = 'fairlead-sqlite';

// A page cache that holds what a batch of usage changes: a small one is written out and read again within the transaction.
const CACHE_KB = 65_536;
// How much is written before it is taken over from the log into the file: pages that many batches change are so once.
const LOG_BYTES = 32 * 1024 * 1024;
const PRAGMAS = ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', `busy_timeout = ${BLOCK_MS}`, `cache_size = -${CACHE_KB}`, 'temp_store = MEMORY'];

/** Makes adapters for one SQLite file; the file and its folder are created when missing. */
export function createSqliteAdapter(file: string): SqlDriverAdapterFactory {
  return { provider: 'sqlite', adapterName: NAME, connect: () => openSqliteAdapter(file) };
}

async function openSqliteAdapter(file: string): Promise<SqlDriverAdapter> {
  // For the owner's eyes only: the file holds what people asked and what they paid.
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // The driver adapter sets `defaultSafeIntegers`, so that integers above 2^53 arrive whole.
  const official = new PrismaBetterSqlite3({ url: file, timeout: BLOCK_MS });
  const writer = await official.connect();
  await whenFree(() => writer.executeScript(PRAGMAS.map((pragma) => `PRAGMA ${pragma};`).join('\n')));
  const pageBytes = Number((await writer.queryRaw({ sql: 'PRAGMA page_size', args: [], argTypes: [] })).rows[0]?.[0]);
  await writer.executeScript(`PRAGMA wal_autocheckpoint = ${Math.floor(LOG_BYTES / pageBytes)};`);
  const reader = await official.connect();
  await reader.executeScript(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA query_only = ON;`);
  return new SqliteAdapter(writer, reader);
}

class SqliteAdapter implements SqlDriverAdapter {
  readonly provider = 'sqlite';
  readonly adapterName = NAME;
  readonly #turns: Turns = createTurns();
  readonly #writer: SqlDriverAdapter;
  readonly #reader: SqlDriverAdapter;

  constructor(writer: SqlDriverAdapter, reader: SqlDriverAdapter) {
    this.#writer = writer;
    this.#reader = reader;
  }

  queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    if (isRead(query.sql)) return this.#reader.queryRaw(query);
    return this.#turns.run(() => whenFree(() => this.#writer.queryRaw(query)));
  }

  executeRaw(query: SqlQuery): Promise<number> {
    if (takeAside(query) !== undefined) return this.#executeForRows(query);
    return this.#turns.run(() => whenFree(() => this.#writer.executeRaw(query)));
  }

  /** All rows or none, as with one statement. */
  async #executeForRows(query: SqlQuery): Promise<number> {
    const transaction = await this.startTransaction();
    try {
      const changed = await transaction.executeRaw(query);
      await transaction.commit();
      return changed;
    } catch (error) {
      await transaction.rollback();
      throw error;
    }
  }

  executeScript(script: string): Promise<void> {
    return this.#turns.run(() => this.#writer.executeScript(script));
  }

  async startTransaction(): Promise<Transaction> {
    const release = await this.#turns.take();
    try {
      // IMMEDIATE: a transaction that began with a read could otherwise fail at its first write.
      await whenFree(() => this.#writer.executeScript('BEGIN IMMEDIATE'));
    } catch (error) {
      release();
      throw error;
    }
    return new SqliteTransaction(this.#writer, release);
  }

  getConnectionInfo(): { maxBindValues: number; supportsRelationJoins: boolean } {
    return { maxBindValues: MAX_BIND_VALUES, supportsRelationJoins: false };
  }

  async dispose(): Promise<void> {
    await this.#turns.run(async () => {
      await this.#reader.dispose();
      await this.#writer.dispose();
    });
  }
}

class SqliteTransaction implements Transaction {
  readonly provider = 'sqlite';
  readonly adapterName = NAME;
  // "Phantom": COMMIT and ROLLBACK are ours to send, so that the turn ends only after them.
  readonly options = { usePhantomQuery: true };
  readonly #connection: SqlDriverAdapter;
  readonly #release: () => void;
  #over = false;

  constructor(connection: SqlDriverAdapter, release: () => void) {
    this.#connection = connection;
    this.#release = release;
  }

  async queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    this.#requireOpen();
    return this.#connection.queryRaw(query);
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    this.#requireOpen();
    const aside = takeAside(query);
    return aside instanceof SqliteRows ? runForRows(this.#connection, query, aside) : this.#connection.executeRaw(query);
  }

  async commit(): Promise<void> {
    this.#requireOpen();
    try {
      await whenFree(() => this.#connection.executeScript('COMMIT'));
    } catch (error) {
      await this.#end('ROLLBACK');
      throw error;
    }
    await this.#end();
  }

  rollback(): Promise<void> {
    return this.#end('ROLLBACK');
  }

  createSavepoint(name: string): Promise<void> {
    return this.#connection.executeScript(`SAVEPOINT ${name}`);
  }

  rollbackToSavepoint(name: string): Promise<void> {
    return this.#connection.executeScript(`ROLLBACK TO ${name}`);
  }

  releaseSavepoint(name: string): Promise<void> {
    return this.#connection.executeScript(`RELEASE SAVEPOINT ${name}`);
  }

  async #end(statement?: 'ROLLBACK'): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    try {
      if (statement !== undefined) await this.#connection.executeScript(statement);
    } catch {
      // SQLite rolls back by itself on some errors (a full disk); a second ROLLBACK then finds nothing to undo.
    } finally {
      this.#release();
    }
  }

  // A statement that comes after the end would run in whoever's transaction is next on the connection.
  #requireOpen(): void {
    if (this.#over) throw new DriverAdapterError({ kind: 'TransactionAlreadyClosed', cause: 'The transaction is over.' });
  }
}

/** Only a plain SELECT is surely a read: WITH may lead a DELETE. */
function isRead(sql: string): boolean {
  return /^\s*SELECT\b/i.test(sql);
}

/** Runs work that another process's write may keep out, again and again until the deadline. */
async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  const deadline = deadlineIn(BUSY_TIMEOUT_MS);
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const busy = isDriverAdapterError(error) && error.cause.kind === 'SocketTimeout';
      if (!busy || remainingMs(deadline) === 0) throw error;
      await backOff(attempt, deadline);
    }
  }
}
