import { keyFrom } from '@fairlead/shared/crypto/derive.ts';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { openBytes, openWithKey } from '@fairlead/shared/crypto/seal.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { credentialAad } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Keyring, SnapshotCredential } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Identity } from './identity.ts';
import type { Shelf } from './shelf.ts';
import type { Trust } from './trust.ts';

/** Opens credentials on first use; their plain text lives in memory only. */
export interface Secrets {
  /** The epoch of the group key held; 0 = none. */
  epoch(): number;
  /** Takes a keyring envelope for this node; throws when it is not genuine or not ours. */
  offerKeyring(sealed: Uint8Array): Promise<void>;
  open(upstreamId: string, credential: SnapshotCredential, epoch: number): Secret | Promise<Secret>;
}

/** What nodes of one group share. */
export interface GroupSecrets extends Secrets {
  /** A key for one purpose from the group key of this epoch; undefined when this node has none. */
  groupKeyFor(purpose: string, epoch: number): Promise<Uint8Array> | undefined;
}

const cap = 10_000;

/** Starts from the keyring on the shelf, if there is a good one. */
export async function openSecrets(identity: Identity, shelf: Shelf, trust: Pick<Trust, 'trusted'>): Promise<GroupSecrets> {
  const keys = new Map<number, Uint8Array>();
  const opened = new Map<string, Secret>();
  let current = 0;

  const take = async (sealed: Uint8Array) => {
    const body: unknown = JSON.parse(new TextDecoder().decode(await openEnvelope('fairlead/keyring/1', sealed, trust.trusted('manifest'), 64 * 1024)));
    const ring = body as Partial<Keyring>;
    if (ring.fleet !== identity.fleet || ring.node !== identity.nodeId || typeof ring.jwe !== 'string' || typeof ring.epoch !== 'number') throw new Error('the keyring is for another node');
    const key = await openWithKey(identity.seal.privateKey, ring.jwe);
    keys.set(ring.epoch, key);
    // Two epochs overlap: a snapshot of the old one may still be on its way.
    for (const epoch of keys.keys()) if (epoch < ring.epoch - 1) keys.delete(epoch);
    current = Math.max(current, ring.epoch);
  };

  const stored = shelf.get('keyring');
  if (stored) await take(stored).catch(() => undefined);

  return {
    epoch: () => current,
    async offerKeyring(sealed) {
      await take(sealed);
      await shelf.keep({ keyring: sealed });
    },
    groupKeyFor(purpose, epoch) {
      const key = keys.get(epoch);
      return key && keyFrom(key, purpose);
    },
    open(upstreamId, credential, epoch) {
      const name = `${upstreamId}|${credential.id}|${credential.version}|${epoch}`;
      return opened.get(name) ?? unseal(name, upstreamId, credential, epoch);
    },
  };

  async function unseal(name: string, upstreamId: string, credential: SnapshotCredential, epoch: number): Promise<Secret> {
    const key = keys.get(epoch);
    if (!key) throw new Error(`no group key of epoch ${epoch}`);
    const aad = credentialAad({ fleet: identity.fleet, epoch, upstream: upstreamId, credential: credential.id, version: credential.version });
    const secret = new Secret(new TextDecoder().decode(await openBytes(key, credential.sealed, aad)));
    if (opened.size >= cap) opened.clear();
    opened.set(name, secret);
    return secret;
  }
}
