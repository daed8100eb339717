import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { writeShard } from '@fairlead/shared/snapshot/key-shard.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { openKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { openShelf } from './shelf.ts';
import type { Shelf } from './shelf.ts';
import { openTestFleet, testKey } from './test-fleet.ts';
import type { TestFleet, TestState } from './test-fleet.ts';
import { openTrust } from './trust.ts';

const folders: string[] = [];
const folder = () => { const path = mkdtempSync(join(tmpdir(), 'keeper-')); folders.push(path); return path; };
afterEach(() => { for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true }); });

const log = createLog('error', () => undefined);

/** A fleet with a clock, and a node in a folder of its own that may be started again. */
async function setting() {
  const clock = new TestClock();
  const fleet = await openTestFleet(() => clock.now());
  const path = folder();
  const open = async (shelf: Shelf = openShelf(path)): Promise<Keeper> => {
    const trust = await openTrust({ pin: await fleet.pin(), fleet: fleet.fleet, shelf, log });
    return openKeeper({ shelf, trust, fleet: fleet.fleet, clock, log, onApplied: () => undefined });
  };
  const publish = async (keeper: Keeper, revision: number, state?: TestState) => keeper.offer(await fleet.publish(revision, state), fleet.source);
  return { clock, fleet, path, open, publish };
}

const keys = (count: number) => Array.from({ length: count }, (_, at) => testKey(`k${at}`));

test('a newer genuine revision is applied, and served again after a restart without anyone', async () => {
  const { open, publish } = await setting();
  const keeper = await open();
  expect(() => keeper.table()).toThrow(expect.objectContaining({ code: 'node.starting' }));
  expect(await publish(keeper, 3, { keys: keys(500) })).toBe('applied');
  const again = await open();
  expect(again.table().revision).toBe(3);
  expect(again.table().keyByDigest(hash('sha256', 'k77'))).toMatchObject({ id: 'key_k77', tenant: 'ten_1', leased: false });
  expect(again.table().keyByDigest(hash('sha256', 'k500'))).toBeUndefined();
});

test('one changed key moves the pieces that hold it, and nothing else', async () => {
  const { open, publish, fleet } = await setting();
  const keeper = await open();
  const rows = keys(5_000);
  await publish(keeper, 1, { keys: rows });
  const before = fleet.source.fetched.splice(0);
  await publish(keeper, 2, { keys: rows.map((row, at) => (at === 77 ? { ...row, profile: { ...row.profile, status: 'REVOKED' } } : row)) });
  expect(keeper.table().keyByDigest(hash('sha256', 'k77'))?.status).toBe('REVOKED');
  expect(before.length).toBeGreaterThan(60);
  // Its shard, the page of its shard, the manifest.
  expect(fleet.source.fetched).toHaveLength(3);
});

