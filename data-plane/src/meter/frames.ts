// Pure. Records as [length u32 BE][crc32 u32 BE][UTF-8 text], so that a torn or damaged tail is seen.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

const decoder = new TextDecoder();
const maxBytes = 4 * 1024 * 1024;

/** The bytes of these records, one after another, in a buffer that the next call uses again. */
export function frames(texts: readonly string[]): Uint8Array {
  let most = 0;
  for (const text of texts) most += 8 + text.length * 3;
  if (room.length < most) room = Buffer.allocUnsafeSlow(most * 2);
  let at = 0;
  for (const text of texts) {
    const length = room.write(text, at + 8);
    room.writeUInt32BE(length, at);
    room.writeUInt32BE(crc32(room.subarray(at + 8, at + 8 + length)), at + 4);
    at += 8 + length;
  }
  const bytes = room.subarray(0, at);
  // What was large once is not held for ever.
  if (room.length > roomKept) room = Buffer.allocUnsafeSlow(roomKept);
  return bytes;
}

const roomKept = 256 * 1024;
let room = Buffer.allocUnsafeSlow(roomKept);

/** What a file held: its records up to the first bad one. `torn` is a last write that was not finished; `damaged` means that records are lost. */
export interface ReadFrames { records: { text: string }[]; end: 'whole' | 'torn' | 'damaged' }

/** Every whole record from the start; stops at the first one that is cut or damaged. */
export function readFrames(bytes: Uint8Array): ReadFrames {
  const records: ReadFrames['records'] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = view.getUint32(at);
    // Zeros are what a machine that lost its power leaves of a file's end, and would be an empty record with a right checksum.
    if (length === 0 || length > maxBytes) return { records, end: 'damaged' };
    if (at + 8 + length > bytes.length) return { records, end: 'torn' };
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(body) !== view.getUint32(at + 4)) return { records, end: 'damaged' };
    records.push({ text: decoder.decode(body) });
    at += 8 + length;
  }
  return { records, end: at === bytes.length ? 'whole' : 'torn' };
}
