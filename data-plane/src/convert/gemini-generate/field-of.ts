// Pure. The vendor takes every field under two names: `functionCall` and `function_call`.
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** The value of a field under either of its names; null counts as absent. */
export function fieldOf(object: Loose | undefined, name: string): unknown {
  return object?.[name] ?? object?.[snake(name)] ?? undefined;
}

/** The camel-case name of a field, as everything here is called. */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const snakes = new Map<string, string>();

/** Only names of our own come here, some dozens: each is made once. */
function snake(name: string): string {
  let made = snakes.get(name);
  if (made === undefined) {
    made = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakes.set(name, made);
  }
  return made;
}
