// Pure. A small value that fits a JSON schema, for tools and structured answers.
import { isLoose, listOf, numberOf, textOf } from '@fairlead/shared/wire/json.ts';

const DEEPEST = 8;

/** A value that fits the schema; texts are `words`. Only what the schema requires is filled in. */
export function sampleJson(schema: unknown, words: string, depth = 0): unknown {
  if (!isLoose(schema) || depth > DEEPEST) return words;
  if ('const' in schema) return schema['const'];
  const choices = listOf(schema['enum']);
  if (choices.length > 0) return choices[0];
  const branch = listOf(schema['anyOf'])[0] ?? listOf(schema['oneOf'])[0];
  if (branch !== undefined) return sampleJson(branch, words, depth + 1);
  // Some vendors write type names in capitals, and a list where null is allowed too.
  const type = (textOf(schema['type']) ?? textOf(listOf(schema['type'])[0]) ?? (isLoose(schema['properties']) ? 'object' : 'string')).toLowerCase();
  if (type === 'object') {
    const properties = isLoose(schema['properties']) ? schema['properties'] : {};
    const required = listOf(schema['required']).filter((name) => typeof name === 'string');
    return Object.fromEntries(required.map((name) => [name, sampleJson(properties[name], words, depth + 1)]));
  }
  if (type === 'array') {
    const least = numberOf(schema['minItems']) ?? 0;
    return Array.from({ length: Math.min(least, 16) }, () => sampleJson(schema['items'], words, depth + 1));
  }
  if (type === 'integer' || type === 'number') return numberOf(schema['minimum']) ?? 1;
  if (type === 'boolean') return false;
  return type === 'null' ? null : words;
}
