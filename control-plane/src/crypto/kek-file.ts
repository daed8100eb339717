import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** The key that seals all others, and those that were in use before it. */
export interface Keks { kek: Uint8Array; older: Uint8Array[] }

/**
 * The key that seals all others: the given one, or the file's, which is made on the first start with mode 0600. Where a
 * key is given and the file is there, the file's is an older one: an install that moves to a key of its own needs no more.
 */
export async function openKek(settings: { dataDir: string; kek: Uint8Array | undefined; kekOld?: readonly Uint8Array[] }): Promise<Keks> {
  const file = path.join(settings.dataDir, 'control', 'kek');
  const older = [...(settings.kekOld ?? [])];
  if (settings.kek) return { kek: settings.kek, older: (await exists(file)) ? [...older, await readKekFile(file)] : older };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  if (!(await exists(file))) await makeOnce(file);
  return { kek: await readKekFile(file), older };
}

async function readKekFile(file: string): Promise<Uint8Array> {
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new Error(`The key file ${file} can be read by others. Run: chmod 600 ${file}`);
  const bytes = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (bytes.length !== 32) throw new Error(`The key file ${file} does not hold 32 bytes in base64. Restore it from a backup: without it no sealed secret can be opened.`);
  return new Uint8Array(bytes);
}

/** Makes the file whole or not at all: a start that is killed half-way leaves no empty key, and a start beside it never reads half of one. */
async function makeOnce(file: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64')}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await link(fresh, file);
  } catch (cause) {
    // It is there already: another start made it this very moment.
    if (!isCode(cause, 'EEXIST')) {
      // A file system without links: renaming is as whole, and only starts at the same instant could differ.
      if (!(await exists(file))) await rename(fresh, file);
    }
  } finally {
    await rm(fresh, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return false;
    throw cause;
  }
}

function isCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === code;
}
