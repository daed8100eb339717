// Pure. Records as [length u32 BE][crc32 u32 BE][UTF-8 text], so that a torn or damaged tail is seen.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const maxBytes = 4 * 1024 * 1024;

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The bytes of one record. */
export function frame(text: string): Uint8Array {
  const body = encoder.encode(text);
  const bytes = new Uint8Array(8 + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, body.length);
  view.setUint32(4, crc32(body));
  bytes.set(body, 8);
  return bytes;
}

/** Every whole record from the start; stops at the first one that is cut or damaged. */
export function readFrames(bytes: Uint8Array): { text: string; bytes: number }[] {
  const out: { text: string; bytes: number }[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (length > maxBytes || at + 8 + length > bytes.length) break;
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(body) !== view.getUint32(at + 4)) break;
    out.push({ text: decoder.decode(body), bytes: 8 + length });
    at += 8 + length;
  }
  return out;
}
