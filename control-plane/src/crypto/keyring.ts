import { createHash, randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '@fairlead/shared/crypto/seal.ts';
import { Secret } from '@fairlead/shared/crypto/secret.ts';

/** Where a sealed credential belongs; part of what is authenticated, so that no row can be moved or replayed. */
export interface CredentialPlace { upstreamId: string; credentialId: string; version: number }

/** Seals and opens what is kept at rest. */
export interface Keyring {
  seal(plain: Uint8Array, aad: string): Promise<string>;
  open(sealed: string, aad: string): Promise<Uint8Array>;
  sealCredential(at: CredentialPlace, secret: Secret): Promise<string>;
  openCredential(at: CredentialPlace, sealed: string): Promise<Secret>;
}

/** A sealed secret that this key does not open. */
export class WrongKek extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be opened with this key-encryption key. Start with the FAIRLEAD_KEK or key file that this database was made with.`, { cause });
  }
}

interface Envelope { v: 1; kek: string; dek: string; data: string }

/** The keyring of one key-encryption key. Every credential has a data key of its own under it. */
export function openKeyring(kek: Uint8Array): Keyring {
  const kekId = createHash('sha256').update('fairlead-kek').update(kek).digest('hex').slice(0, 12);
  const aadOf = (at: CredentialPlace) => `fairlead|at-rest|${at.upstreamId}|${at.credentialId}|${at.version}`;
  return {
    seal: (plain, aad) => sealBytes(kek, plain, aad),
    async open(sealed, aad) {
      try { return await openBytes(kek, sealed, aad); } catch (cause) { throw new WrongKek('A sealed setting', cause); }
    },
    async sealCredential(at, secret) {
      const dataKey = new Uint8Array(randomBytes(32));
      const envelope: Envelope = {
        v: 1, kek: kekId,
        dek: await sealBytes(kek, dataKey, `${aadOf(at)}|key`),
        data: await sealBytes(dataKey, new TextEncoder().encode(secret.reveal()), aadOf(at)),
      };
      return JSON.stringify(envelope);
    },
    async openCredential(at, sealed) {
      try {
        const envelope = readEnvelope(sealed);
        const dataKey = await openBytes(kek, envelope.dek, `${aadOf(at)}|key`);
        return new Secret(new TextDecoder().decode(await openBytes(dataKey, envelope.data, aadOf(at))));
      } catch (cause) {
        throw new WrongKek(`Credential ${at.credentialId}`, cause);
      }
    },
  };
}

function readEnvelope(text: string): Envelope {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('v' in value) || !('kek' in value) || !('dek' in value) || !('data' in value)) throw new TypeError('not a sealed credential');
  const { v, kek, dek, data } = value;
  if (v !== 1 || typeof kek !== 'string' || typeof dek !== 'string' || typeof data !== 'string') throw new TypeError('not a sealed credential');
  return { v, kek, dek, data };
}
