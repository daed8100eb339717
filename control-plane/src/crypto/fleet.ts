import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '@fairlead/prisma';
import { keyIdOf, newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import type { SigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { fingerprintOf, openKeptRoot, readRoot, roleNames } from '@fairlead/shared/snapshot/root.ts';
import type { RoleName, Root } from '@fairlead/shared/snapshot/root.ts';
import type { Keyring } from './keyring.ts';
import { randomText } from './digest.ts';

/** Who this install is to its nodes. */
export interface FleetIdentity { fleet: string }

/** The key under which credentials travel to nodes, and its epoch. */
export interface GroupKey { epoch: number; key: Uint8Array }

/** Where each role's key is kept. What was the one signing key before there were roles is the root's: nodes of before believe it. */
const keptAs: Record<RoleName, string> = { root: 'signing-key', manifest: 'manifest-key', head: 'head-key' };

/** Settings that are sealed under the key-encryption key. */
export const sealedSettings: readonly string[] = ['group-key', ...Object.values(keptAs)];

/** Reads the fleet's identity; makes it, with keys for each role, a first root, a first group key and revision 0, when there is none. */
export async function openFleet(db: Database, keyring: Keyring, nowMs: number): Promise<FleetIdentity> {
  const fresh: Record<string, string> = {
    fleet: `flt_${randomText(12)}`,
    'group-key': await keyring.seal(encode({ epoch: 1, key: randomBytes(32).toString('base64url') }), 'setting|group-key'),
    revision: '0',
  };
  for (const role of roleNames) fresh[keptAs[role]] = await keyring.seal(encode(await newSigningKeys()), `setting|${keptAs[role]}`);
  return db.transaction(async (tx) => {
    for (const [name, value] of Object.entries(fresh)) {
      if (!(await tx.setting.findUnique({ where: { name } }))) await tx.setting.create({ data: { name, value } });
    }
    const { value: fleet } = await tx.setting.findUniqueOrThrow({ where: { name: 'fleet' } });
    if ((await tx.fleetRoot.count()) === 0) {
      const keys = await Promise.all(roleNames.map(async (role): Promise<[RoleName, SigningKeys]> => [role, await readSigner(tx, keyring, role)]));
      await writeRoot(tx, { fleet, version: 1, issuedAt: nowMs }, new Map(keys), []);
    }
    return { fleet };
  }, { timeoutMs: 30_000 });
}

/** The keys that sign for a role now. */
export async function readSigner(tx: Pick<Tx, 'setting'>, keyring: Keyring, role: RoleName): Promise<SigningKeys> {
  const row = await tx.setting.findUniqueOrThrow({ where: { name: keptAs[role] } });
  const { publicKey, privateKey } = decode(await keyring.open(row.value, `setting|${keptAs[role]}`));
  if (typeof publicKey !== 'string' || typeof privateKey !== 'string') throw new Error(`The ${role} key in the database is not one.`);
  return { publicKey, privateKey };
}

/** The newest root, and how tokens name it. */
export async function readNewestRoot(tx: Pick<Tx, 'fleetRoot'>): Promise<{ root: Root; fingerprint: string }> {
  const row = await tx.fleetRoot.findFirstOrThrow({ orderBy: { version: 'desc' } });
  const root = await openKeptRoot(row.body);
  return { root, fingerprint: await fingerprintOf(root.version, canonicalBytes(root)) };
}

/** The newest root and the one before it: what was published before a change of keys is signed under that. */
export async function readLatestRoots(tx: Pick<Tx, 'fleetRoot'>): Promise<Root[]> {
  const rows = await tx.fleetRoot.findMany({ orderBy: { version: 'desc' }, take: 2 });
  return Promise.all(rows.map(({ body }) => openKeptRoot(body)));
}

/** Gives these roles new keys: the next root names them, signed by the root's key of before and of now. What is published from then on is signed with the new ones. */
export async function rotateSigners(tx: Tx, keyring: Keyring, roles: readonly RoleName[], nowMs: number): Promise<number> {
  // Rotations queue here, with publishers.
  await tx.setting.updateMany({ where: { name: 'revision' }, data: { name: 'revision' } });
  const { root } = await readNewestRoot(tx);
  const before = await readSigner(tx, keyring, 'root');
  const keys = new Map<RoleName, SigningKeys>();
  for (const role of roleNames) {
    const made = roles.includes(role) ? await newSigningKeys() : undefined;
    if (made) await tx.setting.update({ where: { name: keptAs[role] }, data: { value: await keyring.seal(encode(made), `setting|${keptAs[role]}`) } });
    keys.set(role, made ?? (await readSigner(tx, keyring, role)));
  }
  await writeRoot(tx, { fleet: root.fleet, version: root.version + 1, issuedAt: nowMs }, keys, roles.includes('root') ? [before] : []);
  return root.version + 1;
}

async function writeRoot(tx: Tx, at: { fleet: string; version: number; issuedAt: number }, keys: ReadonlyMap<RoleName, SigningKeys>, alsoSigned: readonly SigningKeys[]): Promise<void> {
  const named = await Promise.all([...keys].map(async ([role, { publicKey }]) => ({ role, key: { id: await keyIdOf(publicKey), algorithm: 'ed25519', publicKey } })));
  const payload = canonicalBytes({ ...at, keys: named.map(({ key }) => key), roles: Object.fromEntries(named.map(({ role, key }) => [role, { keys: [key.id], threshold: 1 }])) });
  await readRoot(payload);
  const own = keys.get('root');
  if (!own) throw new Error('A root needs a key of its own.');
  await tx.fleetRoot.create({ data: { version: at.version, body: new Uint8Array(await sealEnvelope('fairlead/root/1', payload, own, ...alsoSigned)) } });
}

/** The group key now in use. */
export async function readGroupKey(tx: Tx, keyring: Keyring): Promise<GroupKey> {
  const row = await tx.setting.findUniqueOrThrow({ where: { name: 'group-key' } });
  const { epoch, key } = decode(await keyring.open(row.value, 'setting|group-key'));
  if (typeof epoch !== 'number' || typeof key !== 'string') throw new Error('The group key in the database is not one.');
  return { epoch, key: new Uint8Array(Buffer.from(key, 'base64url')) };
}

/** Replaces the group key: what is published from now on cannot be opened with the old one. */
export async function rotateGroupKey(tx: Tx, keyring: Keyring): Promise<number> {
  const { epoch } = await readGroupKey(tx, keyring);
  const value = await keyring.seal(encode({ epoch: epoch + 1, key: randomBytes(32).toString('base64url') }), 'setting|group-key');
  await tx.setting.update({ where: { name: 'group-key' }, data: { value } });
  return epoch + 1;
}

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function decode(bytes: Uint8Array): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof value !== 'object' || value === null) throw new Error('A sealed setting is not an object.');
  return { ...value };
}
