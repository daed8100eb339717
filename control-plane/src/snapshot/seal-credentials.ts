import { sealBytes } from '@fairlead/shared/crypto/seal.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { credentialAad } from '@fairlead/shared/snapshot/snapshot.ts';
import type { FleetIdentity, GroupKey } from '../crypto/fleet.ts';
import { WrongKek } from '../crypto/keyring.ts';
import type { CredentialPlace, Keyring } from '../crypto/keyring.ts';
import { describeError } from '../log.ts';
import type { Log } from '../log.ts';
import type { SealedCredentials } from './build.ts';
import type { ListRows } from './collect.ts';
import type { Held } from './held.ts';

interface SealParts { keyring: Keyring; fleet: FleetIdentity; log?: Log }

/** Seals credentials under the group key. What was published of the same version is taken from there, so that equal state gives equal bytes. */
export async function sealCredentials(parts: SealParts, rows: Pick<ListRows, 'upstreams'>, group: GroupKey, held: Held | undefined): Promise<SealedCredentials> {
  const known = new Map<string, string>();
  if (held?.manifest.secretEpoch === group.epoch) {
    for (const upstream of held.lists.upstreams) for (const one of upstream.credentials) known.set(`${upstream.id}|${one.id}|${one.version}`, one.sealed);
  }
  const sealed = new Map<string, string>();
  for (const upstream of rows.upstreams) {
    for (const one of upstream.credentials) {
      const reused = known.get(`${upstream.id}|${one.id}|${one.version}`);
      if (reused !== undefined) { sealed.set(one.id, reused); continue; }
      const secret = await openOrSkip(parts, { upstreamId: upstream.id, credentialId: one.id, version: one.version }, one.sealed);
      if (!secret) continue;
      const aad = credentialAad({ fleet: parts.fleet.fleet, epoch: group.epoch, upstream: upstream.id, credential: one.id, version: one.version });
      sealed.set(one.id, await sealBytes(group.key, new TextEncoder().encode(secret.reveal()), aad));
    }
  }
  return sealed;
}

/** A credential that does not open is left out: one damaged row must not keep revocations from the nodes. The install's own keys were opened before, so it is this row that is wrong. */
async function openOrSkip(parts: SealParts, at: CredentialPlace, sealed: string): Promise<Secret | undefined> {
  try {
    return await parts.keyring.openCredential(at, sealed);
  } catch (cause) {
    if (!(cause instanceof WrongKek)) throw cause;
    parts.log?.error('snapshot.credential-left-out', { upstream: at.upstreamId, credential: at.credentialId, ...describeError(cause) });
    return undefined;
  }
}
