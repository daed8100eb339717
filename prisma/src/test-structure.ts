// For tests only: what a database really holds, in a form that compares.
import type { Database } from './open.ts';
import type { Provider } from './database-url.ts';

const COLUMNS: Readonly<Record<Provider, string>> = {
  sqlite: `SELECT m.name AS t, c.name AS c, c.type AS kind, c."notnull" AS required, c.dflt_value AS initial, c.pk AS pk
    FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`,
  postgresql: `SELECT table_name AS t, column_name AS c, data_type AS kind, datetime_precision AS digits, is_nullable AS optional, column_default AS initial
    FROM information_schema.columns WHERE table_schema = current_schema()`,
  mysql: `SELECT table_name AS t, column_name AS c, column_type AS kind, collation_name AS sorting, is_nullable AS optional, column_default AS initial, extra AS extra
    FROM information_schema.columns WHERE table_schema = DATABASE()`,
};

const INDEXES: Readonly<Record<Provider, string>> = {
  sqlite: `SELECT m.name AS t, i.name AS i, i."unique" AS u, c.seqno AS n, c.name AS c
    FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c WHERE m.type = 'table'`,
  postgresql: 'SELECT tablename AS t, indexdef AS i FROM pg_indexes WHERE schemaname = current_schema()',
  mysql: `SELECT table_name AS t, index_name AS i, non_unique AS u, seq_in_index AS n, column_name AS c, collation AS direction
    FROM information_schema.statistics WHERE table_schema = DATABASE()`,
};

const REFERENCES: Readonly<Record<Provider, string>> = {
  sqlite: `SELECT m.name AS t, f."table" AS target, f."from" AS c, f."to" AS d, f.on_delete AS del, f.on_update AS upd
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`,
  postgresql: `SELECT conrelid::regclass::text AS t, conname::text AS name, pg_get_constraintdef(oid) AS rule
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace`,
  mysql: `SELECT r.table_name AS t, r.constraint_name AS name, r.delete_rule AS del, r.update_rule AS upd, k.column_name AS c, k.referenced_table_name AS target, k.referenced_column_name AS d
    FROM information_schema.referential_constraints r JOIN information_schema.key_column_usage k
    ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name WHERE r.constraint_schema = DATABASE()`,
};

/** Every column, index and reference as one line, sorted; the table of the migrations is left out. */
export async function structureOf(db: Database): Promise<string[]> {
  const questions = [COLUMNS, INDEXES, REFERENCES].map((of) => of[db.provider]);
  const answers = await Promise.all(questions.map((question) => db.sql.queryRaw(db.client, question)));
  return answers.flatMap((rows, at) => rows
    .filter((row) => row['t'] !== '_prisma_migrations')
    .map((row) => `${['column', 'index', 'reference'][at]} ${JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}`))
    .sort();
}

/** Every table's columns, as `table.column`, sorted. */
export async function columnsOf(db: Database): Promise<string[]> {
  const rows = await db.sql.queryRaw(db.client, COLUMNS[db.provider]);
  return rows.filter((row) => row['t'] !== '_prisma_migrations').map((row) => `${String(row['t'])}.${String(row['c'])}`).sort();
}
