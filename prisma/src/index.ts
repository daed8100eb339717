// The database: open it, migrate it, and the types of its rows.
export { openDatabase } from './open.ts';
export type { Database, Isolation, TransactionOptions } from './open.ts';
export type { Tx } from './tx.ts';
export { migrate } from './migrate.ts';
export type { MigrateOptions } from './migrate.ts';
export { conflictOf, retryConflict } from './retry-conflict.ts';
export type { RetryOptions } from './retry-conflict.ts';
export type { Provider } from './database-url.ts';
export { Prisma } from '#client/client.ts';
export type * from '#client/client.ts';
export { sql } from './portable.ts';
export type { PortableSql, Upsert, UpsertNames, RawRunner, UpsertAdd } from './portable.ts';
export { SqlJson, json, toBigInt } from './sql-text.ts';
export type { SqlRow, SqlValue } from './sql-text.ts';
