// Pure. A page of references: what binds each piece's hash and length to its place.
import { toHex } from '../crypto/base64url.ts';
import { refsOfPage } from './bins.ts';
import type { SectionName } from './manifest.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

/** A piece by what is in it. */
export interface Ref { sha256: string; bytes: number }

/** No piece may be larger: a node stops reading beyond it. */
export const mostPieceBytes = 4 * 1024 * 1024;

const refBytes = 36;
const headOf = (section: SectionName, index: number) => new TextEncoder().encode(`page ${section} ${index}\n`);

/** How long a page is. */
export function pageBytes(section: SectionName, index: number, bits: number): number {
  return headOf(section, index).length + refsOfPage(bits) * refBytes;
}

/** The bytes of a page; undefined stands for nothing in a place. */
export function writePage(section: SectionName, index: number, refs: readonly (Ref | undefined)[]): Uint8Array {
  const head = headOf(section, index);
  const bytes = new Uint8Array(head.length + refs.length * refBytes);
  bytes.set(head);
  const view = new DataView(bytes.buffer);
  refs.forEach((ref, at) => {
    if (ref === undefined) return;
    const from = head.length + at * refBytes;
    for (let byte = 0; byte < 32; byte++) bytes[from + byte] = Number.parseInt(ref.sha256.slice(byte * 2, byte * 2 + 2), 16);
    view.setUint32(from + 32, ref.bytes);
  });
  return bytes;
}

/** The references of a page. Throws SnapshotInvalid when it is of another place or another size. */
export function readPage(bytes: Uint8Array, section: SectionName, index: number, bits: number): (Ref | undefined)[] {
  const path = `${section} page ${index}`;
  const head = headOf(section, index);
  const count = refsOfPage(bits);
  if (bytes.length !== head.length + count * refBytes) throw new SnapshotInvalid(path, 'has another length');
  if (head.some((byte, at) => bytes[at] !== byte)) throw new SnapshotInvalid(path, 'is of another place');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, at) => {
    const from = head.length + at * refBytes;
    const length = view.getUint32(from + 32);
    if (length > mostPieceBytes) throw new SnapshotInvalid(`${path} [${at}]`, 'points to a piece that is too large');
    return length === 0 ? undefined : { sha256: toHex(bytes.subarray(from, from + 32)), bytes: length };
  });
}
