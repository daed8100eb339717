// Pure. The SQL that leads a MySQL or MariaDB database from one schema to another.
import { quote, tablesOf } from './mysql-tables.ts';
import type { Table } from './mysql-tables.ts';

// Binary collation: two texts are equal when their bytes are, as in the other databases.
const TABLE_OPTIONS = 'DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin';

/** The migration between two schemas; empty when nothing changed. An empty schema has no tables. */
export function diffMysql(from: string, to: string): string {
  const before = tablesOf(from);
  const after = tablesOf(to);
  const removed = [...before.values()].filter((table) => !after.has(table.name));
  const created = [...after.values()].filter((table) => !before.has(table.name));
  const kept = [...after.values()].flatMap((table) => {
    const old = before.get(table.name);
    return old === undefined ? [] : [{ old, table }];
  });
  // References go first and come last, so that no step finds a table or an index still in use.
  const statements = [
    ...kept.flatMap(({ old, table }) => [...goneOrChanged(old.foreignKeys, table.foreignKeys)].map((name) => alter(old, [`DROP FOREIGN KEY ${quote(name)}`]))),
    ...removed.flatMap((table) => [...table.foreignKeys.keys()].map((name) => alter(table, [`DROP FOREIGN KEY ${quote(name)}`]))),
    ...created.map(create),
    ...kept.map(({ old, table }) => alter(table, changes(old, table))),
    ...kept.flatMap(({ old, table }) => [...newOrChanged(old.foreignKeys, table.foreignKeys)].map((definition) => alter(table, [`ADD ${definition}`]))),
    ...created.flatMap((table) => [...table.foreignKeys.values()].map((definition) => alter(table, [`ADD ${definition}`]))),
    ...removed.map((table) => `DROP TABLE ${quote(table.name)};`),
  ];
  return statements.filter((statement) => statement !== '').map((statement) => `${statement}\n`).join('\n');
}

function create(table: Table): string {
  const columns = [...table.columns].map(([name, definition]) => `${quote(name)} ${definition}`);
  return `CREATE TABLE ${quote(table.name)} (\n  ${[...columns, table.primaryKey, ...table.indexes.values()].join(',\n  ')}\n) ${TABLE_OPTIONS};`;
}

function changes(old: Table, table: Table): string[] {
  const goneIndexes = [...goneOrChanged(old.indexes, table.indexes)].map((name) => `DROP INDEX ${quote(name)}`);
  const goneColumns = [...old.columns.keys()].filter((name) => !table.columns.has(name)).map((name) => `DROP COLUMN ${quote(name)}`);
  const columns = [...table.columns].flatMap(([name, definition]) => {
    const was = old.columns.get(name);
    if (was === definition) return [];
    return [`${was === undefined ? 'ADD' : 'MODIFY'} COLUMN ${quote(name)} ${definition}`];
  });
  const key = old.primaryKey === table.primaryKey ? [] : ['DROP PRIMARY KEY', `ADD ${table.primaryKey}`];
  return [...goneIndexes, ...goneColumns, ...columns, ...key, ...[...newOrChanged(old.indexes, table.indexes)].map((definition) => `ADD ${definition}`)];
}

const alter = (table: Table, parts: readonly string[]): string =>
  parts.length === 0 ? '' : `ALTER TABLE ${quote(table.name)}\n  ${parts.join(',\n  ')};`;

function goneOrChanged(old: ReadonlyMap<string, string>, current: ReadonlyMap<string, string>): string[] {
  return [...old].filter(([name, definition]) => current.get(name) !== definition).map(([name]) => name);
}

function newOrChanged(old: ReadonlyMap<string, string>, current: ReadonlyMap<string, string>): string[] {
  return [...current].filter(([name, definition]) => old.get(name) !== definition).map(([, definition]) => definition);
}
