// Raw statements that mean the same on all three databases. Tables and columns have the names of the models in
// snake_case; a name that SQL reserves has `_` behind it (`key_`, `match_`, `window_`).
import type { Provider } from './database-url.ts';
import { asideMark, layAside } from './aside.ts';
import { jsonRows } from './json-rows.ts';
import { SqlJson, placeholdersFor, plainName, toBigInt, valuesList } from './sql-text.ts';
import type { SqlRow, SqlValue } from './sql-text.ts';
import type { Tx } from './tx.ts';

/** Runs raw statements: a transaction, or the client for a single statement. */
export type RawRunner = Pick<Tx, '$executeRawUnsafe' | '$queryRawUnsafe'>;

/** Adds to counters; rows that are not there yet are made. */
export interface UpsertAdd {
  readonly table: string;
  /** The columns of the primary key or of one unique index. */
  readonly keys: readonly string[];
  /** The columns to add to; there must be no others without a default. */
  readonly add: readonly string[];
  /** Rows of keys then amounts, or a SELECT that names its columns like these and gives at most one row for a key. */
  readonly from: readonly (readonly SqlValue[])[] | { readonly text: string; readonly params: readonly SqlValue[] };
}

/** Inserts rows; what is there already is changed by what comes. */
export interface Upsert {
  readonly table: string;
  /** The columns of the primary key or of one unique index, and the table's only one that rows may break. */
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  /** No two of one key: PostgreSQL refuses to change a row twice. */
  readonly rows: readonly (readonly SqlValue[])[];
  /** Columns and what they become. MySQL sets them one after another: what a later one reads of the row must not be set before it. */
  readonly set: readonly (readonly [column: string, become: (at: UpsertNames) => string])[];
  /** Which stored rows may be changed; the others stay as they are. Must read nothing that is set. */
  readonly where?: (at: UpsertNames) => string;
}

/** What an expression of an upsert calls a column's stored value and the one that comes. */
export interface UpsertNames { stored(column: string): string; coming(column: string): string }

