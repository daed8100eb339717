// Pure. The small checks that the readers of snapshots are made of; each throws SnapshotInvalid with the path.
import { SnapshotInvalid } from './snapshot-invalid.ts';

/** An object of which nothing is known yet. */
export type Fields = Record<string, unknown>;

/** The JSON in these bytes. */
export function parse(bytes: Uint8Array, path: string): unknown {
  try { return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)); } catch { throw new SnapshotInvalid(path, 'not JSON'); }
}
/** An object. */
export function object(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SnapshotInvalid(path, 'must be an object');
  return value as Fields;
}
/** A list. */
export function list(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value)) throw new SnapshotInvalid(path, 'must be a list');
  return value;
}
/** A list of objects, each checked. */
export function each(value: unknown, path: string, check: (item: Fields, path: string) => void): void {
  list(value, path).forEach((item, at) => check(object(item, `${path}[${at}]`), `${path}[${at}]`));
}
/** A list of objects with an id each; none occurs twice. */
export function ids(value: unknown, path: string): Set<string> {
  const seen = new Set<string>();
  each(value, path, (item, at) => {
    const id = text(item.id, `${at}.id`);
    if (seen.has(id)) throw new SnapshotInvalid(`${at}.id`, 'occurs twice');
    seen.add(id);
  });
  return seen;
}
/** What points somewhere, or is left out. */
export function known(value: unknown, among: ReadonlySet<string>, path: string): void {
  if (value !== undefined && (typeof value !== 'string' || !among.has(value))) throw new SnapshotInvalid(path, 'points to nothing in this snapshot', 'dangling');
}
/** A text that is not empty. */
export function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new SnapshotInvalid(path, 'must be a text');
  return value;
}
/** A whole number. */
export function integer(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new SnapshotInvalid(path, 'must be a whole number');
  return value;
}
/** A whole number of at least `least`. */
export function atLeast(least: number, value: unknown, path: string): number {
  const number = integer(value, path);
  if (number < least) throw new SnapshotInvalid(path, `must be at least ${least}`);
  return number;
}
/** One of a few words. */
export function oneOf(value: unknown, among: readonly string[], path: string): void {
  if (typeof value !== 'string' || !among.includes(value)) throw new SnapshotInvalid(path, `must be one of ${among.join(', ')}`);
}
/** Checked when it is there. */
export function optional(value: unknown, check: (value: unknown, path: string) => unknown, path: string): void {
  if (value !== undefined) check(value, path);
}
/** A SHA-256 in lower-case hexadecimal. */
export function sha256(value: unknown, path: string): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw new SnapshotInvalid(path, 'is no SHA-256');
  return value;
}
