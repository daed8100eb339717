import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { openKeeper } from './keeper.ts';
import { openShelf } from './shelf.ts';
import { openTestFleet } from './test-fleet.ts';
import { openTrust } from './trust.ts';

const folders: string[] = [];
afterEach(() => { for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true }); });
const log = createLog('error', () => undefined);

async function setting() {
  const clock = new TestClock();
  const fleet = await openTestFleet(() => clock.now());
  const path = mkdtempSync(join(tmpdir(), 'trust-'));
  folders.push(path);
  const pin = await fleet.pin();
  const start = async (believes: { root: string } | { keys: readonly string[] } = pin) => {
    const shelf = openShelf(path);
    const trust = await openTrust({ pin: believes, fleet: fleet.fleet, shelf, log });
    return { trust, keeper: await openKeeper({ shelf, trust, fleet: fleet.fleet, clock, log, onApplied: () => undefined }) };
  };
  const publish = (revision: number) => { clock.advance(1_000); return fleet.publish(revision); };
  return { clock, fleet, path, start, publish };
}

test('a node follows roots that were changed while it was away, however many, and then believes the newest keys alone', async () => {
  const { fleet, start, publish } = await setting();
  const { keeper, trust } = await start();
  await keeper.offer(await publish(1), fleet.source);
  const old = await publish(2);
  for (const roles of [['head'], ['root'], ['root', 'manifest'], ['head', 'manifest', 'root']] as const) await fleet.rotate(roles);
  expect(await keeper.offer(await publish(3), fleet.source)).toBe('applied');
  expect(trust.version()).toBe(5);
  expect(await keeper.offer(old, fleet.source)).toBe('refused');
  expect(keeper.nack()?.code).toBe('unknown-signer');
  // And starts again from what it keeps, with nobody there.
  const again = await start();
  expect([again.trust.version(), again.keeper.table().revision]).toEqual([5, 3]);
});

test('a head that names a newer root makes the node look, though its own signer has not changed', async () => {
  const { fleet, start, publish } = await setting();
  const { keeper, trust } = await start();
  await keeper.offer(await publish(1), fleet.source);
  await fleet.rotate(['manifest']);
  expect(await keeper.offer(await publish(2), fleet.source)).toBe('applied');
  expect(trust.version()).toBe(2);
});

test.each<[string, (at: Awaited<ReturnType<typeof setting>>) => Promise<void>]>([
  ['signed by its own new key alone', async ({ fleet }) => { const other = await openTestFleet(() => 0); await other.rotate(['root']); fleet.roots.set(2, other.roots.get(2) ?? new Uint8Array()); }],
  ['with a hole before it', async ({ fleet }) => { await fleet.rotate(['root']); await fleet.rotate(['root', 'head']); fleet.roots.set(2, fleet.roots.get(3) ?? new Uint8Array()); }],
  ['altered', async ({ fleet }) => { await fleet.rotate(['root', 'head']); fleet.roots.set(2, (fleet.roots.get(2) ?? new Uint8Array()).map((byte, at) => (at === 60 ? byte ^ 1 : byte))); }],
])('a root that is %s is not followed, and what it would allow is refused', async (_what, harm) => {
  const at = await setting();
  const { keeper, trust } = await at.start();
  await keeper.offer(await at.publish(1), at.fleet.source);
  await harm(at);
  await at.fleet.rotate(['head']);
  expect(await keeper.offer(await at.publish(2), at.fleet.source)).toBe('refused');
  expect(keeper.nack()?.stage).toMatch(/verify|compile/);
  expect([trust.version(), keeper.table().revision]).toEqual([1, 1]);
});

test('a node that joined when one key signed everything believes the root that this key has signed, and no other', async () => {
  const { fleet, start, publish } = await setting();
  const { keeper } = await start({ keys: [fleet.keys.root.publicKey] });
  expect(await keeper.offer(await publish(1), fleet.source)).toBe('applied');
  const other = await setting();
  const stranger = await other.start({ keys: [fleet.keys.root.publicKey] });
  expect(await stranger.keeper.offer(await other.publish(1), other.fleet.source)).toBe('refused');
  expect(stranger.keeper.nack()).toMatchObject({ stage: 'verify', code: 'unknown-signer' });
});

test('another root than the pinned one is not believed', async () => {
  const { fleet, start } = await setting();
  const other = await setting();
  fleet.roots.set(1, other.fleet.roots.get(1) ?? new Uint8Array());
  const { keeper } = await start();
  expect(await keeper.offer(await other.publish(1), fleet.source)).toBe('refused');
  expect(keeper.nack()).toMatchObject({ stage: 'verify', code: 'unknown-signer' });
});

test('a damaged root on disk is fetched anew', async () => {
  const { fleet, path, start, publish } = await setting();
  await (await start()).keeper.offer(await publish(1), fleet.source);
  const bytes = readFileSync(join(path, 'root.json'));
  writeFileSync(join(path, 'root.json'), bytes.subarray(0, bytes.length - 30));
  const { keeper } = await start();
  expect(keeper.held()).toBeUndefined();
  expect(await keeper.offer(await publish(2), fleet.source)).toBe('applied');
  expect((await start()).keeper.table().revision).toBe(2);
});
