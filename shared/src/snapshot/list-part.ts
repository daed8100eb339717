// Pure. A part of a list: canonical JSON of the items whose names fall into it.
import { bitsFor, bytesPerPart, partOfName } from './bins.ts';
import { canonicalText } from './canonical.ts';
import { list, object, parse } from './fields.ts';
import type { ListName } from './manifest.ts';
import type { SnapshotLists } from './snapshot.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

const nameOf: { [Name in ListName]: (item: SnapshotLists[Name][number]) => string } = {
  tenants: ({ id }) => id, upstreams: ({ id }) => id, models: ({ name }) => name, prices: ({ id }) => id, multipliers: ({ subject, id }) => `${subject}:${id}`,
  routes: ({ id }) => id, errorRules: ({ id }) => id, purses: ({ kind, id, unit }) => `${kind}:${id}:${unit}`, pools: ({ id }) => id,
};

/** The parts of a list; undefined where a part has nothing. The order in which items are given does not matter. */
export function writeParts<Name extends ListName>(section: Name, items: SnapshotLists[Name], heldBits?: number): { bits: number; parts: (Uint8Array | undefined)[] } {
  const texts = items.map((item) => ({ name: nameOf[section](item), text: canonicalText(item) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const bits = bitsFor(texts.reduce((sum, { text }) => sum + text.length + 1, 0), bytesPerPart, heldBits);
  const parts: string[][] = Array.from({ length: 2 ** bits }, () => []);
  for (const { name, text } of texts) parts[partOfName(name, bits)]?.push(text);
  return { bits, parts: parts.map((part, at) => (part.length === 0 ? undefined : new TextEncoder().encode(`{"items":[${part.join(',')}],"part":"${section} ${at}"}`))) };
}

/** The items of a part, not yet checked. Throws SnapshotInvalid when it is of another place. */
export function readPart(bytes: Uint8Array, section: ListName, index: number): unknown[] {
  const path = `${section} part ${index}`;
  const value = object(parse(bytes, path), path);
  if (value.part !== `${section} ${index}`) throw new SnapshotInvalid(path, 'is of another place');
  return list(value.items, `${path}.items`);
}
