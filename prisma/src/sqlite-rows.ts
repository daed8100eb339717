// Runs one statement for each of many rows. SQLite is in this process: a prepared statement that is bound again and again
// is several times as fast as one text with thousands of parameters, or as SQL that takes JSON apart.
import type { SqlDriverAdapter, SqlQuery } from '@prisma/driver-adapter-utils';
import { SqlJson } from './sql-text.ts';
import type { SqlValue } from './sql-text.ts';

interface Statement { run(values: readonly unknown[]): { changes: number } }
interface Driver { prepare(text: string): Statement }

/** The rows that a statement is meant for. */
export class SqliteRows {
  readonly rows: readonly (readonly SqlValue[])[];

  constructor(rows: readonly (readonly SqlValue[])[]) {
    this.rows = rows;
  }
}

/** Runs a statement for each row on the connection's driver, or, where that is not to be had, through the connection. Returns how many rows changed. */
export async function runForRows(connection: SqlDriverAdapter, { sql }: SqlQuery, { rows }: SqliteRows): Promise<number> {
  const driver = driverOf(connection);
  const statement = driver && prepared(driver, sql);
  const bound: unknown[] = [];
  let changed = 0;
  for (const row of rows) {
    for (let at = 0; at < row.length; at++) bound[at] = boundOf(row[at]);
    const done = statement && tryRun(statement, bound);
    // What went wrong is told in the adapter's own errors: the row is tried again through it.
    changed += done ?? await connection.executeRaw({ sql, args: [...bound], argTypes: bound.map(() => ({ scalarType: 'unknown', arity: 'scalar' })) });
  }
  return changed;
}

// Statements of rows are few, and each comes with every batch.
const mostKept = 64;
const kept = new WeakMap<Driver, Map<string, Statement>>();

function prepared(driver: Driver, text: string): Statement {
  let statements = kept.get(driver);
  if (!statements || statements.size >= mostKept) { statements = new Map(); kept.set(driver, statements); }
  let statement = statements.get(text);
  if (!statement) { statement = driver.prepare(text); statements.set(text, statement); }
  return statement;
}

function tryRun(statement: Statement, row: readonly unknown[]): number | undefined {
  try {
    return statement.run(row).changes;
  } catch {
    return undefined;
  }
}

/** A value as the driver takes it, in the form in which the client itself writes it. */
function boundOf(value: SqlValue | undefined): string | number | bigint | Uint8Array | null {
  switch (typeof value) {
    // Half a pair of surrogates is no text for a database.
    case 'string': return value.toWellFormed();
    // The driver binds a number as a float; the column makes a whole one of it again.
    case 'number': case 'bigint': return value;
    case 'boolean': return value ? 1 : 0;
    case 'undefined': return null;
    default:
      if (value instanceof Date) return timeText(value);
      return value instanceof SqlJson ? value.text.toWellFormed() : value;
  }
}

function driverOf(connection: object): Driver | undefined {
  return 'client' in connection && isDriver(connection.client) ? connection.client : undefined;
}

function isDriver(value: unknown): value is Driver {
  return typeof value === 'object' && value !== null && 'prepare' in value && typeof value.prepare === 'function';
}

const dayMs = 86_400_000;
let lastDay = NaN;
let lastDayText = '';

/** As `toISOString` has it, a zone instead of the `Z`; most times of a batch are of one day. */
function timeText(value: Date): string {
  const ms = value.getTime();
  const day = Math.floor(ms / dayMs);
  if (day !== lastDay) {
    lastDayText = value.toISOString().slice(0, -13);
    lastDay = day;
  }
  const left = ms - day * dayMs;
  return `${lastDayText}${two(Math.floor(left / 3_600_000))}:${two(Math.floor(left / 60_000) % 60)}:${two(Math.floor(left / 1000) % 60)}.${String(left % 1000).padStart(3, '0')}+00:00`;
}

const twos = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'));
const two = (number: number): string => twos[number] ?? '';
