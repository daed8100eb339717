import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Why this node cannot have its folder; the message says what to do. */
export class FolderTaken extends Error {}

/**
 * Takes a state folder for this process alone. The lock is the system's own (SQLite's, which both runtimes
 * have), so it ends with the process, also by kill -9, and holds between containers that share the folder.
 */
export function lockFolder(folder: string): { release(): void } {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, 'lock'));
    lock.exec('PRAGMA busy_timeout = 0');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    const text = cause instanceof Error ? cause.message : String(cause);
    if (/locked|busy/i.test(text)) throw new FolderTaken(`Another node is running on ${folder}. Stop it, or give this one a folder of its own with FAIRLEAD_NODE_DATA.`, { cause });
    throw new FolderTaken(`The folder ${folder} cannot be written: ${text}. Choose another one with FAIRLEAD_NODE_DATA.`, { cause });
  }
  const held = lock;
  return { release: () => { held.close(); } };
}