type Offer = (at: { fleet: TestFleet; clock: TestClock }) => Promise<Uint8Array>;
const strangers = await newSigningKeys();
const shardOf = (bytes: Uint8Array, change: (copy: Uint8Array) => void) => { const copy = bytes.slice(); change(copy); return copy; };
const two = writeShard([testKey('a'), testKey('b')], 0) ?? new Uint8Array();
const offers: [what: string, code: string, stage: string, path: string | undefined, offer: Offer][] = [
  ['altered', 'bad-signature', 'verify', undefined, async ({ fleet }) => { const head = await fleet.publish(6); head[60] = (head[60] ?? 0) ^ 1; return head; }],
  ['signed by a stranger', 'unknown-signer', 'verify', undefined, async ({ fleet }) => { const at = Date.now(); return fleet.seal({ fleet: 'flt_1', group: 'all', revision: 6, issuedAt: at, freshUntil: at + 1, root: 1, manifest: { sha256: '0'.repeat(64), bytes: 1 } }, strangers); }],
  ['of another kind', 'wrong-type', 'verify', undefined, async ({ fleet }) => sealEnvelope('fairlead/keyring/1', new Uint8Array(9), fleet.keys.head)],
  ['a head signed as a manifest may be', 'unknown-signer', 'verify', undefined, async ({ fleet, clock }) => fleet.seal({ fleet: 'flt_1', group: 'all', revision: 6, issuedAt: clock.now(), freshUntil: clock.now() + 1_000, root: 1, manifest: { sha256: '0'.repeat(64), bytes: 1 } }, fleet.keys.manifest)],
  ['cut', 'malformed', 'verify', undefined, async ({ fleet }) => (await fleet.publish(6)).subarray(0, 200)],
  ['far too large', 'too-large', 'verify', undefined, async () => new Uint8Array(20_000)],
  ['older', 'older', 'order', 'head', ({ fleet }) => fleet.publish(4)],
  ['of another fleet', 'foreign-fleet', 'order', 'head', ({ fleet }) => fleet.publish(6, { head: { fleet: 'flt_2' } })],
  ['for another group', 'foreign-group', 'order', 'head', ({ fleet }) => fleet.publish(6, { head: { group: 'eu' } })],
  ['frozen', 'frozen', 'order', 'head', ({ fleet, clock }) => fleet.publish(6, { head: { freshUntil: clock.now() } })],
  ['of a time to come', 'early', 'order', 'head', ({ fleet, clock }) => fleet.publish(6, { head: { issuedAt: clock.now() + 400_000, freshUntil: clock.now() + 900_000 } })],
  ['another one of the same number', 'forked', 'order', 'head', ({ fleet }) => fleet.publish(5, { manifest: { publicUrl: 'http://elsewhere' } })],
  ['with a head that is older than the one seen', 'older', 'order', 'head', ({ fleet, clock }) => fleet.publish(6, { head: { issuedAt: clock.now() - 10_000 } })],
  ['far ahead of what there can be', 'jumped', 'order', 'head', ({ fleet }) => fleet.publish(2_000_000_000)],
  ['of a newer schema', 'too-new', 'compile', 'manifest.schema', ({ fleet }) => fleet.publish(6, { manifest: { schema: 99 } })],
  ['with a manifest of another revision', 'mismatched', 'verify', 'manifest.revision', ({ fleet }) => fleet.publish(6, { manifest: { revision: 5 } })],
  ['with a manifest of another fleet', 'mismatched', 'verify', 'manifest.fleet', ({ fleet }) => fleet.publish(6, { manifest: { fleet: 'flt_2' } })],
  ['with a piece that is not what its hash says', 'altered', 'gather', expect.any(String), async ({ fleet }) => { const head = await fleet.publish(6, { keys: [testKey('x')] }); for (const [name, bytes] of fleet.pieces) if (bytes[0] === 0x46 && bytes[3] === 0x31) fleet.pieces.set(name, Uint8Array.from(bytes, (byte, at) => (at === 20 ? byte ^ 1 : byte))); return head; }],
  ['with a route that leads nowhere', 'dangling', 'compile', 'routes[0].targets[0].upstream', ({ fleet }) => fleet.publish(6, { lists: { routes: [{ id: 'rte_1', name: 'r', position: 1, models: [], targets: [{ upstream: 'ups_none', priority: 0, weight: 1 }] }] } })],
  ['with a key of nobody', 'dangling', 'compile', 'keys bin 0 owner 0', ({ fleet }) => fleet.publish(6, { keys: [testKey('x', { owner: { tenant: 'ten_none' } })] })],
  ['with keys out of order', 'malformed', 'compile', 'keys bin 0 [1]', ({ fleet }) => fleet.publish(6, { keys: [testKey('a')], shards: { 0: shardOf(two, (copy) => { copy.copyWithin(16, 64, 112); }) } })],
  ['with a shard of another bin', 'malformed', 'compile', 'keys bin 0', ({ fleet }) => fleet.publish(6, { shards: { 0: writeShard([testKey('a')], 1) ?? new Uint8Array() } })],
  ['with a shard that is cut', 'malformed', 'compile', 'keys bin 0', ({ fleet }) => fleet.publish(6, { shards: { 0: two.slice(0, 70) } })],
  ['with a key of no kind', 'dangling', 'compile', 'keys bin 0 [0]', ({ fleet }) => fleet.publish(6, { shards: { 0: shardOf(two, (copy) => { copy[16 + 41] = 9; }) } })],
  ['with a name beyond its shard', 'malformed', 'compile', 'keys bin 0 [0]', ({ fleet }) => fleet.publish(6, { shards: { 0: shardOf(two, (copy) => { copy[16 + 42] = 9; }) } })],
  ['with a kind of keys that nobody knows', 'malformed', 'compile', 'keys bin 0 profile 0.status', ({ fleet }) => fleet.publish(6, { keys: [testKey('x', { profile: { status: 'ODD' as 'ACTIVE', funding: 'POOL' } })] })],
];

