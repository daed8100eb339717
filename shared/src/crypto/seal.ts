import { CompactEncrypt, compactDecrypt, importPKCS8, importSPKI, exportPKCS8, exportSPKI, generateKeyPair } from 'jose';
import { fromBase64url, toBase64url } from './base64url.ts';

const text = new TextEncoder();

/** Bytes encrypted with AES-256-GCM: random 96-bit nonce, then ciphertext with tag; base64url. */
export async function sealBytes(key: Uint8Array, plain: Uint8Array, aad: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: text.encode(aad) }, await aes(key, 'encrypt'), new Uint8Array(plain));
  const out = new Uint8Array(12 + data.byteLength);
  out.set(iv);
  out.set(new Uint8Array(data), 12);
  return toBase64url(out);
}

/** Opens what `sealBytes` made; throws when key, AAD or bytes are not the same. */
export async function openBytes(key: Uint8Array, sealed: string, aad: string): Promise<Uint8Array> {
  const bytes = fromBase64url(sealed);
  if (bytes.length < 28) throw new RangeError('sealed bytes are too short');
  const iv = bytes.subarray(0, 12);
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: text.encode(aad) }, await aes(key, 'decrypt'), bytes.subarray(12)));
}

function aes(key: Uint8Array, use: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  if (key.length !== 32) throw new RangeError('an AES-256 key has 32 bytes');
  return crypto.subtle.importKey('raw', new Uint8Array(key), 'AES-GCM', false, [use]);
}

/** An X25519 key pair for sealing to a node, as SPKI and PKCS#8 PEM. */
export interface SealingKeys { publicKey: string; privateKey: string }

/** Makes the X25519 key pair a node keeps. */
export async function newSealingKeys(): Promise<SealingKeys> {
  const pair = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
  return { publicKey: await exportSPKI(pair.publicKey), privateKey: await exportPKCS8(pair.privateKey) };
}

/** Seals bytes to an X25519 public key: a compact JWE, ECDH-ES with A256GCM. It says nothing of the sender: sign it. */
export async function sealToKey(publicKey: string, plain: Uint8Array): Promise<string> {
  return new CompactEncrypt(plain).setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' }).encrypt(await importSPKI(publicKey, 'ECDH-ES'));
}

/** Opens what `sealToKey` made for this private key; throws for anything else. */
export async function openWithKey(privateKey: string, jwe: string): Promise<Uint8Array> {
  const opened = await compactDecrypt(jwe, await importPKCS8(privateKey, 'ECDH-ES'), {
    keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'],
  });
  return opened.plaintext;
}

/** HMAC-SHA-256, base64url. */
export async function mac(key: Uint8Array, message: string): Promise<string> {
  const imported = await crypto.subtle.importKey('raw', new Uint8Array(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return toBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', imported, text.encode(message))));
}
