/** A key of 32 bytes for one purpose, from a secret that is random already: HKDF-SHA-256. Whoever has it learns nothing of the secret. */
export async function keyFrom(secret: Uint8Array, purpose: string): Promise<Uint8Array> {
  const from = await crypto.subtle.importKey('raw', new Uint8Array(secret), 'HKDF', false, ['deriveBits']);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: new TextEncoder().encode(purpose) }, from, 256));
}
