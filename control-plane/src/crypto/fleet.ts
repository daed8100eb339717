import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '@fairlead/prisma';
import { keyIdOf, newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import type { SigningKeys } from '@fairlead/shared/crypto/sign.ts';
import type { Keyring } from './keyring.ts';
import { randomText } from './digest.ts';

/** Who this install is to its nodes. */
export interface FleetIdentity { fleet: string; signing: SigningKeys; /** Id of the signing key, printed in node tokens. */ trust: string }

/** The key under which credentials travel to nodes, and its epoch. */
export interface GroupKey { epoch: number; key: Uint8Array }

/** Reads the fleet's identity; makes it, with a first group key and revision 0, when there is none. */
export async function openFleet(db: Database, keyring: Keyring): Promise<FleetIdentity> {
  const fresh = {
    fleet: `flt_${randomText(12)}`,
    'signing-key': await keyring.seal(encode(await newSigningKeys()), 'setting|signing-key'),
    'group-key': await keyring.seal(encode({ epoch: 1, key: randomBytes(32).toString('base64url') }), 'setting|group-key'),
    revision: '0',
  };
  await db.transaction(async (tx) => {
    for (const [name, value] of Object.entries(fresh)) {
      if (!(await tx.setting.findUnique({ where: { name } }))) await tx.setting.create({ data: { name, value } });
    }
  }, { timeoutMs: 30_000 });
  const rows = new Map((await db.client.setting.findMany()).map((row) => [row.name, row.value]));
  const signing = decode(await keyring.open(rows.get('signing-key') ?? '', 'setting|signing-key'));
  if (typeof signing.publicKey !== 'string' || typeof signing.privateKey !== 'string') throw new Error('The signing key in the database is not one.');
  return { fleet: rows.get('fleet') ?? '', signing: { publicKey: signing.publicKey, privateKey: signing.privateKey }, trust: await keyIdOf(signing.publicKey) };
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
