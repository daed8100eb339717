// Part of npm run bench:planes: what publishing one changed key costs among many, on every database that answers.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import { newId } from '@fairlead/shared/id.ts';
import { publishSnapshot } from '../src/snapshot/publish.ts';
import type { PublishParts } from '../src/snapshot/publish.ts';
import { openTestPlane } from '../src/testing/test-plane.ts';
import type { TestPlane } from '../src/testing/test-plane.ts';

const { values: options } = parseArgs({ options: { keys: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '15' }, only: { type: 'string', default: 'sqlite' } } });
const bases: Record<string, string | undefined> = { sqlite: undefined, postgresql: process.env.FAIRLEAD_TEST_POSTGRES ?? 'postgresql://postgres@127.0.0.1:5432/postgres', mariadb: process.env.FAIRLEAD_TEST_MYSQL ?? 'mysql://root@127.0.0.1:3306/mysql' };

for (const name of options.only.split(',')) {
  const plane = await openTestPlane({ base: bases[name] });
  try {
    await measure(name, plane, Number(options.keys));
  } finally {
    await plane.close();
  }
}

async function measure(name: string, { plane }: TestPlane, count: number): Promise<void> {
  const { db, keyring, fleet } = plane.domain;
  const { id: tenantId } = await db.client.tenant.findFirstOrThrow();
  const ids: string[] = [];
  for (let at = 0; at < count; at += 2_000) {
    const rows = Array.from({ length: Math.min(2_000, count - at) }, (_, index) => ({ id: newId('key'), tenantId, name: `key number ${at + index}`, hint: 'flk_x', digest: createHash('sha256').update(`k${at + index}`).digest('hex') }));
    await db.client.key.createMany({ data: rows });
    ids.push(rows[0]?.id ?? '');
  }
  const memory: NonNullable<PublishParts['memory']> = {};
  const parts: PublishParts = { db, keyring, fleet, publicUrl: () => 'http://127.0.0.1:4400', now: () => Date.now(), memory };
  const fullFrom = performance.now();
  await publishSnapshot(parts, { everything: true });
  console.log(`  ${name}: everything published anew, ${count.toLocaleString('en')} keys: ${Math.round(performance.now() - fullFrom)} ms`);
  const times: number[] = [];
  const cpuTimes: number[] = [];
  const sizes: number[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    const before = new Set((await db.client.piece.findMany({ select: { sha256: true } })).map(({ sha256 }) => sha256));
    const id = ids[(round * 37) % ids.length] ?? '';
    await db.client.key.update({ where: { id }, data: { status: 'PAUSED' } });
    await db.client.dirtyMark.create({ data: { kind: 'key', objectId: id } });
    const from = performance.now();
    const cpu = process.cpuUsage();
    await publishSnapshot(parts);
    times.push(performance.now() - from);
    const { user, system } = process.cpuUsage(cpu);
    cpuTimes.push((user + system) / 1_000);
    const fresh = (await db.client.piece.findMany({ select: { sha256: true } })).filter(({ sha256 }) => !before.has(sha256)).map(({ sha256 }) => sha256);
    const pieces = await db.client.piece.findMany({ where: { sha256: { in: fresh } } });
    const head = await db.client.snapshotHead.findFirstOrThrow();
    sizes.push(pieces.reduce((sum, { body }) => sum + body.length, head.body.length));
  }
  for (const all of [times, cpuTimes]) all.sort((a, b) => a - b);
  const [median, worst, bytes] = [times[times.length >> 1] ?? 0, times.at(-1) ?? 0, Math.max(...sizes)];
  console.log(`  ${median <= 50 && bytes <= 25_000 ? '✓' : '✗'} ${name}: one key changed: median ${median.toFixed(0)} ms, best ${(times[0] ?? 0).toFixed(0)} ms, worst ${worst.toFixed(0)} ms to publish (aim 50), ${(cpuTimes[cpuTimes.length >> 1] ?? 0).toFixed(0)} ms of CPU in all threads; at most ${bytes} bytes of head, manifest, page and shard (aim 25000)`);
}
