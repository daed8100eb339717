// Pure. A request that cannot be read, with the place that is wrong.
import { isLoose, type Loose } from '@fairlead/shared/wire/json.ts';

/** Thrown by readers of requests. `path` is written as clients know it: `messages.2.content.0.source`. */
export class BadRequest extends Error {
  readonly path: string;
  readonly problem: string;
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'BadRequest';
    this.path = path;
    this.problem = problem;
  }
}

/** A list in a field: absent or null is empty, anything but a list is refused. */
export function listAt(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new BadRequest(path, 'must be a list');
  return value;
}

/** The objects of a list, each with its path; anything else in it is refused. */
export function objectsAt(value: unknown, path: string): { readonly item: Loose; readonly path: string }[] {
  return listAt(value, path).map((item, at) => {
    if (!isLoose(item)) throw new BadRequest(`${path}.${at}`, 'must be an object');
    return { item, path: `${path}.${at}` };
  });
}

/** The object in a field; undefined when it is absent or null. */
export function objectAt(value: unknown, path: string): Loose | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isLoose(value)) throw new BadRequest(path, 'must be an object');
  return value;
}

/** The text in a field that must be there. */
export function textAt(value: unknown, path: string): string {
  if (typeof value !== 'string') throw new BadRequest(path, 'must be a text');
  return value;
}

/** The text in a field; undefined when it is absent or null. */
export function optionalTextAt(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : textAt(value, path);
}

/** The number in a field; undefined when it is absent or null. */
export function optionalNumberAt(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new BadRequest(path, 'must be a number');
  return value;
}

/** Base64 of a file; refused when it is none, since every vendor would refuse it without saying where. */
export function base64At(value: unknown, path: string): string {
  const text = textAt(value, path);
  // Looked at without a copy: a file may have many megabytes.
  if (text.length % 4 === 1 || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw new BadRequest(path, 'must be base64');
  return text;
}

/** An address that a vendor may be told to fetch: http or https. */
export function urlAt(value: unknown, path: string): string {
  const text = textAt(value, path);
  if (!/^https?:\/\/[^\s/]/i.test(text)) throw new BadRequest(path, 'must be an http or https address');
  return text;
}
