// Part of npm run bench:planes: what a snapshot of many keys costs a node. `--prepare` writes a node's folder and the next
// revision, in which one key is changed; `--measure` starts on that folder in a process of its own, as a node does.
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers';
import { parseArgs } from 'node:util';
import { newId } from '@fairlead/shared/id.ts';
import type { KeyRow } from '@fairlead/shared/snapshot/key-row.ts';
import { systemClock } from '@fairlead/shared/time/clock.ts';
import { openKeeper } from '../src/snapshot/keeper.ts';
import { openShelf } from '../src/snapshot/shelf.ts';
import { openTestFleet } from '../src/snapshot/test-fleet.ts';
import { openTrust } from '../src/snapshot/trust.ts';
import { createLog } from '../src/telemetry/log.ts';

const { values: options } = parseArgs({ options: { prepare: { type: 'string' }, measure: { type: 'string' }, keys: { type: 'string', default: '1000000' }, tenants: { type: 'string', default: '100' } } });
const log = createLog('error');
const count = Number(options.keys);

/** What the measuring process is given. */
interface Given { pin: { root: string }; head: string; pieces: [string, string][] }

if (options.prepare !== undefined) await prepare(options.prepare);
if (options.measure !== undefined) await measure(options.measure);

async function prepare(folder: string): Promise<void> {
  const fleet = await openTestFleet(() => Date.now());
  const tenants = Array.from({ length: Number(options.tenants) }, () => ({ id: newId('tenant'), status: 'ACTIVE' as const }));
  const rows = Array.from({ length: count }, (_, at): KeyRow => ({ id: newId('key'), digest: hash('sha256', `k${at}`), name: `key number ${at}`, owner: { tenant: tenants[at % tenants.length]?.id ?? '' }, profile: { status: 'ACTIVE', funding: 'TENANT_BUDGET', quotas: [{ unit: 'USD' }] } }));
  const shelf = openShelf(folder);
  const keeper = await openKeeper({ shelf, trust: await openTrust({ pin: await fleet.pin(), fleet: fleet.fleet, shelf, log }), fleet: fleet.fleet, clock: systemClock, log, onApplied: () => undefined });
  const first = await fleet.publish(1, { lists: { tenants }, keys: rows });
  const began = performance.now();
  await keeper.offer(first, fleet.source);
  console.log(`  first revision taken, checked and kept: ${Math.round(performance.now() - began)} ms, ${fleet.source.fetched.length} pieces`);
  await keeper.close();
  shelf.close();
  const before = new Set(fleet.pieces.keys());
  const changed = rows[count >> 1];
  if (changed) changed.profile = { ...changed.profile, status: 'REVOKED' };
  const head = await fleet.publish(2, { lists: { tenants }, keys: rows });
  const given: Given = { pin: await fleet.pin(), head: Buffer.from(head).toString('base64'), pieces: [...fleet.pieces].filter(([name]) => !before.has(name)).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]) };
  writeFileSync(join(folder, 'given.json'), JSON.stringify(given));
}

async function measure(folder: string): Promise<void> {
  const given = JSON.parse(readFileSync(join(folder, 'given.json'), 'utf8')) as Given;
  const rss = () => { globalThis.gc?.(); globalThis.gc?.(); return process.memoryUsage().rss / 1e6; };
  const idle = rss();
  const began = performance.now();
  const shelf = openShelf(folder);
  const trust = await openTrust({ pin: given.pin, fleet: 'flt_1', shelf, log });
  const keeper = await openKeeper({ shelf, trust, fleet: 'flt_1', clock: systemClock, log, onApplied: () => undefined });
  const bootMs = performance.now() - began;
  const table = keeper.table();
  console.log(`  ${bootMs <= 2_000 ? '✓' : '✗'} cold boot from disk, every piece hashed and checked: ${Math.round(bootMs)} ms (aim 2000)`);
  const over = rss() - idle;
  console.log(`  ${over <= 150 ? '✓' : '✗'} memory over idle: ${over.toFixed(0)} MB (aim 150)`);

  const digests = Array.from({ length: 200_000 }, (_, at) => hash('sha256', `k${(at * 7_919) % count}`));
  const looks = (all: readonly string[]) => {
    const from = performance.now();
    for (const digest of all) if (table.keyByDigest(digest) === undefined) throw new Error('a key is not found');
    return ((performance.now() - from) * 1_000) / all.length;
  };
  looks(digests.slice(0, 20_000));
  const cold = looks(digests);
  console.log(`  ${cold <= 5 ? '✓' : '✗'} look-up of a key that was not used before, decoded: ${cold.toFixed(2)} µs (aim 5); of one in use: ${looks(Array.from({ length: 200_000 }, (_, at) => digests[at % 500] ?? '')).toFixed(2)} µs`);

  const pieces = new Map(given.pieces.map(([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))]));
  let bytes = 0;
  let [longest, last, stop] = [0, performance.now(), false];
  const tick = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; if (!stop) setImmediate(tick); };
  setImmediate(tick);
  await new Promise((go) => { setTimeout(go, 50); });
  longest = 0;
  const from = performance.now();
  await keeper.offer(new Uint8Array(Buffer.from(given.head, 'base64')), { piece: ({ sha256, bytes: size }) => { bytes += size; return Promise.resolve(pieces.get(sha256) ?? new Uint8Array()); }, root: () => Promise.resolve(undefined) });
  const tookMs = performance.now() - from;
  stop = true;
  if (keeper.table().revision !== 2) throw new Error('the second revision was not taken');
  console.log(`  ${longest <= 1 ? '✓' : '✗'} one key changed: ${bytes} bytes fetched, taken in ${tookMs.toFixed(0)} ms; the longest pause of the event loop meanwhile: ${longest.toFixed(2)} ms (aim 1)`);
  await keeper.close();
  process.exit(0);
}
