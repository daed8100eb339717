// Pure. The few questions every guard asks about parsed JSON.

/** Any value that JSON can carry. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object that JSON can carry. */
export type JsonObject = { readonly [field: string]: JsonValue };

/** A parsed object whose fields nobody has looked at yet. */
export type Loose = { readonly [field: string]: unknown };

/** Tells whether a parsed value is an object (not an array, not null). */
export function isLoose(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses JSON text; undefined when it is not JSON, so that a caller can name its own fault. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The list in a field; empty when the field is absent or no list. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; whatever else stands in it is passed over. */
export function looseOf(value: unknown): readonly Loose[] {
  return listOf(value).filter(isLoose);
}

/** The text in a field; undefined when it is no string. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The finite number in a field; undefined when it is none. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A count of tokens as vendors write it: whole and not negative, else 0. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** The object of a value; undefined when it is none. */
export function objectOf(value: unknown): Loose | undefined {
  return isLoose(value) ? value : undefined;
}

/** A parsed value as a word: texts and numbers as they are, the rest by its kind. An object may hold a `toString` of its own that is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'object' : String(value);
}
