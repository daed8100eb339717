import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { newId } from '@fairlead/shared/id.ts';

/**
 * The id of this start of a node. Ids of starts rise also when the clock was set back in between: by their order the
 * control plane tells a list of an earlier start, late on its way, from one of this start.
 */
export function newBootId(folder: string, nowMs: number): string {
  const path = join(folder, 'boot');
  const lastMs = lastBoot(path);
  const bootMs = Math.max(nowMs, lastMs + 1);
  const file = openSync(`${path}.tmp`, 'w', 0o600);
  try {
    writeSync(file, String(bootMs));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.tmp`, path);
  return newId('boot', bootMs);
}

/** A ULID has 48 bits of time. */
const latestMs = 2 ** 48 - 2;

function lastBoot(path: string): number {
  try {
    const text = readFileSync(path, 'utf8');
    const ms = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    return ms < latestMs ? ms : 0;
  } catch {
    return 0;
  }
}
