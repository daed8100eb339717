// Pure.
import type { JsonObject } from '@fairlead/shared/wire/json.ts';

/** The object as JSON carries it; what came in as JSON goes out the same. */
export function plainJson(value: { readonly [field: string]: unknown }): JsonObject {
  return JSON.parse(JSON.stringify(value));
}
