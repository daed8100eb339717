// Pure. What a change makes stale: marks of objects in, lists and keys to be read anew out.
import { listNames } from '@fairlead/shared/snapshot/manifest.ts';
import type { ListName } from '@fairlead/shared/snapshot/manifest.ts';

/** What is to be read anew. */
export interface Dirty { lists: Set<ListName>; keyIds: Set<string>; allKeys: boolean }

/** Lists by the kind of object that was changed. Kinds that are not here make every list stale. */
const staleBy: Readonly<Record<string, readonly ListName[]>> = {
  key: [], revision: [], roles: [],
  quota: ['purses', 'upstreams'], pool: ['pools'], tenant: ['tenants'], price: ['prices'], model: ['models'], 'price-multiplier': ['multipliers'],
  balance: ['upstreams'], credential: ['upstreams'], node: ['upstreams'], route: ['routes'], errorRule: ['errorRules'],
};

/** What these marks make stale. */
export function dirtyBy(marks: readonly { kind: string; objectId: string }[]): Dirty {
  const dirty: Dirty = { lists: new Set(), keyIds: new Set(), allKeys: false };
  for (const { kind, objectId } of marks) {
    if (kind === 'key') dirty.keyIds.add(objectId);
    if (kind === 'seed' || kind === 'piece') dirty.allKeys = true;
    for (const name of staleBy[kind] ?? listNames) dirty.lists.add(name);
  }
  return dirty;
}

/** Everything. */
export function allDirty(): Dirty {
  return { lists: new Set(listNames), keyIds: new Set(), allKeys: true };
}
