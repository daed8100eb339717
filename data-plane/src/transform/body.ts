// Pure. Small edits of parsed JSON that answer with the very same value when there is nothing to change.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';

/** A request as it was parsed. */
export type Body = Record<string, unknown>;

/** One adjustment. */
export type Quirk = (body: Body, dialect: DialectName) => Body;

/** The object without these fields. */
export function without<Value extends Loose>(value: Value, names: readonly string[]): Value | Body {
  if (!names.some((name) => name in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** The object with a field made anew. */
export function withField(value: Body, name: string, make: (inner: unknown) => unknown): Body {
  if (!(name in value)) return value;
  const before = value[name];
  const after = make(before);
  return after === before ? value : { ...value, [name]: after };
}

/** The list with each object made anew; whatever else stands in it stays, and what becomes undefined is left out. */
export function eachObject(list: unknown, make: (item: Loose) => unknown): unknown {
  if (!Array.isArray(list)) return list;
  let changed = false;
  const after = list.flatMap((item: unknown) => {
    const made = isLoose(item) ? make(item) : item;
    if (made !== item) changed = true;
    return made === undefined ? [] : [made];
  });
  return changed ? after : list;
}
