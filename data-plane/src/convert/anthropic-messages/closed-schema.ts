// Pure. This vendor takes the schema of an answer, or of a strict tool, only where no object is open for more.
import { isLoose, type JsonObject, type JsonValue, type Loose } from '@fairlead/shared/wire/json.ts';
import { plainJson } from '../plain-json.ts';

/** A schema deeper than this is nobody's. */
const deepest = 60;

/** The schema with every object closed that does not say whether it is; the same one when nothing was open. */
export function closedSchema(schema: Loose, depth = 0): JsonObject {
  if (depth > deepest) return plainJson(schema);
  let after: Record<string, JsonValue> | undefined;
  const plain = plainJson(schema);
  for (const [name, value] of Object.entries(plain)) {
    const made = closedIn(name, value, depth);
    if (made !== value) (after ??= { ...plain })[name] = made;
  }
  const open = (schema['type'] === 'object' || isLoose(schema['properties'])) && schema['additionalProperties'] === undefined;
  return open ? { ...(after ?? plain), additionalProperties: false } : (after ?? plain);
}

function closedIn(name: string, value: JsonValue, depth: number): JsonValue {
  // Below these stand names of one's own, and values that are no schemas.
  if (name === 'enum' || name === 'const' || name === 'default' || name === 'examples') return value;
  if (Array.isArray(value)) return value.some(isLoose) ? value.map((item: JsonValue) => (isLoose(item) ? closedSchema(item, depth + 1) : item)) : value;
  if (!isLoose(value)) return value;
  if (name !== 'properties' && name !== '$defs' && name !== 'definitions') return closedSchema(value, depth + 1);
  return Object.fromEntries(Object.entries(plainJson(value)).map(([field, inner]) => [field, isLoose(inner) ? closedSchema(inner, depth + 1) : inner]));
}