test.each(offers)('what is %s is refused as %s, told once, and the old table serves on', async (_what, code, stage, path, offer) => {
  const { open, publish, fleet, clock } = await setting();
  const keeper = await open();
  await publish(keeper, 5);
  clock.advance(1_000);
  const head = await offer({ fleet, clock });
  expect(await keeper.offer(head, fleet.source)).toBe('refused');
  const told = keeper.nack();
  expect(told).toMatchObject({ code, stage, ...(path === undefined ? {} : { path }) });
  await keeper.offer(head, fleet.source);
  expect(keeper.nack()).toBe(told);
  expect(keeper.table().revision).toBe(5);
  clock.advance(1_000);
  expect(await publish(keeper, 7)).toBe('applied');
  expect(keeper.nack()).toBeUndefined();
});

test('the same head again, or a newer one of the same revision, changes nothing but its age', async () => {
  const { open, publish, fleet, clock } = await setting();
  const keeper = await open();
  await publish(keeper, 5);
  const etag = keeper.etag();
  clock.advance(30_000);
  expect(keeper.ageMs()).toBe(30_000);
  expect(await publish(keeper, 5, { manifest: { issuedAt: clock.now() - 30_000 } })).toBe('not-newer');
  expect([keeper.ageMs(), keeper.etag() === etag, keeper.table().revision]).toEqual([0, false, 5]);
  expect(fleet.source.fetched.filter((name, at, all) => all.indexOf(name) !== at)).toEqual([]);
});

test('nothing older comes back after a restart, not even when files are set back', async () => {
  const { open, publish, path, clock, fleet } = await setting();
  const first = await open();
  await publish(first, 5);
  const five = ['head.json', 'pieces.pack'].map((name) => readFileSync(join(path, name)));
  clock.advance(1_000);
  await publish(first, 8);
  clock.advance(1_000);
  await publish(first, 9);
  for (const [at, name] of ['head.json', 'pieces.pack'].entries()) writeFileSync(join(path, name), five[at] ?? '');
  rmSync(join(path, 'previous.json'));
  const again = await open();
  expect(() => again.table()).toThrow(expect.objectContaining({ code: 'node.starting' }));
  clock.advance(1_000);
  expect(await again.offer(await fleet.publish(8), fleet.source)).toBe('refused');
  expect(again.nack()?.code).toBe('older');
  expect(await publish(again, 9, { manifest: { issuedAt: clock.now() - 1_000 } })).toBe('applied');
});

test.each([['text', 'x'], ['nothing', ''], ['another shape', '{"revision":"5"}']])('a record that holds %s lets nothing older in', async (_what, text) => {
  const { open, publish, path, clock } = await setting();
  await publish(await open(), 5);
  writeFileSync(join(path, 'record.json'), text);
  const again = await open();
  expect(again.table().revision).toBe(5);
  clock.advance(1_000);
  expect(await publish(again, 4)).toBe('refused');
});

test('a floor of before there were records holds', async () => {
  const { open, publish, path } = await setting();
  writeFileSync(join(path, 'floor'), '12');
  const keeper = await open();
  expect(await publish(keeper, 11)).toBe('refused');
  expect(await publish(keeper, 13)).toBe('applied');
});

test('a damaged piece on disk is fetched again, and that one alone; without anyone, the revision before is served', async () => {
  const { open, publish, path, fleet, clock } = await setting();
  const rows = keys(3_000);
  const first = await open();
  await publish(first, 1, { keys: rows });
  clock.advance(1_000);
  const changed = rows.map((row, at) => (at === 9 ? { ...row, name: 'new' } : row));
  const head = await fleet.publish(2, { keys: changed });
  await first.offer(head, fleet.source);
  const pack = readFileSync(join(path, 'pieces.pack'));
  // The last piece that was written is one of the newest revision.
  pack[pack.length - 5] = (pack[pack.length - 5] ?? 0) ^ 1;
  writeFileSync(join(path, 'pieces.pack'), pack);
  const again = await open();
  expect(again.table().revision).toBe(1);
  fleet.source.fetched.length = 0;
  clock.advance(1_000);
  expect(await again.offer(head, fleet.source)).toBe('applied');
  expect(fleet.source.fetched).toHaveLength(1);
  expect((await open()).table().revision).toBe(2);
});

