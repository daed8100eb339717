import type { Trusted } from '@fairlead/shared/snapshot/envelope.ts';
import { openKeptRoot, openNextRoot, openPinnedRoot, pinnedVersion, trustedBy } from '@fairlead/shared/snapshot/root.ts';
import type { Pin, RoleName, Root } from '@fairlead/shared/snapshot/root.ts';
import { SnapshotInvalid } from '@fairlead/shared/snapshot/snapshot-invalid.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Shelf } from './shelf.ts';
import type { Source } from './source.ts';

/** Whom this node believes: the newest root that follows from the one it joined with. */
export interface Trust {
  /** The version of that root; 0 = none was seen yet. */
  version(): number;
  /** Whose signatures count for a role; nobody's without a root. */
  trusted(role: RoleName): Trusted;
  /** Follows the roots, each signed by the one before it, as far as there are any; says whether there were. */
  follow(source: Pick<Source, 'root'>): Promise<boolean>;
}

/** A chain has this many links at most at a time. */
const mostSteps = 1024;

/** Starts from the root on the shelf; a damaged one is fetched anew, from the pinned one on. */
export async function openTrust(parts: { pin: Pin; fleet: string; shelf: Shelf; log: Log }): Promise<Trust> {
  const { pin, fleet, shelf, log } = parts;
  let root: Root | undefined;
  const kept = shelf.get('root');
  if (kept) {
    try {
      root = ofFleet(await openKeptRoot(kept));
    } catch (error) {
      log.warn('root.disk-refused', { error: errorText(error) });
    }
  }

  function ofFleet(found: Root): Root {
    if (found.fleet !== fleet) throw new SnapshotInvalid('root.fleet', 'belongs to another fleet');
    return found;
  }

  return {
    version: () => root?.version ?? 0,
    trusted: (role) => (root ? trustedBy(root, role) : { keys: [], threshold: 1 }),
    async follow(source) {
      let moved = false;
      for (let step = 0; step < mostSteps; step++) {
        const sealed = await source.root(root ? root.version + 1 : pinnedVersion(pin));
        if (!sealed) break;
        root = root ? await openNextRoot(root, sealed) : ofFleet(await openPinnedRoot(sealed, pin));
        await shelf.keep({ root: sealed });
        log.info('root.followed', { version: root.version });
        moved = true;
      }
      return moved;
    },
  };
}
