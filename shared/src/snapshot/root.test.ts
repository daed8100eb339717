import { expect, test } from 'vitest';
import { keyIdOf, newSigningKeys } from '../crypto/sign.ts';
import type { SigningKeys } from '../crypto/sign.ts';
import { canonicalBytes } from './canonical.ts';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import { fingerprintOf, openKeptRoot, openNextRoot, openPinnedRoot, readRoot, trustedBy } from './root.ts';
import type { Root } from './root.ts';

const [a, b, c, other] = await Promise.all(Array.from({ length: 4 }, newSigningKeys)) as [SigningKeys, SigningKeys, SigningKeys, SigningKeys];
const idOf = new Map(await Promise.all([a, b, c, other].map(async (keys): Promise<[SigningKeys, string]> => [keys, await keyIdOf(keys.publicKey)])));

/** A root whose root role has these keys; the other roles have the first. */
function root(version: number, keys: readonly SigningKeys[], threshold = 1, change: Partial<Root> = {}): Root {
  const named = keys.map((pair) => ({ id: idOf.get(pair) ?? '', algorithm: 'ed25519', publicKey: pair.publicKey }));
  const first = [named[0]?.id ?? ''];
  return { fleet: 'f', version, issuedAt: 1, keys: named, roles: { root: { keys: named.map(({ id }) => id), threshold }, manifest: { keys: first, threshold: 1 }, head: { keys: first, threshold: 1 } }, ...change };
}
const seal = (value: unknown, ...by: SigningKeys[]) => sealEnvelope('fairlead/root/1', canonicalBytes(value), ...by);

test('a root is found by its fingerprint, and one that differs in anything is not it', async () => {
  const first = root(1, [a]);
  const pin = { root: await fingerprintOf(1, canonicalBytes(first)) };
  expect(await openPinnedRoot(await seal(first, a), pin)).toEqual(first);
  await expect(openPinnedRoot(await seal({ ...first, issuedAt: 2 }, a), pin)).rejects.toMatchObject({ problem: 'unknown-signer' });
  await expect(openPinnedRoot(await seal(first, other), pin)).rejects.toMatchObject({ problem: 'unknown-signer' });
});

test('it takes as many of a role\'s keys as its threshold says; one that signs twice counts once, strangers count nothing', async () => {
  const first = root(1, [a, b, c], 2);
  const pin = { root: await fingerprintOf(1, canonicalBytes(first)) };
  expect(await openPinnedRoot(await seal(first, a, c), pin)).toEqual(first);
  for (const signers of [[a], [a, a, a], [a, other]]) await expect(openPinnedRoot(await seal(first, ...signers), pin)).rejects.toMatchObject({ problem: 'too-few-signatures' });
  await expect(openPinnedRoot(await seal(first, other), pin)).rejects.toMatchObject({ problem: 'unknown-signer' });
});

test('the next root is signed by enough keys of both, is one version higher and of the same fleet', async () => {
  const first = root(1, [a]);
  const next = root(2, [b, c], 2);
  expect(await openNextRoot(first, await seal(next, a, b, c))).toEqual(next);
  await expect(openNextRoot(first, await seal(next, b, c))).rejects.toMatchObject({ problem: 'unknown-signer' });
  await expect(openNextRoot(first, await seal(next, a, b))).rejects.toMatchObject({ problem: 'too-few-signatures' });
  await expect(openNextRoot(first, await seal(root(3, [a]), a))).rejects.toMatchObject({ path: 'root.version' });
  await expect(openNextRoot(first, await seal(root(1, [a]), a))).rejects.toMatchObject({ path: 'root.version' });
  await expect(openNextRoot(first, await seal(root(2, [a], 1, { fleet: 'g' }), a))).rejects.toMatchObject({ path: 'root.fleet' });
});

test('a kept root shows by its own signatures that it is whole', async () => {
  const sealed = await seal(root(1, [a]), a);
  expect((await openKeptRoot(sealed)).version).toBe(1);
  const text = new TextDecoder().decode(sealed);
  await expect(openKeptRoot(new TextEncoder().encode(text.replace(/"sig":"./, '"sig":"A')))).rejects.toThrow();
  await expect(openKeptRoot(sealed.subarray(0, 90))).rejects.toThrow();
  await expect(openKeptRoot(new Uint8Array(70_000))).rejects.toMatchObject({ problem: 'too-large' });
});

const smallOrder = `${'A'.repeat(43)}`;
test.each<[string, Partial<Root> | ((of: Root) => Partial<Root>), RegExp]>([
  ['a key of small order', (of) => ({ keys: [...of.keys, { id: 'x', algorithm: 'ed25519', publicKey: smallOrder }] }), /may be trusted/],
  ['an id that is not its key\'s', (of) => ({ keys: of.keys.map((key) => ({ ...key, publicKey: other.publicKey })) }), /not the id/],
  ['an id twice', (of) => ({ keys: [...of.keys, ...of.keys] }), /occurs twice/],
  ['a role of nobody', (of) => ({ roles: { ...of.roles, head: { keys: [], threshold: 1 } } }), /never be met/],
  ['a threshold of nothing', (of) => ({ roles: { ...of.roles, head: { ...of.roles.head, threshold: 0 } } }), /at least 1/],
  ['a role whose key is not there', (of) => ({ roles: { ...of.roles, head: { keys: ['nobody'], threshold: 1 } } }), /not there/],
  ['a threshold met by one key named twice', (of) => ({ roles: { ...of.roles, head: { keys: [of.keys[0]?.id ?? '', of.keys[0]?.id ?? ''], threshold: 2 } } }), /never be met/],
  ['no version', { version: 0 }, /version/],
])('a root with %s is refused', async (_, change, why) => {
  const of = root(1, [a]);
  await expect(readRoot(canonicalBytes({ ...of, ...(typeof change === 'function' ? change(of) : change) }))).rejects.toThrow(why);
});

test('the algorithm is the key\'s: a key of another one signs for no role', () => {
  const of = root(1, [a]);
  expect(trustedBy({ ...of, keys: of.keys.map((key) => ({ ...key, algorithm: 'hmac' })) }, 'head').keys).toEqual([]);
});

test('what is signed for one thing passes for nothing else, and nothing is read beyond its size', async () => {
  const trusted = { keys: [a.publicKey], threshold: 1 };
  const sealed = await sealEnvelope('fairlead/head/1', new Uint8Array(8), a);
  expect(await openEnvelope('fairlead/head/1', sealed, trusted, 1_000)).toEqual(new Uint8Array(8));
  await expect(openEnvelope('fairlead/manifest/1', sealed, trusted, 1_000)).rejects.toMatchObject({ problem: 'wrong-type' });
  await expect(openEnvelope('fairlead/head/1', sealed, trusted, 100)).rejects.toMatchObject({ problem: 'too-large' });
  await expect(openEnvelope('fairlead/head/1', sealed, { keys: [smallOrder], threshold: 1 }, 1_000)).rejects.toMatchObject({ problem: 'unknown-signer' });
  await expect(openEnvelope('fairlead/head/1', sealed, { keys: [], threshold: 0 }, 1_000)).rejects.toMatchObject({ problem: 'unknown-signer' });
  const forged = new TextDecoder().decode(sealed).replace('fairlead/head/1', 'fairlead/manifest/1');
  await expect(openEnvelope('fairlead/manifest/1', new TextEncoder().encode(forged), trusted, 1_000)).rejects.toMatchObject({ problem: 'bad-signature' });
});