test.each(['head.json', 'previous.json', 'root.json', 'record.json', 'pieces.pack'])('whatever becomes of %s, the node is whole again with the next head', async (name) => {
  const { open, publish, path, fleet, clock } = await setting();
  const first = await open();
  await publish(first, 1, { keys: keys(300) });
  clock.advance(1_000);
  await publish(first, 2, { keys: keys(301) });
  await first.close();
  clock.advance(1_000);
  const newest = await fleet.publish(3, { keys: keys(302) });
  for (const damage of ['cut', 'flipped', 'emptied', 'gone'] as const) {
    const before = await open();
    await before.offer(newest, fleet.source);
    await before.close();
    const bytes = readFileSync(join(path, name));
    if (damage === 'gone') rmSync(join(path, name));
    else writeFileSync(join(path, name), damage === 'emptied' ? '' : damage === 'cut' ? bytes.subarray(0, bytes.length - 7) : Buffer.from(bytes.map((byte, at) => (at === Math.floor(bytes.length / 2) ? byte ^ 0x55 : byte))));
    const again = await open();
    await again.offer(newest, fleet.source);
    expect(again.table().revision, damage).toBe(3);
    expect(again.nack(), damage).toBeUndefined();
    await again.close();
    const last = await open();
    expect(last.table().keyByDigest(hash('sha256', 'k301')), damage).toBeDefined();
    await last.close();
  }
});

test('what is no longer needed leaves the disk', async () => {
  const { open, publish, path, clock } = await setting();
  const keeper = await open();
  const big = (round: number) => Array.from({ length: 30_000 }, (_, at) => testKey(`k${at}`, { name: `${round} ${'x'.repeat(200)}` }));
  const sizes: number[] = [];
  for (let round = 1; round <= 8; round++) {
    clock.advance(1_000);
    await publish(keeper, round, { keys: big(round) });
    sizes.push(statSync(join(path, 'pieces.pack')).size);
  }
  expect(Math.max(...sizes)).toBeLessThan(5.1 * (sizes[0] ?? 0));
  expect((await open()).table().revision).toBe(8);
}, 60_000);

test('without news for longer than the policy allows a node stops serving, and goes on when news come', async () => {
  const { open, publish, clock } = await setting();
  const keeper = await open();
  const state = { manifest: { hardStaleSeconds: 60, issuedAt: clock.now() } };
  await publish(keeper, 1, state);
  clock.advance(61_000);
  expect(() => keeper.table()).toThrow(expect.objectContaining({ code: 'node.stale' }));
  expect(await publish(keeper, 1, state)).toBe('not-newer');
  expect(keeper.table().revision).toBe(1);
});

test('a revision that the disk refuses is served all the same, the refusal is told, and it is kept when there is room again', async () => {
  const { open, publish, fleet, path, clock } = await setting();
  const real = openShelf(path);
  let full = true;
  const shelf: Shelf = { ...real, pieces: { ...real.pieces, keep: (pieces) => (full ? Promise.reject(new Error('ENOSPC: no space left on device')) : real.pieces.keep(pieces)) } };
  const keeper = await open(shelf);
  expect(await publish(keeper, 3, { keys: keys(300) })).toBe('applied');
  expect([keeper.table().revision, keeper.nack()]).toEqual([3, { revision: 3, stage: 'persist', code: 'failed', message: 'Error: ENOSPC: no space left on device' }]);
  full = false;
  clock.advance(1_000);
  expect(await publish(keeper, 4, { keys: keys(301) })).toBe('applied');
  fleet.source.fetched.length = 0;
  expect((await open()).table().keyByDigest(hash('sha256', 'k1'))).toBeDefined();
  expect(fleet.source.fetched).toEqual([]);
});

test('of two revisions offered at once the newer one is served, whichever is read first', async () => {
  const { open, fleet } = await setting();
  const keeper = await open();
  const heads = [];
  for (const revision of [8, 6, 9, 7]) heads.push(await fleet.publish(revision));
  await Promise.all(heads.map((head) => keeper.offer(head, fleet.source)));
  expect([keeper.table().revision, (await open()).table().revision]).toEqual([9, 9]);
});

test('a source that fails refuses nothing: it is told, what came is not fetched twice, and the rest comes later', async () => {
  const { open, fleet } = await setting();
  const keeper = await open();
  const head = await fleet.publish(1, { keys: keys(4_000) });
  let left = 30;
  await expect(keeper.offer(head, { root: fleet.source.root, piece: (ref) => (left-- > 0 ? fleet.source.piece(ref) : Promise.reject(new Error('the line is cut'))) })).rejects.toThrow('the line is cut');
  expect([keeper.nack(), keeper.held()]).toEqual([undefined, undefined]);
  expect(await keeper.offer(head, fleet.source)).toBe('applied');
  expect(new Set(fleet.source.fetched).size).toBe(fleet.source.fetched.length);
});
