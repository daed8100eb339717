// Pure.

/** Bytes as base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The bytes of a base64url text; throws a RangeError when it is none. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new RangeError('not base64url');
  return fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
}

/** Bytes as ordinary base64. */
export function toBase64(bytes: Uint8Array): string {
  if (native) return native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

const encoder = new TextEncoder();
/** So many bytes at once, a multiple of three: a longer text would get memory of its own from the system, page by page, for each time it is used. */
const pieceBytes = 48 * 1024;

/** The bytes of `before`, ordinary base64 and `after`, without the whole of it ever being a text. */
export function base64Between(before: string, bytes: Uint8Array, after: string): Uint8Array {
  const [head, tail] = [encoder.encode(before), encoder.encode(after)];
  const all = new Uint8Array(head.length + Math.ceil(bytes.length / 3) * 4 + tail.length);
  all.set(head);
  let end = head.length;
  for (let at = 0; at < bytes.length; at += pieceBytes) end += encoder.encodeInto(toBase64(bytes.subarray(at, at + pieceBytes)), all.subarray(end)).written;
  all.set(tail, end);
  return all;
}

/** The bytes of an ordinary base64 text; throws when it is none. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (native) {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new RangeError('not base64');
    return new Uint8Array(native.from(text, 'base64'));
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Where the runtime has Buffer it codes a megabyte in a tenth of the time; a browser does without. */
const native = (globalThis as { Buffer?: { from(...parts: unknown[]): Uint8Array & { toString(coding: string): string } } }).Buffer;

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  if (native) return native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  let out = '';
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0');
  return out;
}
