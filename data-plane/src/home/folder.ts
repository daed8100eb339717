import { join } from 'node:path';
import { openJournal } from '../meter/journal.ts';
import { newBootId } from '../snapshot/boot.ts';
import { lockFolder } from '../snapshot/folder-lock.ts';
import { keepIdentity, loadIdentity } from '../snapshot/identity.ts';
import { openShelf } from '../snapshot/shelf.ts';
import type { Home, HomeParts } from './home.ts';

/** A home in a folder. */
export function openFolderHome({ settings: { dataDir }, compactAtBytes, clock }: HomeParts): Home {
  const lock = lockFolder(dataDir);
  const path = join(dataDir, 'identity.json');
  const shelf = openShelf(dataDir);
  return {
    identity: loadIdentity(path),
    keepIdentity: (identity) => keepIdentity(path, identity),
    shelf,
    bootId: newBootId(dataDir, clock.now()),
    journal: openJournal(join(dataDir, 'journal'), compactAtBytes),
    // The system's lock ends with the process, not before.
    taken: new Promise(() => undefined),
    release() {
      shelf.close();
      lock.release();
    },
  };
}
