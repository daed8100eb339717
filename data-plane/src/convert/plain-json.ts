// Pure.
import type { JsonObject, Loose } from '@fairlead/shared/wire/json.ts';

/** What was read from JSON, as JSON again: it holds nothing else, so nothing is copied or looked at. */
export function plainJson(value: Loose): JsonObject {
  return isJson(value) ? value : {};
}

function isJson(_value: Loose): _value is JsonObject {
  return true;
}
