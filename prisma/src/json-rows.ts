// Pure. Many rows as one parameter: the client converts and sends every parameter on its own, which for thousands of rows
// costs many times what the database then does with them. Servers take them as JSON.
import type { Provider } from './database-url.ts';
import { SqliteRows } from './sqlite-rows.ts';
import { SqlJson, valuesList } from './sql-text.ts';
import type { SqlValue } from './sql-text.ts';

/** What stands behind `INSERT INTO t (…)`, and the one parameter that it takes. */
export interface JsonRows { readonly text: string; readonly param: string | SqliteRows }

type Kind = 'text' | 'whole' | 'real' | 'flag' | 'time' | 'json' | 'null';

/** From how many values on one parameter is cheaper than one for each. */
const fewestValues = 200;

/** Rows as one parameter; undefined where they are few, or hold what JSON does not. */
export function jsonRows(provider: Provider, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): JsonRows | undefined {
  if (rows.length * columns.length < fewestValues) return undefined;
  // No JSON at all: the rows themselves are at hand.
  if (provider === 'sqlite') return { text: `VALUES ${valuesList(columns.length, 1)}`, param: new SqliteRows(rows) };
  const kinds: Kind[] = [];
  for (let at = 0; at < columns.length; at++) {
    const kind = kindOf(rows, at);
    if (kind === undefined) return undefined;
    kinds.push(kind);
  }
  return provider === 'postgresql' ? { text: postgresSelect(columns, kinds), param: namedOf(rows) } : { text: mysqlSelect(columns, kinds, rows), param: groupedOf(rows) };
}

/** The one kind of a column's values; undefined when there are several, or one that JSON cannot hold. */
function kindOf(rows: readonly (readonly SqlValue[])[], at: number): Kind | undefined {
  let kind: Kind = 'null';
  for (const row of rows) {
    const value = row[at];
    if (value === null || value === undefined) continue;
    const own = kindOfValue(value);
    if (own === undefined || (kind !== 'null' && kind !== own)) return undefined;
    kind = own;
  }
  return kind;
}

function kindOfValue(value: Exclude<SqlValue, null>): Kind | undefined {
  switch (typeof value) {
    case 'string': return 'text';
    case 'bigint': return 'whole';
    case 'boolean': return 'flag';
    case 'number': return Number.isSafeInteger(value) ? 'whole' : 'real';
    default: return value instanceof Date ? 'time' : value instanceof SqlJson ? 'json' : undefined;
  }
}

/** Objects with short names: PostgreSQL reads a list anew for each of its members. */
function namedOf(rows: readonly (readonly SqlValue[])[]): string {
  return JSON.stringify(rows.map((row) => {
    const named: Record<string, string | number | null> = {};
    row.forEach((value, at) => { if (value !== null) named[`c${at}`] = jsonOf(value); });
    return named;
  }));
}

function jsonOf(value: SqlValue): string | number | null {
  if (value === null) return null;
  // Half a pair of surrogates is no text for a database; drivers replace it as well.
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof SqlJson) return value.text.toWellFormed();
  if (!(value instanceof Date)) throw new TypeError('Bytes are no JSON.');
  // The form in which the client itself writes times.
  return value.toISOString().slice(0, -1).replace('T', ' ');
}

const onPostgres: Record<Kind, string> = { text: 'text', whole: 'bigint', real: 'double precision', flag: 'integer', time: 'timestamp(3)', json: 'text', null: 'text' };

function postgresSelect(columns: readonly string[], kinds: readonly Kind[]): string {
  const read = (kind: Kind, at: number) => (kind === 'flag' ? `json_rows.c${at} = 1` : kind === 'json' ? `json_rows.c${at}::jsonb` : kind === 'null' ? 'NULL' : `json_rows.c${at}`);
  return `SELECT ${kinds.map((kind, at) => `${read(kind, at)} AS ${columns[at]}`).join(', ')} FROM json_to_recordset($1::json) AS json_rows(${kinds.map((kind, at) => `c${at} ${onPostgres[kind]}`).join(', ')}) WHERE 1 = 1`;
}

// MariaDB walks a list from its beginning for each member, so that members in short lists within it are found sooner.
const inGroup = 6;

function groupedOf(rows: readonly (readonly SqlValue[])[]): string {
  return JSON.stringify(rows.map((row) => {
    const groups: (string | number | null)[][] = [];
    for (let at = 0; at < row.length; at += inGroup) groups.push(row.slice(at, at + inGroup).map((value) => jsonOf(value)));
    return groups;
  }));
}

const onMysql: Record<Exclude<Kind, 'text' | 'json' | 'null'>, string> = { whole: 'BIGINT', real: 'DOUBLE', flag: 'BOOLEAN', time: 'DATETIME(3)' };

function mysqlSelect(columns: readonly string[], kinds: readonly Kind[], rows: readonly (readonly SqlValue[])[]): string {
  const typed = kinds.flatMap((kind, at) => {
    if (kind === 'null') return [];
    // A LONGTEXT would put the whole table that JSON becomes on disk.
    const type = kind === 'json' ? 'LONGTEXT' : kind === 'text' ? (longest(rows, at) <= 512 ? 'VARCHAR(512)' : 'LONGTEXT') : onMysql[kind];
    // An error where JSON does not fit its column: it would be NULL otherwise.
    return [`c${at} ${type} PATH '$[${Math.floor(at / inGroup)}][${at % inGroup}]' ERROR ON ERROR`];
  });
  return `SELECT ${kinds.map((kind, at) => `${kind === 'null' ? 'NULL' : `json_rows.c${at}`} AS ${columns[at]}`).join(', ')} FROM JSON_TABLE(?, '$[*]' COLUMNS (${typed.join(', ')})) AS json_rows`;
}

function longest(rows: readonly (readonly SqlValue[])[], at: number): number {
  let most = 0;
  for (const row of rows) {
    const value = row[at];
    if (typeof value === 'string' && value.length > most) most = value.length;
  }
  return most;
}
