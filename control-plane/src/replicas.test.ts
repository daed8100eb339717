import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { compose } from './compose.ts';
import type { ControlPlane } from './compose.ts';
import { createKey } from './domain/keys/create.ts';
import { createLog } from './log.ts';
import type { Settings } from './settings.ts';
import { readPublished } from './testing/published.ts';
import { createTestDatabase, databaseKinds } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

describe.each(databaseKinds)('several control planes on one $name', ({ base, missing }) => {
  const open: ControlPlane[] = [];
  let database: TestDatabase | undefined;
  afterEach(async () => {
    for (const plane of open.splice(0)) await plane.close();
    await database?.drop();
    database = undefined;
  });

  test.skipIf(missing)('started at once on an empty database they make everything once, and each learns what the other publishes', async () => {
    const made = await createTestDatabase(base);
    database = made;
    const settings: Settings = {
      dataDir: made.dataDir, databaseUrl: made.url, host: '127.0.0.1', port: 0, publicUrl: 'https://control.example', nodeUrl: 'http://127.0.0.1:8787', trustedProxies: [], egressAllow: [], kek: new Uint8Array(randomBytes(32)), kekOld: [], practiceUrl: 'http://127.0.0.1:4411', consoleDir: undefined, keepExchangesDays: 90, apiPointsPerMinute: 5_000_000,
    };
    const start = () => compose(settings, { log: createLog(() => {}), port: () => 4400, publisher: { gatherMs: 1, watchMs: 20 } });
    open.push(...await Promise.all([start(), start(), start()]));
    const [first, second] = open;
    if (!first || !second) throw new Error('not started');
    const { client } = first.domain.db;
    expect([await client.tenant.count(), await client.member.count(), await client.upstream.count(), await client.credential.count(), await client.campaign.count(), await client.pool.count()]).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(open.map((plane) => plane.seeded.practiceDigest)).size).toBe(1);
    expect(new Set(open.map((plane) => plane.domain.fleet.fleet)).size).toBe(1);
    expect(await client.fleetRoot.count()).toBe(1);
    const prices = await client.price.findMany({ select: { modelName: true, upstreamId: true } });
    expect(new Set(prices.map((row) => `${row.modelName} ${row.upstreamId}`)).size).toBe(prices.length);

    const before = (await client.snapshot.findFirstOrThrow({ orderBy: { revision: 'desc' } })).revision;
    const owner = await client.member.findFirstOrThrow();
    const key = await createKey(first.domain, { kind: 'MEMBER', id: 'sgn_x', memberId: owner.id, tenantId: owner.tenantId, role: 'OWNER', operator: true, scopes: ['*'] }, { name: 'k' });
    if (!key.ok) throw new Error('no key');
    const found = await second.publisher.waitAbove(before, 10_000);
    expect(found?.revision).toBe(first.publisher.newest()?.revision);
    expect((await readPublished(second)).keys.map(({ id }) => id)).toContain(key.value.key.id);
  });
});
