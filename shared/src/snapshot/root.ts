// Pure. Whom a node believes: the root names the keys of each role, and only it can name others.
import { fromBase64url } from '../crypto/base64url.ts';
import { keyIdOf, openVerifier, sha256Hex } from '../crypto/sign.ts';
import { EnvelopeRefused, openEnvelope } from './envelope.ts';
import type { Trusted } from './envelope.ts';
import { atLeast, each, integer, list, object, parse, text } from './fields.ts';
import { SnapshotInvalid } from './snapshot-invalid.ts';

/** Who signs what. `root`: other roots. `manifest`: what a snapshot is made of, and keyrings. `head`: which manifest counts now. */
export const roleNames = ['root', 'manifest', 'head'] as const;

/** One of the signing roles. */
export type RoleName = (typeof roleNames)[number];

/** A key as a root names it; the algorithm is its own. */
export interface RootKey { id: string; algorithm: string; publicKey: string }

/** What a root says. Versions rise by one. */
export interface Root { fleet: string; version: number; issuedAt: number; keys: RootKey[]; roles: Record<RoleName, { keys: string[]; threshold: number }> }

/** A root beyond this is none. */
export const mostRootBytes = 64 * 1024;

const algorithm = 'ed25519';

/** Which root a node believes first: by its version and hash, as a token names it, or, for nodes that joined before there were roots, by a key that must have signed version 1. */
export type Pin = { root: string } | { keys: readonly string[] };

/** A root as a token names it: `<version>.<SHA-256 of its payload>`. */
export async function fingerprintOf(version: number, payload: Uint8Array): Promise<string> {
  return `${version}.${await sha256Hex(payload)}`;
}

/** The version of the root that a pin names. */
export function pinnedVersion(pin: Pin): number {
  return 'root' in pin ? Number(/^(\d{1,9})\.[0-9a-f]{64}$/.exec(pin.root)?.[1] ?? 1) : 1;
}

/** Whose signatures count for a role. Keys of an algorithm that this code does not know count for none. */
export function trustedBy(root: Root, role: RoleName): Trusted {
  const { keys, threshold } = root.roles[role];
  return { keys: root.keys.filter((key) => key.algorithm === algorithm && keys.includes(key.id)).map((key) => key.publicKey), threshold };
}

/** Opens the pinned root. Throws EnvelopeRefused or SnapshotInvalid. */
export async function openPinnedRoot(sealed: Uint8Array, pin: Pin): Promise<Root> {
  if ('keys' in pin) {
    const root = await readRoot(await openEnvelope('fairlead/root/1', sealed, { keys: pin.keys, threshold: 1 }, mostRootBytes));
    return selfSigned(sealed, root);
  }
  return openOwn(sealed, async (payload, root) => {
    if ((await fingerprintOf(root.version, payload)) !== pin.root) throw new EnvelopeRefused('unknown-signer');
  });
}

/** Opens a root that was verified before and kept: its own signatures show that it is whole. */
export async function openKeptRoot(sealed: Uint8Array): Promise<Root> {
  return openOwn(sealed, () => Promise.resolve());
}

/** Opens the root after this one: signed by enough keys of both, of the same fleet, one version higher. */
export async function openNextRoot(current: Root, sealed: Uint8Array): Promise<Root> {
  const root = await readRoot(await openEnvelope('fairlead/root/1', sealed, trustedBy(current, 'root'), mostRootBytes));
  if (root.fleet !== current.fleet) throw new SnapshotInvalid('root.fleet', 'belongs to another fleet');
  if (root.version !== current.version + 1) throw new SnapshotInvalid('root.version', `must be ${current.version + 1}`);
  return selfSigned(sealed, root);
}

async function selfSigned(sealed: Uint8Array, root: Root): Promise<Root> {
  await openEnvelope('fairlead/root/1', sealed, trustedBy(root, 'root'), mostRootBytes);
  return root;
}

/** A root names its own signers, so this one is read, bounded in size, before it is verified; nothing of it is used before. */
async function openOwn(sealed: Uint8Array, check: (payload: Uint8Array, root: Root) => Promise<void>): Promise<Root> {
  if (sealed.length > mostRootBytes) throw new EnvelopeRefused('too-large');
  const outer = object(parse(sealed, 'root'), 'root');
  let payload: Uint8Array;
  try { payload = fromBase64url(text(outer.payload, 'root.payload').replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')); } catch { throw new EnvelopeRefused('malformed'); }
  const root = await readRoot(payload);
  await check(payload, root);
  return selfSigned(sealed, root);
}

/** Checks the payload of a root: keys whose ids are their own, none of small order, thresholds that can be met. Throws SnapshotInvalid. */
export async function readRoot(payload: Uint8Array): Promise<Root> {
  const root = object(parse(payload, 'root'), 'root');
  const keys = list(root.keys, 'root.keys');
  if (keys.length > 64) throw new SnapshotInvalid('root.keys', 'are too many');
  const known = new Set<string>();
  const checks: Promise<void>[] = [];
  each(root.keys, 'root.keys', (key, path) => {
    const id = text(key.id, `${path}.id`);
    if (known.has(id)) throw new SnapshotInvalid(`${path}.id`, 'occurs twice');
    known.add(id);
    if (text(key.algorithm, `${path}.algorithm`) === algorithm) checks.push(checkKey(text(key.publicKey, `${path}.publicKey`), id, path));
  });
  await Promise.all(checks);
  const roles = object(root.roles, 'root.roles');
  for (const name of roleNames) {
    const path = `root.roles.${name}`;
    const role = object(roles[name], path);
    const members = new Set(list(role.keys, `${path}.keys`));
    for (const id of members) if (typeof id !== 'string' || !known.has(id)) throw new SnapshotInvalid(`${path}.keys`, 'names a key that is not there', 'dangling');
    if (atLeast(1, role.threshold, `${path}.threshold`) > members.size) throw new SnapshotInvalid(`${path}.threshold`, 'can never be met');
  }
  text(root.fleet, 'root.fleet');
  atLeast(1, root.version, 'root.version');
  integer(root.issuedAt, 'root.issuedAt');
  return root as unknown as Root;
}

async function checkKey(publicKey: string, id: string, path: string): Promise<void> {
  try { await openVerifier(publicKey); } catch { throw new SnapshotInvalid(`${path}.publicKey`, 'is no key that may be trusted'); }
  if ((await keyIdOf(publicKey)) !== id) throw new SnapshotInvalid(`${path}.id`, 'is not the id of its key');
}
