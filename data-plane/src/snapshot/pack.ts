// Many pieces in one file: `FLPC`, hash, length, bytes, and so on. A torn end is cut off, a damaged piece is as if it were not there.
import { hash } from 'node:crypto';
import { closeSync, fdatasync, fstatSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, rmSync, write } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { PieceShelf } from './shelf.ts';
import { breathe } from './breathe.ts';

const mark = Buffer.from('FLPC');
const headBytes = 40;
const chunkBytes = 1024 * 1024;
const worthBytes = 8 * 1024 * 1024;
const writeTo = promisify(write);
const sync = promisify(fdatasync);

/** Opens the file, or makes it; reads where everything is, and nothing else. */
export function openPack(path: string): PieceShelf & { close(): void } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  rmSync(`${path}.tmp`, { force: true });
  let file = openSync(path, 'a+', 0o600);
  let { places, end } = survey(file);
  /** How large it was when it was last looked for what is not needed. */
  let looked = end;

  const readOne = (from: number, sha256: string): Buffer | undefined => {
    const place = places.get(sha256);
    if (!place) return undefined;
    const bytes = Buffer.allocUnsafeSlow(place.bytes);
    try {
      if (readSync(from, bytes, 0, bytes.length, place.at) === bytes.length && hash('sha256', bytes) === sha256) return bytes;
    } catch { /* A place on the disk that cannot be read is a damaged piece. */ }
    places.delete(sha256);
    return undefined;
  };

  const append = async (to: number, at: number, pieces: Iterable<readonly [string, Uint8Array]>): Promise<Map<string, { at: number; bytes: number }>> => {
    const written = new Map<string, { at: number; bytes: number }>();
    let chunk: Uint8Array[] = [];
    let size = 0;
    const flush = async () => {
      const all = Buffer.concat(chunk);
      for (let done = 0; done < all.length; ) done += (await writeTo(to, all, done, all.length - done, null)).bytesWritten;
      chunk = [];
      size = 0;
    };
    for (const [sha256, bytes] of pieces) {
      const head = Buffer.alloc(headBytes);
      mark.copy(head);
      head.write(sha256, 4, 'hex');
      head.writeUInt32BE(bytes.length, 36);
      chunk.push(head, bytes);
      size += headBytes + bytes.length;
      written.set(sha256, { at: at + headBytes, bytes: bytes.length });
      at += headBytes + bytes.length;
      if (size >= chunkBytes) await flush();
    }
    await flush();
    await sync(to);
    return written;
  };

  return {
    async read(hashes) {
      const found = new Map<string, Uint8Array>();
      for (const [index, sha256] of hashes.entries()) {
        if (index % 128 === 127) await breathe();
        const bytes = readOne(file, sha256);
        if (bytes) found.set(sha256, bytes);
      }
      return found;
    },
    async keep(pieces) {
      const fresh = [...pieces].filter(([sha256]) => !places.has(sha256));
      if (fresh.length === 0) return;
      try {
        for (const [sha256, place] of await append(file, end, fresh)) places.set(sha256, place);
        end = fstatSync(file).size;
      } catch (cause) {
        // A disk that is full has perhaps taken a part of it.
        ftruncateSync(file, end);
        throw cause;
      }
    },
    owes: () => false,
    onGone: () => undefined,
    async retain(live) {
      if (end < worthBytes || end < 1.25 * looked) return;
      looked = end;
      const kept = [...live()].filter((sha256) => places.has(sha256));
      const keptBytes = kept.reduce((sum, sha256) => sum + headBytes + (places.get(sha256)?.bytes ?? 0), 0);
      if (end < 2 * keptBytes) return;
      const fresh = openSync(`${path}.tmp`, 'a', 0o600);
      let written;
      try {
        written = await append(fresh, 0, (function* () {
          for (const sha256 of kept) {
            const bytes = readOne(file, sha256);
            if (bytes) yield [sha256, bytes] as const;
          }
        })());
      } finally {
        closeSync(fresh);
      }
      renameSync(`${path}.tmp`, path);
      closeSync(file);
      file = openSync(path, 'a+', 0o600);
      places = written;
      end = fstatSync(file).size;
      looked = end;
    },
    close: () => closeSync(file),
  };
}

/** Where each piece is; what follows a place that makes no sense is cut off. */
function survey(file: number): { places: Map<string, { at: number; bytes: number }>; end: number } {
  const places = new Map<string, { at: number; bytes: number }>();
  const { size } = fstatSync(file);
  const head = Buffer.alloc(headBytes);
  let at = 0;
  while (at + headBytes <= size && readSync(file, head, 0, headBytes, at) === headBytes && head.subarray(0, 4).equals(mark)) {
    const bytes = head.readUInt32BE(36);
    if (at + headBytes + bytes > size) break;
    places.set(head.toString('hex', 4, 36), { at: at + headBytes, bytes });
    at += headBytes + bytes;
  }
  if (at < size) ftruncateSync(file, at);
  return { places, end: at };
}