/** The portable statements of one database. */
export interface PortableSql {
  readonly provider: Provider;
  /** Runs a statement whose parameters are `?`; returns how many rows it matched or inserted. */
  executeRaw(tx: RawRunner, text: string, params?: readonly SqlValue[]): Promise<number>;
  /** Runs a query whose parameters are `?`. */
  queryRaw(tx: RawRunner, text: string, params?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** Inserts the rows that break no unique index; returns how many. Every other violation is an error. */
  insertIgnore(tx: Tx, table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number>;
  /** Adds amounts to the counters of many rows at once, exactly, whoever else adds at the same time. */
  upsertAdd(tx: RawRunner, statement: UpsertAdd): Promise<void>;
  /** Inserts many rows at once, or changes those that are there. */
  upsert(tx: RawRunner, statement: Upsert): Promise<void>;
  /** Joins tables in the order in which they stand; to PostgreSQL it is a join like any. */
  readonly joinInOrder: string;
  /** A table of instants, in their column `at_`, for a query that takes `param`. */
  instants(times: readonly Date[]): { readonly text: string; readonly param: string };
}

// As values: below every database's limit of parameters for any width of ours. As JSON: some 200 kB.
const ROWS_AT_ONCE = 500;

/** The portable statements for a database of this kind. */
export function sql(provider: Provider): PortableSql {
  const run: Run = (tx, text, params) => tx.$executeRawUnsafe(placeholdersFor(provider, text, params), ...params.map(plain));
  return {
    provider,
    executeRaw: (tx, text, params = []) => run(tx, text, params),
    queryRaw: (tx, text, params = []) => tx.$queryRawUnsafe<SqlRow[]>(placeholdersFor(provider, text, params), ...params.map(plain)),
    insertIgnore: async (tx, table, columns, rows) => {
      const names = columns.map(plainName);
      const head = `INSERT INTO ${plainName(table)} (${names.join(', ')})`;
      requireWidth(rows, columns.length);
      if (provider === 'mysql') return insertCounting(run, tx, table, head, names, rows);
      let inserted = 0;
      for (const some of chunks(provider, rows)) inserted += await insertRows(run, provider, tx, head, names, some, 'ON CONFLICT DO NOTHING');
      return inserted;
    },
    upsertAdd: async (tx, { table, keys, add, from }) => {
      const names = [...keys, ...add].map(plainName);
      const head = `INSERT INTO ${plainName(table)} (${names.join(', ')})`;
      const tail = upsertTail(provider, table, keys, add);
      if (!isRows(from)) {
        // WHERE keeps SQLite from reading ON CONFLICT as a join's ON.
        await run(tx, `${head} SELECT ${names.map((name) => `fresh.${name}`).join(', ')} FROM (${from.text}) AS fresh WHERE 1 = 1 ${tail}`, from.params);
        return;
      }
      requireWidth(from, names.length);
      for (const some of chunks(provider, mergeRows(from, keys.length))) {
        await insertRows(run, provider, tx, head, names, some, tail);
      }
    },
    upsert: async (tx, statement) => {
      const { table, columns, rows } = statement;
      const names = columns.map(plainName);
      const head = `INSERT INTO ${plainName(table)} (${names.join(', ')})`;
      const tail = changeTail(provider, statement);
      requireWidth(rows, columns.length);
      for (const some of chunks(provider, rows)) await insertRows(run, provider, tx, head, names, some, tail);
    },
    // MariaDB and MySQL read a cross join in any order.
    joinInOrder: provider === 'mysql' ? 'STRAIGHT_JOIN' : 'CROSS JOIN',
    instants: (times) => ({ text: instantsOf[provider], param: JSON.stringify(times.map((time) => (provider === 'sqlite' ? time.toISOString().replace('Z', '+00:00') : time.toISOString().slice(0, -1)))) }),
  };
}

const instantsOf: Record<Provider, string> = {
  sqlite: '(SELECT value AS at_ FROM json_each(?))',
  postgresql: '(SELECT value::timestamp(3) AS at_ FROM json_array_elements_text(?::json))',
  mysql: "JSON_TABLE(?, '$[*]' COLUMNS (at_ DATETIME(3) PATH '$'))",
};

/** Inserts rows that are few as values, and many as one parameter that goes past the client. */
function insertRows(run: Run, provider: Provider, tx: RawRunner, head: string, names: readonly string[], rows: readonly (readonly SqlValue[])[], tail: string): Promise<number> {
  const source = jsonRows(provider, names, rows);
  if (source) return layAside(source.param, (name) => tx.$executeRawUnsafe(`${asideMark} ${head} ${source.text} ${tail}`, name));
  return run(tx, `${head} VALUES ${valuesList(names.length, rows.length)} ${tail}`, rows.flat());
}

type Run = (tx: RawRunner, text: string, params: readonly SqlValue[]) => Promise<number>;

const plain = (value: SqlValue): unknown => (value instanceof SqlJson ? value.text : value);

const isRows = (from: UpsertAdd['from']): from is readonly (readonly SqlValue[])[] => Array.isArray(from);

function upsertTail(provider: Provider, table: string, keys: readonly string[], add: readonly string[]): string {
  if (provider === 'mysql') return `ON DUPLICATE KEY UPDATE ${add.map((name) => `${name} = ${table}.${name} + VALUES(${name})`).join(', ')}`;
  return `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${add.map((name) => `${name} = ${table}.${name} + excluded.${name}`).join(', ')}`;
}

function changeTail(provider: Provider, { table, keys, set, where }: Upsert): string {
  const coming = provider === 'mysql' ? (column: string) => `VALUES(${plainName(column)})` : (column: string) => `excluded.${plainName(column)}`;
  const at: UpsertNames = { stored: (column) => `${table}.${plainName(column)}`, coming };
  const changes = set.map(([column, become]) => [plainName(column), become(at)] as const);
  const may = where?.(at);
  if (provider === 'mysql') return `ON DUPLICATE KEY UPDATE ${changes.map(([column, text]) => `${column} = ${may === undefined ? text : `CASE WHEN ${may} THEN ${text} ELSE ${at.stored(column)} END`}`).join(', ')}`;
  return `ON CONFLICT (${keys.map(plainName).join(', ')}) DO UPDATE SET ${changes.map(([column, text]) => `${column} = ${text}`).join(', ')}${may === undefined ? '' : ` WHERE ${may}`}`;
}

/**
 * MySQL's INSERT IGNORE would also swallow broken references and cut texts that are too long. Rows that are there already
 * are changed to what they are, and counted while that happens: a driver's count does not tell them from new ones.
 */
async function insertCounting(run: Run, tx: RawRunner, table: string, head: string, names: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<number> {
  if (rows.length === 0) return 0;
  const kept = `${table}.${names[0]}`;
  await run(tx, 'SET @there_already = 0', []);
  for (const some of chunks('mysql', rows)) await insertRows(run, 'mysql', tx, head, names, some, `ON DUPLICATE KEY UPDATE ${names[0]} = IF(@there_already := @there_already + 1, ${kept}, ${kept})`);
  const [counted] = await tx.$queryRawUnsafe<SqlRow[]>('SELECT @there_already AS there_already');
  return rows.length - Number(toBigInt(counted?.['there_already']));
}

/** One row per key, for PostgreSQL refuses to change a row twice; sorted, so that two writers lock in the same order. */
function mergeRows(rows: readonly (readonly SqlValue[])[], keys: number): (readonly SqlValue[])[] {
  const merged = new Map<string, readonly SqlValue[]>();
  for (const row of rows) {
    const id = keyText(row, keys);
    const before = merged.get(id);
    merged.set(id, before === undefined ? row : before.map((value, at) => (at < keys ? value : sum(value, row[at]))));
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/** Its length before each value: no two keys have one text. */
function keyText(row: readonly SqlValue[], keys: number): string {
  let text = '';
  for (let at = 0; at < keys; at++) {
    const value = row[at];
    const part = typeof value === 'string' ? value : value instanceof Date ? String(value.getTime()) : String(value);
    text += `${part.length}:${part}`;
  }
  return text;
}

function sum(a: SqlValue, b: SqlValue | undefined): SqlValue {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  throw new TypeError('An amount to add must be a number or a bigint, the same in all rows.');
}

function requireWidth(rows: readonly (readonly SqlValue[])[], width: number): void {
  for (const row of rows) {
    if (row.length !== width) throw new Error(`A row has ${row.length} values for ${width} columns.`);
  }
}

function* chunks<T>(provider: Provider, rows: readonly T[]): Generator<readonly T[]> {
  // SQLite takes many rows one by one, whatever their number.
  const atOnce = provider === 'sqlite' && rows.length > ROWS_AT_ONCE ? rows.length : ROWS_AT_ONCE;
  for (let at = 0; at < rows.length; at += atOnce) yield rows.slice(at, at + atOnce);
}
