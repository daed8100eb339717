// Pure. How many bins there are, and which one is whose: by the first bits of a digest or of a name's hash.

/** A bin for some 100 keys: 5 kB. */
export const keysPerBin = 100;

/** A part of a list of some 16 kB. */
export const bytesPerPart = 16 * 1024;

/** References in one page. */
export const refsPerPage = 128;

const mostBits = 17;

/**
 * How many bits name a bin for this load (keys, or bytes). What is held stays while bins are between a quarter and twice
 * of what they should be: one key more or less must not move all of them. Bins are then between 0.7 and 1.4 of that.
 */
export function bitsFor(load: number, perBin: number, held?: number): number {
  if (held !== undefined) {
    const each = load / 2 ** held;
    if (each <= 2 * perBin && (held === 0 || each >= perBin / 4)) return held;
  }
  return Math.min(mostBits, Math.max(0, Math.round(Math.log2(Math.max(1, load / perBin)))));
}

/** The bin of a digest in hexadecimal. */
export function binOfDigest(digest: string, bits: number): number {
  return bits === 0 ? 0 : Number.parseInt(digest.slice(0, 8), 16) >>> (32 - bits);
}

/** The first and, unless it is the last, the first beyond of a bin's digests, in hexadecimal. */
export function digestsOfBin(bin: number, bits: number): { from: string; below: string | undefined } {
  const at = (first: number) => (first * 2 ** (32 - bits)).toString(16).padStart(8, '0').padEnd(64, '0');
  return { from: at(bin), below: bin + 1 < 2 ** bits ? at(bin + 1) : undefined };
}

/** The part of a list that an item of this name is in. */
export function partOfName(name: string, bits: number): number {
  if (bits === 0) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  // FNV mixes its high bits badly for short names.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) >>> (32 - bits);
}

/** How many pages the references of so many bins take. */
export function pagesOf(bits: number): number {
  return Math.max(1, 2 ** bits / refsPerPage);
}

/** How many references a page of so many bins holds. */
export function refsOfPage(bits: number): number {
  return Math.min(2 ** bits, refsPerPage);
}
