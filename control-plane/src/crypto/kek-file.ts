import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** The key that seals all others: the given one, or the file's, which is made on the first start with mode 0600. */
export async function openKek(settings: { dataDir: string; kek: Uint8Array | undefined }): Promise<Uint8Array> {
  if (settings.kek) return settings.kek;
  const file = path.join(settings.dataDir, 'control', 'kek');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(`${randomBytes(32).toString('base64')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    // It is there already: another start made it, perhaps this very moment.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
  }
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw new Error(`The key file ${file} can be read by others. Run: chmod 600 ${file}`);
  const bytes = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
  if (bytes.length !== 32) throw new Error(`The key file ${file} does not hold 32 bytes in base64. Restore it from a backup: without it no sealed secret can be opened.`);
  return new Uint8Array(bytes);
}
