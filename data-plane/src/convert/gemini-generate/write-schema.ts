// Pure. JSON Schema with the words that this vendor takes.
import { isLoose, listOf, type JsonObject, type Loose } from '@fairlead/shared/wire/json.ts';
import { plainJson } from '../plain-json.ts';
import type { LossList } from '../hub/loss.ts';

/** The words that the vendor documents, for tools and for answers. */
const TAKEN: ReadonlySet<string> = new Set([
  '$id', '$anchor', '$defs', '$ref', 'type', 'format', 'title', 'description', 'enum', 'items', 'prefixItems', 'minItems', 'maxItems', 'minimum', 'maximum', 'anyOf', 'oneOf', 'properties', 'additionalProperties', 'required', 'propertyOrdering',
  'default', 'pattern', 'minLength', 'maxLength', 'minProperties', 'maxProperties', 'nullable',
]);
/** Words that only people or editors read: nothing is lost without them. */
const NOTES: ReadonlySet<string> = new Set(['$schema', '$comment', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', 'markdownDescription', 'contentMediaType', 'contentEncoding', '$vocabulary']);

/** The schema with what the vendor refuses left out or said otherwise. */
export function schemaWord(schema: Loose, losses: LossList): JsonObject {
  return plainJson(written(schema, losses));
}

function written(schema: Loose, losses: LossList): Loose {
  const out: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) {
    switch (name) {
      case 'const':
        out['enum'] = [value];
        break;
      case 'definitions':
        out['$defs'] = { ...(isLoose(out['$defs']) ? out['$defs'] : {}), ...namedOf(value, losses) };
        break;
      case '$ref':
        out['$ref'] = typeof value === 'string' ? value.replace(/^#\/definitions\//, '#/$defs/') : value;
        break;
      case 'properties':
      case '$defs':
        out[name] = { ...(isLoose(out[name]) ? out[name] : {}), ...namedOf(value, losses) };
        break;
      case 'items':
        // A list of schemas was how older drafts said `prefixItems`.
        if (Array.isArray(value)) out['prefixItems'] = value.map((inner) => innerOf(inner, losses));
        else out['items'] = innerOf(value, losses);
        break;
      case 'additionalProperties':
        out[name] = innerOf(value, losses);
        break;
      case 'anyOf':
      case 'oneOf':
      case 'prefixItems':
        out[name] = listOf(value).map((inner) => innerOf(inner, losses));
        break;
      case 'allOf':
        for (const inner of listOf(value)) if (isLoose(inner)) merge(out, written(inner, losses));
        break;
      default:
        if (TAKEN.has(name)) out[name] = value;
        else if (!NOTES.has(name)) losses.add('tool: schema');
    }
  }
  // The vendor refuses a demand for what is not described.
  const { properties } = out;
  if (isLoose(properties) && Array.isArray(out['required'])) out['required'] = listOf(out['required']).filter((name) => typeof name === 'string' && Object.hasOwn(properties, name));
  return out;
}

function innerOf(value: unknown, losses: LossList): unknown {
  return isLoose(value) ? written(value, losses) : value;
}

function namedOf(value: unknown, losses: LossList): Loose {
  return isLoose(value) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, innerOf(inner, losses)])) : {};
}

/** All of several schemas as one: what both describe is described by both. */
function merge(out: Record<string, unknown>, more: Loose): void {
  for (const [name, value] of Object.entries(more)) {
    const before = out[name];
    if (isLoose(before) && isLoose(value)) out[name] = { ...before, ...value };
    else if (name === 'required' && Array.isArray(before)) out[name] = [...new Set([...listOf(before), ...listOf(value)])];
    else out[name] ??= value;
  }
}
