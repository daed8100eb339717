// A program: reads {provider, from, to} as JSON from its input and prints the SQL that leads from one schema to the
// other, for SQLite or PostgreSQL. A process of its own, because a second engine in one process panics.
import { text } from 'node:stream/consumers';
import type { IsolationLevel, SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory, SqlQuery, SqlResultSet } from '@prisma/driver-adapter-utils';
import { ColumnTypeEnum, bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';

/** What the program reads; an empty `from` means an empty database. */
export interface DiffQuestion {
  readonly provider: 'sqlite' | 'postgresql';
  readonly from: string;
  readonly to: string;
}

const NO_FILTER = { externalTables: [], externalEnums: [] };

/** An adapter for no database at all: comparing two schemas asks for nothing but PostgreSQL's version. */
function nowhere(provider: DiffQuestion['provider']): SqlMigrationAwareDriverAdapterFactory {
  const info = { provider: provider === 'postgresql' ? 'postgres' : 'sqlite', adapterName: 'fairlead-nowhere' } as const;
  const refuse = (sql: string): never => {
    throw new Error(`Comparing two schemas asked the database: ${sql}`);
  };
  const adapter: SqlDriverAdapter = {
    ...info,
    queryRaw: async ({ sql }: SqlQuery): Promise<SqlResultSet> => {
      if (!sql.includes('server_version_num')) return refuse(sql);
      const columnTypes = [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32];
      return { columnNames: ['exists', 'version', 'numeric_version'], columnTypes, rows: [[true, 'PostgreSQL 15.0', 150000]] };
    },
    executeRaw: async ({ sql }: SqlQuery) => refuse(sql),
    executeScript: async (sql: string) => refuse(sql),
    startTransaction: async (_level?: IsolationLevel) => refuse('BEGIN'),
    dispose: async () => {},
  };
  return { ...info, connect: async () => adapter, connectToShadowDb: async () => adapter };
}

// Without the registry a panic of the engine would show as an unrelated error of JavaScript.
Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) } });

const { provider, from, to }: DiffQuestion = JSON.parse(await text(process.stdin));
const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', to]] }, () => {}, bindMigrationAwareSqlAdapterFactory(nowhere(provider)));
const { stdout } = await engine.diff({
  from: from === '' ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: from }] },
  to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: to }] },
  script: true,
  exitCode: null,
  filters: NO_FILTER,
});
process.stdout.write(stdout ?? '');
