import { close, existsSync, fsync, open, readFileSync, rename, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPack } from './pack.ts';

/** What a shelf keeps by name: `head` and `previous` are sealed heads, `record` says what this node has had. */
export const shelfNames = ['root', 'keyring', 'record', 'head', 'previous'] as const;

/** One of them. */
export type ShelfName = (typeof shelfNames)[number];

/** What outlives the node of what it was told: the sealed bytes as they came, and what it must not fall behind. */
export interface Shelf {
  get(name: ShelfName): Uint8Array | undefined;
  /** In the order in which they are given: a crash may leave the later ones as they were. */
  keep(fields: Partial<Record<ShelfName, Uint8Array>>): void | Promise<void>;
  readonly pieces: PieceShelf;
  /** The floor that a node of before kept; 0 = none. */
  oldFloor(): number;
}

/** Many pieces by their hashes. */
export interface PieceShelf {
  /** Those that are there and whole. */
  read(hashes: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Keeps these; they are safe when it resolves. */
  keep(pieces: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Whether what was kept is gone, and could not be kept again: all is to be kept anew. */
  owes(): boolean;
  /** Who keeps everything again when it is gone. */
  onGone(again: () => Promise<unknown>): void;
  /** May drop all others, when that is worth it. */
  retain(live: () => ReadonlySet<string>): Promise<void>;
}

/** A shelf in a folder. */
export function openShelf(folder: string): Shelf & { close(): void } {
  const at = (name: string) => join(folder, name);
  const read = (name: string) => (existsSync(at(name)) ? new Uint8Array(readFileSync(at(name))) : undefined);
  const pieces = openPack(at('pieces.pack'));
  // One after another: each goes through a file of the same name.
  let line: Promise<unknown> = Promise.resolve();
  // Of before there were pieces.
  rmSync(at('snapshot.json'), { force: true });
  return {
    pieces,
    get: (name) => read(`${name}.json`),
    keep(fields) {
      const turn = line.then(async () => { for (const [name, bytes] of Object.entries(fields)) await writeFileAside(at(`${name}.json`), bytes); });
      line = turn.catch(() => undefined);
      return turn;
    },
    oldFloor: () => floorOf(read('floor')),
    close: () => pieces.close(),
  };
}

const [opened, written, synced, closed, renamed] = [promisify(open), promisify(write), promisify(fsync), promisify(close), promisify(rename)];

/** Replaces a file so that a crash leaves the old or the new one, without holding up what is served meanwhile. */
async function writeFileAside(path: string, bytes: Uint8Array): Promise<void> {
  const file = await opened(`${path}.tmp`, 'w', 0o600);
  try {
    for (let done = 0; done < bytes.length; ) done += (await written(file, bytes, done, bytes.length - done, done)).bytesWritten;
    await synced(file);
  } finally {
    await closed(file);
  }
  await renamed(`${path}.tmp`, path);
}

/** A floor as it was written before there were records. */
export function floorOf(bytes: Uint8Array | undefined): number {
  const value = bytes ? Number(new TextDecoder().decode(bytes)) : 0;
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}
