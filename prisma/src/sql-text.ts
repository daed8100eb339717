// Pure. Turns a statement with `?` into what each database takes.
import type { Provider } from './database-url.ts';

/** JSON for a column of that type; made by `json()`. */
export class SqlJson {
  readonly text: string;

  constructor(value: unknown) {
    this.text = JSON.stringify(value);
  }
}

/** What a statement takes as a parameter. */
export type SqlValue = string | number | bigint | boolean | Date | Uint8Array | SqlJson | null;

/** A row that a statement returns; which JavaScript type a number has differs, see `toBigInt`. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A value for a JSON column. */
export function json(value: unknown): SqlJson {
  return new SqlJson(value);
}

/** Puts PostgreSQL's numbered and typed placeholders where the text has `?` outside quotes; the others take `?` as it is. */
export function placeholdersFor(provider: Provider, text: string, params: readonly SqlValue[]): string {
  let at = 0;
  const numbered = text.replace(/'(?:[^']|'')*'|"[^"]*"|\?/g, (part) => {
    if (part !== '?') return part;
    const param = params[at];
    at += 1;
    return provider === 'postgresql' ? `$${at}${castOf(param)}` : part;
  });
  if (at !== params.length) throw new Error(`The statement has ${at} placeholders and got ${params.length} parameters.`);
  return numbered;
}

/** PostgreSQL guesses the type of a parameter from its surroundings, and guesses text within many expressions. */
function castOf(param: SqlValue | undefined): string {
  if (typeof param === 'bigint') return '::bigint';
  if (typeof param === 'boolean') return '::boolean';
  if (param instanceof Date) return '::timestamp(3)';
  if (param instanceof Uint8Array) return '::bytea';
  if (param instanceof SqlJson) return '::jsonb';
  return '';
}

/** Refuses a table or column name that would need quotes: such a name differs between the databases. */
export function plainName(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`"${name}" is not a plain SQL name.`);
  return name;
}

/** `(?, ?), (?, ?)` for rows of one width. */
export function valuesList(width: number, rows: number): string {
  const row = `(${Array.from({ length: width }, () => '?').join(', ')})`;
  return Array.from({ length: rows }, () => row).join(', ');
}

/**
 * A whole number that a raw statement returned, which may be a number, a bigint, digits or a decimal, depending on the
 * database and on SUM. NULL, the sum of nothing, is 0; a fraction or anything else throws.
 */
export function toBigInt(value: unknown): bigint {
  if (value === null || value === undefined) return 0n;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const digits = typeof value === 'string' ? value : isDecimal(value) ? value.toFixed() : '';
  const whole = /^(-?\d+)(?:\.0+)?$/.exec(digits)?.[1];
  if (whole === undefined) throw new TypeError(`Not a whole number: ${typeof value === 'object' ? digits : String(value)}`);
  return BigInt(whole);
}

function isDecimal(value: unknown): value is { toFixed(): string } {
  return typeof value === 'object' && value !== null && 'toFixed' in value && typeof value.toFixed === 'function';
}
