import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { PayloadType } from '@fairlead/shared/snapshot/envelope.ts';
import type { Snapshot } from '@fairlead/shared/snapshot/snapshot.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { openKeeper } from './keeper.ts';
import { openShelf } from './shelf.ts';

const folders: string[] = [];
const folder = () => { const path = mkdtempSync(join(tmpdir(), 'keeper-')); folders.push(path); return path; };
afterEach(() => { for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true }); });

const keys = await newSigningKeys();
const strangers = await newSigningKeys();
const snapshot = (revision: number, more: Partial<Snapshot> = {}): Snapshot => ({ schema: 1, fleet: 'flt_1', revision, issuedAt: 1_800_000_000_000, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://127.0.0.1:4400', tenants: [], keys: [], upstreams: [], models: [], prices: [], routes: [], ...more });
const seal = (value: unknown, by = keys, type: PayloadType = 'fairlead/snapshot/1') => sealEnvelope(type, canonicalBytes(value), by);
const open = (path: string, clock = new TestClock()) => openKeeper({ shelf: openShelf(path), snapshotKeys: [keys.publicKey], fleet: 'flt_1', clock, log: createLog('error', () => undefined), onApplied: () => undefined });

test('a newer genuine snapshot is applied, and served again after a restart without anyone', async () => {
  const path = folder();
  const keeper = await open(path);
  expect(() => keeper.table()).toThrow(expect.objectContaining({ code: 'node.starting' }));
  expect(await keeper.offer(await seal(snapshot(3)))).toBe('applied');
  expect((await open(path)).table().revision).toBe(3);
});

test('what is altered, foreign, older, malformed or of another kind is refused, told, and the old table serves on', async () => {
  const keeper = await open(folder());
  await keeper.offer(await seal(snapshot(5)));
  const altered = await seal(snapshot(6));
  altered[altered.length - 120] = (altered[altered.length - 120] ?? 0) ^ 1;
  const offers: [string, Uint8Array, string][] = [
    ['altered', altered, 'verify'],
    ['signed by a stranger', await seal(snapshot(7), strangers), 'verify'],
    ['another payload type', await seal(snapshot(7), keys, 'fairlead/keyring/1'), 'verify'],
    ['cut', (await seal(snapshot(7))).subarray(0, 200), 'verify'],
    ['older', await seal(snapshot(4)), 'verify'],
    ['of another fleet', await seal(snapshot(8, { fleet: 'flt_2' })), 'compile'],
    ['of a newer schema', await seal(snapshot(8, { schema: 99 })), 'compile'],
    ['pointing nowhere', await seal(snapshot(8, { routes: [{ id: 'rte_1', name: 'r', position: 1, models: [], targets: [{ upstream: 'ups_none', priority: 0, weight: 1 }] }] })), 'compile'],
    ['not a snapshot', await seal([1, 2, 3]), 'compile'],
  ];
  for (const [what, sealed, stage] of offers) {
    expect(await keeper.offer(sealed), what).toBe('refused');
    expect(keeper.nack()?.stage, what).toBe(stage);
    expect(keeper.table().revision, what).toBe(5);
  }
  expect(await keeper.offer(await seal(snapshot(6)))).toBe('applied');
  expect(keeper.nack()).toBeUndefined();
});

test('no older snapshot comes back after a restart, not even when the disk is set back', async () => {
  const path = folder();
  const first = await open(path);
  await first.offer(await seal(snapshot(5)));
  const five = readFileSync(join(path, 'snapshot.json'));
  await first.offer(await seal(snapshot(9)));
  writeFileSync(join(path, 'snapshot.json'), five);
  const again = await open(path);
  expect(() => again.table()).toThrow(expect.objectContaining({ code: 'node.starting' }));
  expect(await again.offer(await seal(snapshot(8)))).toBe('refused');
  expect(await again.offer(await seal(snapshot(9)))).toBe('applied');
});

test('a damaged file on disk is not served and heals with the next snapshot', async () => {
  const path = folder();
  await (await open(path)).offer(await seal(snapshot(2)));
  const bytes = readFileSync(join(path, 'snapshot.json'));
  bytes[bytes.length - 90] = (bytes[bytes.length - 90] ?? 0) ^ 1;
  writeFileSync(join(path, 'snapshot.json'), bytes);
  const keeper = await open(path);
  expect(() => keeper.table()).toThrow();
  expect(await keeper.offer(await seal(snapshot(2)))).toBe('applied');
});

test('without news for longer than the policy allows a node stops serving, and goes on when news come', async () => {
  const clock = new TestClock();
  const keeper = await open(folder(), clock);
  await keeper.offer(await seal(snapshot(1, { hardStaleSeconds: 60 })));
  clock.advance(61_000);
  expect(() => keeper.table()).toThrow(expect.objectContaining({ code: 'node.stale' }));
  keeper.confirmed();
  expect(keeper.table().revision).toBe(1);
});

test('a snapshot that the disk refuses is served all the same, and the refusal is told', async () => {
  const shelf = { ...openShelf(folder()), keepSnapshot: () => { throw new Error('ENOSPC: no space left on device'); } };
  const keeper = await openKeeper({ shelf, snapshotKeys: [keys.publicKey], fleet: 'flt_1', clock: new TestClock(), log: createLog('error', () => undefined), onApplied: () => undefined });
  expect(await keeper.offer(await seal(snapshot(3)))).toBe('applied');
  expect([keeper.table().revision, keeper.nack()]).toEqual([3, { revision: 3, stage: 'persist', code: 'failed', message: 'Error: ENOSPC: no space left on device' }]);
});

test.each([['text', 'x'], ['nothing', ''], ['a float', '1e999']])('a floor file that holds %s lets nothing older in', async (_what, text) => {
  const path = folder();
  await (await open(path)).offer(await seal(snapshot(5)));
  writeFileSync(join(path, 'floor'), text);
  const again = await open(path);
  expect(await again.offer(await seal(snapshot(4)))).toBe('refused');
  expect(again.table().revision).toBe(5);
});

test('of two snapshots offered at once the newer one is served, whichever is read first', async () => {
  const path = folder();
  const keeper = await open(path);
  const offers = await Promise.all([8, 6, 9, 7].map((revision) => seal(snapshot(revision))));
  await Promise.all(offers.map((sealed) => keeper.offer(sealed)));
  expect([keeper.table().revision, (await open(path)).table().revision]).toEqual([9, 9]);
});
