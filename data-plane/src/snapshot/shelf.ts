import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from './identity.ts';

/** What outlives the node of what it was told: the sealed bytes as they came, and the highest revision ever taken. */
export interface Shelf {
  snapshot(): Uint8Array | undefined;
  keyring(): Uint8Array | undefined;
  /** No revision below this one is accepted any more, also after a restart. */
  floor(): number;
  keepSnapshot(sealed: Uint8Array, revision: number): void | Promise<void>;
  keepKeyring(sealed: Uint8Array): void | Promise<void>;
}

/** A shelf in a folder. */
export function openShelf(folder: string): Shelf {
  const at = (name: string) => join(folder, name);
  const read = (name: string) => (existsSync(at(name)) ? new Uint8Array(readFileSync(at(name))) : undefined);
  return {
    snapshot: () => read('snapshot.json'),
    keyring: () => read('keyring.json'),
    floor() {
      const bytes = read('floor');
      const value = bytes ? Number(new TextDecoder().decode(bytes)) : 0;
      return Number.isSafeInteger(value) && value > 0 ? value : 0;
    },
    keepSnapshot(sealed, revision) {
      // The floor first: a crash in between may cost a refetch, but never lets an older snapshot back in.
      writeFileDurably(at('floor'), new TextEncoder().encode(String(revision)));
      writeFileDurably(at('snapshot.json'), sealed);
    },
    keepKeyring: (sealed) => writeFileDurably(at('keyring.json'), sealed),
  };
}
