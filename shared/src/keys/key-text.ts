// The text of a key: prefix, public id, secret, checksum. Randomness comes as an argument.

/** What a presented text may be: a client's key, a management token, a node token. */
export const keyPrefixes = { key: 'flk_', managementToken: 'flm_', nodeToken: 'fln_' } as const;

/** The kind of thing a key text stands for. */
export type KeyKind = keyof typeof keyPrefixes;

/** A key text just made; `text` is shown once and never stored. */
export interface MintedKey { text: string; hint: string }

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const idLength = 10;
const secretLength = 26; // 62^26 > 2^154
const checkLength = 6;

/** How many random bytes `mintKey` needs. */
export const keyRandomBytes = (idLength + secretLength) * 2;

/** Makes a key text from random bytes: prefix, 10 public characters, 26 secret ones, 6 of checksum. */
export function mintKey(kind: KeyKind, random: Uint8Array): MintedKey {
  if (random.length < keyRandomBytes) throw new Error(`mintKey needs ${keyRandomBytes} random bytes`);
  let body = '';
  // Two bytes a character: the bias of 65,536 mod 62 is below one in a thousand.
  for (let at = 0; at < idLength + secretLength; at++) body += alphabet[((random[at * 2] ?? 0) * 256 + (random[at * 2 + 1] ?? 0)) % 62];
  const start = keyPrefixes[kind] + body;
  return { text: start + checksum(start), hint: keyPrefixes[kind] + body.slice(0, idLength) };
}

/** The kind and hint of a text whose form and checksum are right; undefined for anything else. */
export function readKey(text: string): { kind: KeyKind; hint: string } | undefined {
  if (text.length !== 4 + idLength + secretLength + checkLength) return undefined;
  const kind = kindByPrefix(text.slice(0, 4));
  if (!kind || !/^[0-9A-Za-z]+$/.test(text.slice(4))) return undefined;
  if (checksum(text.slice(0, -checkLength)) !== text.slice(-checkLength)) return undefined;
  return { kind, hint: text.slice(0, 4 + idLength) };
}

/** Says whether a text has one of our prefixes, so that of several presented secrets ours counts. */
export function looksOurs(text: string): boolean {
  return kindByPrefix(text.slice(0, 4)) !== undefined;
}

function kindByPrefix(prefix: string): KeyKind | undefined {
  for (const kind in keyPrefixes) if (keyPrefixes[kind as KeyKind] === prefix) return kind as KeyKind;
  return undefined;
}

const crcOfByte = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

/** CRC-32 (IEEE) in six base-62 digits: tells a typing error from an unknown key. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) crc = (crc >>> 8) ^ (crcOfByte[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0);
  let rest = (crc ^ 0xffffffff) >>> 0;
  let out = '';
  for (let place = 0; place < checkLength; place++) {
    out = alphabet[rest % 62] + out;
    rest = Math.floor(rest / 62);
  }
  return out;
}
