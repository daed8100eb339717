import { fromBase64url, toBase64url, toHex } from './base64url.ts';

/** An Ed25519 key pair: raw public key and PKCS#8 private key, both base64url. */
export interface SigningKeys { publicKey: string; privateKey: string }

/** Makes an Ed25519 key pair. Raw and PKCS#8, because runtimes disagree on the JWK form. */
export async function newSigningKeys(): Promise<SigningKeys> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('Ed25519 is not supported by this runtime');
  return {
    publicKey: toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))),
    privateKey: toBase64url(new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))),
  };
}

/** A function that signs bytes with this PKCS#8 key. */
export async function openSigner(privateKey: string): Promise<(bytes: Uint8Array) => Promise<Uint8Array>> {
  const key = await crypto.subtle.importKey('pkcs8', fromBase64url(privateKey), 'Ed25519', false, ['sign']);
  return async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', key, own(bytes)));
}

/** A function that checks signatures of this raw public key. Throws a RangeError for a key that must not be trusted. */
export async function openVerifier(publicKey: string): Promise<(bytes: Uint8Array, signature: Uint8Array) => Promise<boolean>> {
  const raw = fromBase64url(publicKey);
  if (raw.length !== 32) throw new RangeError('an Ed25519 public key has 32 bytes');
  if (isSmallOrder(raw)) throw new RangeError('a small-order public key accepts forged signatures');
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']);
  return (bytes, signature) => crypto.subtle.verify('Ed25519', key, own(signature), own(bytes));
}

/** The id of a public key: the first 16 hexadecimal digits of its SHA-256. */
export async function keyIdOf(publicKey: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64url(publicKey)))).slice(0, 16);
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', own(bytes))));
}

function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

// The y-coordinates of the eight points of small order, little-endian, sign bit cleared, with their
// non-canonical encodings. Some runtimes verify forged signatures for them.
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isSmallOrder(raw: Uint8Array): boolean {
  const y = Uint8Array.from(raw);
  y[31] = (y[31] ?? 0) & 0x7f;
  return smallOrder.has(toHex(y));
}
