import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLog } from '../telemetry/log.ts';
import { openKeeper } from './keeper.ts';
import { readRecord, writeRecord } from './record.ts';
import { openShelf } from './shelf.ts';
import { openTestFleet } from './test-fleet.ts';
import { openTrust } from './trust.ts';

const folders: string[] = [];
afterEach(() => { for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true }); });
const log = createLog('error', () => undefined);

/** A node that may be started again and again, without an end in between: as after a crash. */
async function node() {
  const clock = new TestClock();
  const fleet = await openTestFleet(() => clock.now());
  const path = mkdtempSync(join(tmpdir(), 'probation-'));
  folders.push(path);
  const start = async () => {
    const shelf = openShelf(path);
    const trust = await openTrust({ pin: await fleet.pin(), fleet: fleet.fleet, shelf, log });
    return openKeeper({ shelf, trust, fleet: fleet.fleet, clock, log, onApplied: () => undefined });
  };
  const publish = (revision: number) => { clock.advance(1_000); return fleet.publish(revision); };
  /** Until it is kept that the newest revision has proven itself. */
  const proven = async () => { while (readRecord(readFileSync(join(path, 'record.json')))?.starts !== 0) await settled(); };
  return { clock, fleet, start, publish, proven };
}

const settled = () => new Promise((go) => { setImmediate(go); });

/** A node that served revision 1 for long, took 2, and crashed thrice soon after. */
async function crashed() {
  const at = await node();
  const first = await at.start();
  await first.offer(await at.publish(1), at.fleet.source);
  at.clock.advance(61_000);
  await at.proven();
  const second = await at.publish(2);
  await first.offer(second, at.fleet.source);
  for (let crash = 0; crash < 2; crash++) expect((await at.start()).table().revision).toBe(2);
  return { ...at, second };
}

test('a revision with which the node ends thrice within a minute is left for the one before it, and the control plane hears why', async () => {
  const { start } = await crashed();
  const again = await start();
  expect(again.table().revision).toBe(1);
  expect(again.nack()).toMatchObject({ revision: 2, stage: 'serve', code: 'crash-loop' });
  // Also by the start after that.
  expect((await start()).table().revision).toBe(1);
});

test('it is not taken again at once, but after a minute; a newer one is', async () => {
  const { start, second, fleet, clock } = await crashed();
  const again = await start();
  expect(await again.offer(second, fleet.source)).toBe('refused');
  expect(again.nack()?.code).toBe('crash-loop');
  clock.advance(61_000);
  expect(await again.offer(second, fleet.source)).toBe('applied');
  expect(again.table().revision).toBe(2);
});

test('a newer one is taken at once, and what it can fall back to is what was served', async () => {
  const { start, fleet, publish } = await crashed();
  const again = await start();
  expect(await again.offer(await publish(3), fleet.source)).toBe('applied');
  for (let crash = 0; crash < 2; crash++) expect((await start()).table().revision).toBe(3);
  expect((await start()).table().revision).toBe(1);
});

test.each<[string, (at: Awaited<ReturnType<typeof node>>, keeper: Awaited<ReturnType<Awaited<ReturnType<typeof node>>['start']>>) => Promise<void>]>([
  ['lasted a minute', async ({ clock, proven }) => { clock.advance(61_000); await proven(); }],
  ['answered an exchange', async ({ proven }, keeper) => { keeper.served(); await proven(); }],
  ['ended by itself', (_, keeper) => keeper.close()],
])('a revision that %s may crash as often as it likes later', async (_what, prove) => {
  const at = await node();
  const keeper = await at.start();
  await keeper.offer(await at.publish(1), at.fleet.source);
  await keeper.offer(await at.publish(2), at.fleet.source);
  await prove(at, keeper);
  for (let crash = 0; crash < 6; crash++) expect((await at.start()).table().revision).toBe(2);
});

test('without one before it the newest is served, however often the node ends', async () => {
  const { start, fleet, publish } = await node();
  await (await start()).offer(await publish(1), fleet.source);
  for (let crash = 0; crash < 6; crash++) expect((await start()).table().revision).toBe(1);
});

test('a record is read as it was written, and a damaged one is none', () => {
  const record = { revision: 5, issuedAt: 7, starts: 2, current: { revision: 5, manifest: 'a' }, previous: { revision: 4, manifest: 'b' }, left: { manifest: 'a', atMs: 9, times: 1 } };
  expect(readRecord(writeRecord(record))).toEqual(record);
  expect([readRecord(undefined), readRecord(new Uint8Array([123])), readRecord(new TextEncoder().encode('{"revision":-1,"issuedAt":0,"starts":0}'))]).toEqual([undefined, undefined, undefined]);
});
