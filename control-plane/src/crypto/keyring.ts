import { createHash, randomBytes } from 'node:crypto';
import { openBytes, sealBytes } from '@fairlead/shared/crypto/seal.ts';
import { Secret } from '@fairlead/shared/crypto/secret.ts';

/** Where a sealed credential belongs; part of what is authenticated, so that no row can be moved or replayed. */
export interface CredentialPlace { upstreamId: string; credentialId: string; version: number }

/** Seals with the key in use, and opens what it or an older one has sealed. What does not open throws WrongKek. */
export interface Keyring {
  /** Which key is in use: the beginning of a digest of it. */
  readonly kekId: string;
  /** Whether there are older keys, with which something may still be sealed. */
  readonly hasOlder: boolean;
  seal(plain: Uint8Array, aad: string): Promise<string>;
  open(sealed: string, aad: string): Promise<Uint8Array>;
  /** The same sealed by the key in use; undefined when it is already. */
  renew(sealed: string, aad: string): Promise<string | undefined>;
  sealCredential(at: CredentialPlace, secret: Secret): Promise<string>;
  openCredential(at: CredentialPlace, sealed: string): Promise<Secret>;
  /** As `renew`: only its data key is sealed anew, nobody sees the secret. */
  renewCredential(at: CredentialPlace, sealed: string): Promise<string | undefined>;
}

/** A sealed secret that these keys do not open. */
export class WrongKek extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} cannot be opened with this key-encryption key. Start with the FAIRLEAD_KEK or key file that this database was made with; an older one belongs into FAIRLEAD_KEK_OLD.`, { cause });
  }
}

interface Envelope { v: 1; kek: string; dek: string; data: string }

/** The keyring of a key-encryption key and of those before it. Every credential has a data key of its own under one of them. */
export function openKeyring(kek: Uint8Array, older: readonly Uint8Array[] = []): Keyring {
  const kekId = idOf(kek);
  const all = [kek, ...older.filter((one) => idOf(one) !== kekId)];
  const byId = new Map(all.map((one) => [idOf(one), one]));
  const aadOf = (at: CredentialPlace) => `fairlead|at-rest|${at.upstreamId}|${at.credentialId}|${at.version}`;
  const keyAad = (at: CredentialPlace) => `${aadOf(at)}|key`;
  /** What is sealed without its key's name: tried with each. */
  const openAny = async (sealed: string, aad: string): Promise<{ plain: Uint8Array; current: boolean }> => {
    let last: unknown;
    for (const one of all) {
      try { return { plain: await openBytes(one, sealed, aad), current: one === kek }; } catch (cause) { last ??= cause; }
    }
    throw new WrongKek('A sealed setting', last);
  };
  const dataKeyOf = (at: CredentialPlace, envelope: Envelope) => openBytes(byId.get(envelope.kek) ?? kek, envelope.dek, keyAad(at));
  const opened = async <T>(at: CredentialPlace, work: () => Promise<T>): Promise<T> => {
    try { return await work(); } catch (cause) { throw new WrongKek(`Credential ${at.credentialId}`, cause); }
  };
  return {
    kekId,
    hasOlder: all.length > 1,
    seal: (plain, aad) => sealBytes(kek, plain, aad),
    open: async (sealed, aad) => (await openAny(sealed, aad)).plain,
    async renew(sealed, aad) {
      const { plain, current } = await openAny(sealed, aad);
      return current ? undefined : sealBytes(kek, plain, aad);
    },
    async sealCredential(at, secret) {
      const dataKey = new Uint8Array(randomBytes(32));
      const envelope: Envelope = { v: 1, kek: kekId, dek: await sealBytes(kek, dataKey, keyAad(at)), data: await sealBytes(dataKey, new TextEncoder().encode(secret.reveal()), aadOf(at)) };
      return JSON.stringify(envelope);
    },
    openCredential: (at, sealed) => opened(at, async () => {
      const envelope = readEnvelope(sealed);
      return new Secret(new TextDecoder().decode(await openBytes(await dataKeyOf(at, envelope), envelope.data, aadOf(at))));
    }),
    renewCredential: (at, sealed) => opened(at, async () => {
      const envelope = readEnvelope(sealed);
      if (envelope.kek === kekId) return undefined;
      const dataKey = await dataKeyOf(at, envelope);
      // What does not open now would not open later either: it keeps its name for whoever looks for the right key.
      await openBytes(dataKey, envelope.data, aadOf(at));
      return JSON.stringify({ ...envelope, kek: kekId, dek: await sealBytes(kek, dataKey, keyAad(at)) } satisfies Envelope);
    }),
  };
}

function idOf(kek: Uint8Array): string {
  return createHash('sha256').update('fairlead-kek').update(kek).digest('hex').slice(0, 12);
}

function readEnvelope(text: string): Envelope {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('v' in value) || !('kek' in value) || !('dek' in value) || !('data' in value)) throw new TypeError('not a sealed credential');
  const { v, kek, dek, data } = value;
  if (v !== 1 || typeof kek !== 'string' || typeof dek !== 'string' || typeof data !== 'string') throw new TypeError('not a sealed credential');
  return { v, kek, dek, data };
}
