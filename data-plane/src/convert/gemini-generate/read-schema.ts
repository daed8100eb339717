// Pure. The vendor's own form of a schema (upper-case types, `nullable`, numbers as texts) as JSON Schema.
import { isLoose, listOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';

/** What JSON Schema does not know, or what is said otherwise there. */
const OWN: ReadonlySet<string> = new Set(['type', 'nullable', 'format', 'example', 'propertyOrdering', 'property_ordering']);
/** Counts, which the vendor may write as texts. */
const COUNTS: Readonly<Record<string, string>> = { minItems: 'minItems', maxItems: 'maxItems', minLength: 'minLength', maxLength: 'maxLength', minProperties: 'minProperties', maxProperties: 'maxProperties', min_items: 'minItems', max_items: 'maxItems', min_length: 'minLength', max_length: 'maxLength', min_properties: 'minProperties', max_properties: 'maxProperties' };

/** The schema; one that is written in JSON Schema already says the same after it. */
export function jsonSchemaOf(schema: Loose): Loose {
  const nullable = schema['nullable'] === true;
  const type = typeOf(schema['type'], nullable);
  const format = textOf(schema['format']);
  const fields = Object.entries(schema).filter(([name]) => !OWN.has(name)).map(([name, value]): [string, unknown] => [COUNTS[name] ?? (name === 'any_of' ? 'anyOf' : name), valueOf(name, value)]);
  const read: Record<string, unknown> = { ...(type !== undefined && { type }), ...Object.fromEntries(fields), ...(format !== undefined && format !== 'enum' && { format }), ...(schema['example'] !== undefined && { examples: [schema['example']] }) };
  if (nullable && Array.isArray(read['enum']) && !read['enum'].includes(null)) read['enum'] = [...listOf(read['enum']), null];
  if (nullable && type === undefined && Array.isArray(read['anyOf'])) read['anyOf'] = [...listOf(read['anyOf']), { type: 'null' }];
  return read;
}

function typeOf(type: unknown, nullable: boolean): unknown {
  const plain = typeof type === 'string' ? type.toLowerCase() : Array.isArray(type) ? type.map((one) => (typeof one === 'string' ? one.toLowerCase() : one)) : undefined;
  if (plain === undefined || plain === 'type_unspecified') return undefined;
  return nullable && typeof plain === 'string' && plain !== 'null' ? [plain, 'null'] : plain;
}

function valueOf(name: string, value: unknown): unknown {
  if (name in COUNTS) return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  switch (name) {
    case 'items':
    case 'additionalProperties':
      return isLoose(value) ? jsonSchemaOf(value) : value;
    case 'properties':
    case '$defs':
      return isLoose(value) ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, isLoose(inner) ? jsonSchemaOf(inner) : inner])) : value;
    case 'anyOf':
    case 'any_of':
    case 'oneOf':
    case 'allOf':
    case 'prefixItems':
      return listOf(value).map((inner) => (isLoose(inner) ? jsonSchemaOf(inner) : inner));
    default:
      return value;
  }
}
