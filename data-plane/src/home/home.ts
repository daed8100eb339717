import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Journal } from '../meter/journal.ts';
import type { Settings } from '../settings.ts';
import type { Identity } from '../snapshot/identity.ts';
import type { Shelf } from '../snapshot/shelf.ts';
import type { Log } from '../telemetry/log.ts';
import { openFolderHome } from './folder.ts';
import { openRedisHome } from './redis.ts';

/** Where a node keeps what must outlive it; one process at a time has it. */
export interface Home {
  /** Who this node is, once it has joined. */
  readonly identity: Identity | undefined;
  keepIdentity(identity: Identity): void | Promise<void>;
  readonly shelf: Shelf;
  readonly journal: Journal;
  /** The id of this start; ids of starts rise. */
  readonly bootId: string;
  /** Kept when another process has this home now: this one must end. */
  readonly taken: Promise<Error>;
  /** After the journal is closed: the next process may have it. */
  release(): void | Promise<void>;
}

/** What every home is opened with. `compactAtBytes`: from this size on a journal is written anew. */
export interface HomeParts { settings: Settings; compactAtBytes: number; clock: Clock; log: Log }

/** Takes this node's home for this process alone; throws with what to do when another has it or it cannot be used. */
export async function openHome(parts: HomeParts): Promise<Home> {
  return parts.settings.state === 'redis' ? openRedisHome(parts) : openFolderHome(parts);
}
