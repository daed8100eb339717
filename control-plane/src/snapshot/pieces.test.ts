// What a change makes of the pieces, and what nodes get of them; on every database.
import { randomBytes } from 'node:crypto';
import { piecePath, rootPath } from '@fairlead/shared/node-api/snapshot-paths.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { mostHeadBytes, readHead } from '@fairlead/shared/snapshot/head.ts';
import { openNextRoot, openPinnedRoot, trustedBy } from '@fairlead/shared/snapshot/root.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../crypto/digest.ts';
import { readNewestRoot } from '../crypto/fleet.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { readPublished } from '../testing/published.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { regrowKeys } from './grow-keys.ts';
import { renewHead } from './head.ts';
import { publishSnapshot } from './publish.ts';
import type { PublishParts } from './publish.ts';
import { hashOf } from './tree.ts';

describe.each(databaseKinds)('pieces on $name', ({ base, missing }) => {
  let t: TestPlane;
  const clock = new TestClock(Date.UTC(2026, 10, 20));
  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    const { client } = t.plane.domain.db;
    const { id: tenantId } = await client.tenant.findFirstOrThrow();
    for (let from = 0; from < 1_600; from += 200) {
      await client.key.createMany({ data: Array.from({ length: 200 }, (_, index) => ({ id: `key_${String(from + index).padStart(26, '0')}`, tenantId, name: `k${from + index}`, hint: 'flk_x', digest: digestOf(`k${from + index}`) })) });
    }
    await publishSnapshot(parts(), { everything: true });
  }, 60_000);
  afterAll(async () => { if (!missing) await t.close(); });
  const parts = () => ({ db: t.plane.domain.db, keyring: t.plane.domain.keyring, fleet: t.plane.domain.fleet, publicUrl: () => 'http://127.0.0.1:4400', now: () => clock.now(), log: t.plane.domain.log });
  const get = (path: string, headers: Record<string, string> = {}) => t.plane.app.fetch(new Request(`http://127.0.0.1:4400${path}`, { headers }));
  /** What of the pieces is new after this, and what is not needed any more. */
  const moved = async (work: () => Promise<unknown>) => {
    const before = new Set((await readPublished(t.plane)).pieces);
    await work();
    const after = new Set((await readPublished(t.plane)).pieces);
    return { fresh: [...after].filter((sha256) => !before.has(sha256)), gone: [...before].filter((sha256) => !after.has(sha256)) };
  };
  const revoke = (id: string) => t.asOperator('mutation($id: ID!) { keyRevoke(input: {id: $id}) { key { id } userErrors { message } } }', { id });

  test.skipIf(missing)('one changed key makes three pieces anew: its shard, the page of its shard, the manifest; those of before are let go', async () => {
    expect((await readPublished(t.plane)).keyCount).toBe(1_600);
    const { fresh, gone } = await moved(() => revoke(`key_${'77'.padStart(26, '0')}`));
    expect([fresh.length, gone.length]).toEqual([3, 3]);
    const released = await t.plane.domain.db.client.piece.findMany({ where: { releasedAt: { not: null } }, select: { sha256: true } });
    for (const sha256 of gone) expect(released.map((row) => row.sha256)).toContain(sha256);
    expect((await readPublished(t.plane)).keys.find(({ id }) => id === `key_${'77'.padStart(26, '0')}`)?.status).toBe('REVOKED');
  });

  test.skipIf(missing)('a quota of all keys of a tenant, and a paused pool, make no key anew', async () => {
    const { id: tenantId } = await t.plane.domain.db.client.tenant.findFirstOrThrow();
    const { fresh } = await moved(() => t.asOperator('mutation($id: ID!) { quotaSet(input: {subject: {tenantId: $id}, limit: "5", window: DAY}) { userErrors { message } } }', { id: tenantId }));
    expect(fresh.length).toBeLessThanOrEqual(3);
    expect((await readPublished(t.plane)).keys.every(({ leased }) => leased)).toBe(true);
  });

  test.skipIf(missing)('a process that knows nothing of what was published writes the same: equal state gives equal pieces', async () => {
    const before = await readPublished(t.plane);
    expect(await publishSnapshot(parts(), { everything: true })).toBe(before.revision);
    expect((await readPublished(t.plane)).pieces).toEqual(before.pieces);
  });

  test.skipIf(missing)('a piece is for everybody who knows its hash, for ever the same, and nothing else is', async () => {
    const sha256 = (await readPublished(t.plane)).pieces.at(-1) ?? '';
    const answer = await get(piecePath(sha256));
    expect([answer.status, answer.headers.get('etag'), answer.headers.get('cache-control')]).toEqual([200, `"${sha256}"`, 'public, max-age=31536000, immutable']);
    expect(digestOfBytes(await answer.arrayBuffer())).toBe(sha256);
    expect((await get(piecePath(sha256), { 'if-none-match': `"${sha256}"` })).status).toBe(304);
    for (const name of [randomBytes(32).toString('hex'), 'x', '%2e%2e', `${sha256}0`]) expect((await get(piecePath(name))).status).toBe(404);
    expect([(await get(rootPath(1))).status, (await get(rootPath(9))).status, (await get('/snapshot/roots/x')).status]).toEqual([200, 404, 404]);
  });

  test.skipIf(missing)('a damaged piece is not given out, and is made anew', async () => {
    const sha256 = (await readPublished(t.plane)).pieces.at(-1) ?? '';
    await t.plane.domain.db.client.piece.update({ where: { sha256 }, data: { body: new Uint8Array(9) } });
    expect((await get(piecePath(sha256))).status).toBe(503);
    await t.plane.domain.publishing.publish();
    const answer = await get(piecePath(sha256));
    expect([answer.status, digestOfBytes(await answer.arrayBuffer())]).toEqual([200, sha256]);
  });

  test.skipIf(missing)('a head is signed again after half a minute, and its instant rises also when the clock was set back', async () => {
    const { db } = t.plane.domain;
    const head = async () => readHead(await openEnvelope('fairlead/head/1', (await db.client.snapshotHead.findFirstOrThrow()).body, trustedBy((await readNewestRoot(db.client)).root, 'head'), mostHeadBytes));
    const first = await head();
    clock.advance(29_000);
    await renewHead(parts());
    expect(await head()).toEqual(first);
    clock.advance(2_000);
    await renewHead(parts());
    const second = await head();
    expect(second).toEqual({ ...first, issuedAt: clock.now(), freshUntil: clock.now() + 600_000 });
    clock.set(clock.now() - 3_600_000);
    await revoke(`key_${'78'.padStart(26, '0')}`);
    expect((await head()).issuedAt).toBeGreaterThan(second.issuedAt);
    clock.set(second.issuedAt + 1_000);
  });

  test.skipIf(missing)('what no revision needs goes: after ten minutes when 64 others came, else after a day', async () => {
    const { client } = t.plane.domain.db;
    const many = async (from: number) => { for (let at = from; at < from + 66; at++) await revoke(`key_${String(at).padStart(26, '0')}`); };
    const [early] = (await moved(() => revoke(`key_${'100'.padStart(26, '0')}`))).gone;
    await many(101);
    expect(await client.piece.count({ where: { sha256: early ?? '' } })).toBe(1);
    clock.advance(11 * 60_000);
    const [late] = (await moved(() => revoke(`key_${'200'.padStart(26, '0')}`))).gone;
    for (let at = 0; at < 16; at++) await revoke(`key_${String(210 + at).padStart(26, '0')}`);
    expect([await client.piece.count({ where: { sha256: early ?? '' } }), await client.piece.count({ where: { sha256: late ?? '' } })]).toEqual([0, 1]);
    clock.advance(25 * 3_600_000);
    for (let at = 0; at < 16; at++) await revoke(`key_${String(230 + at).padStart(26, '0')}`);
    expect(await client.piece.count({ where: { sha256: late ?? '' } })).toBe(0);
    await readPublished(t.plane);
  }, 60_000);

  test.skipIf(missing)('roles get new keys: the next root is signed by those of before and now, what is published by the new ones, and no other piece moves', async () => {
    const { client } = t.plane.domain.db;
    const bodyOf = async (version: number) => (await client.fleetRoot.findUniqueOrThrow({ where: { version } })).body;
    const { fingerprint } = await readNewestRoot(client);
    const { fresh } = await moved(async () => {
      const reply = await t.asOperator('mutation { signingKeysRotate(input: {roles: [ROOT, MANIFEST, HEAD]}) { rootVersion userErrors { message } } }');
      expect(at(reply.data, 'signingKeysRotate')).toEqual({ rootVersion: 2, userErrors: [] });
    });
    expect(fresh).toHaveLength(1);
    const first = await openPinnedRoot(await bodyOf(1), { root: fingerprint });
    const second = await openNextRoot(first, await bodyOf(2));
    for (const role of ['root', 'manifest', 'head'] as const) expect(second.roles[role].keys).not.toEqual(first.roles[role].keys);
    expect((await readPublished(t.plane)).root).toBe(2);
    expect(textAt((await t.asOperator('mutation { signingKeysRotate(input: {roles: []}) { userErrors { code } } }')).data, 'signingKeysRotate', 'userErrors', 0, 'code')).toBe('INVALID');
  });

  test.skipIf(missing)('a node that holds another revision of the same number makes the control plane publish a newer one', async () => {
    const node = await enrollTestNode(t, 'forked');
    const { revision } = await readPublished(t.plane);
    await node.heartbeat(revision, 0, { revision, stage: 'order', code: 'forked', message: 'There is another one.', path: 'head' });
    expect((await readPublished(t.plane)).revision).toBe(revision + 2);
    expect(await t.plane.domain.db.client.fleetNode.findUniqueOrThrow({ where: { id: node.id } })).toMatchObject({ nack: { code: 'forked', path: 'head' } });
  });

  test.skipIf(missing)('bins become more with the keys, and every key is found in them', async () => {
    const { client } = t.plane.domain.db;
    const { id: tenantId } = await client.tenant.findFirstOrThrow();
    for (let from = 2_000; from < 4_400; from += 200) await client.key.createMany({ data: Array.from({ length: 200 }, (_, index) => ({ id: `key_${String(from + index).padStart(26, '0')}`, tenantId, name: `k${from + index}`, hint: 'flk_x', digest: digestOf(`k${from + index}`) })) });
    const memory: NonNullable<PublishParts['memory']> = {};
    for (let page = 0; page < 4; page++) await publishSnapshot({ ...parts(), memory }, { page });
    const before = await readPublished(t.plane);
    const regrown = memory.held && await regrowKeys(t.plane.domain.db, memory.held, clock.now());
    // While bins were put together somebody published, also a change of a key.
    await revoke(`key_${'300'.padStart(26, '0')}`);
    await publishSnapshot({ ...parts(), memory }, { ...(regrown ? { regrown } : {}) });
    expect(memory.held?.branches.keys.bits).toBe((regrown?.base.bits ?? 0) + 1);
    expect(await regrowKeys(t.plane.domain.db, memory.held ?? never(), clock.now())).toBeUndefined();
    const after = await readPublished(t.plane);
    expect([after.keyCount, after.keys.length]).toEqual([before.keyCount, before.keyCount]);
    expect(before.keyCount).toBe(4_000);
    expect(after.keys.find(({ id }) => id === `key_${'300'.padStart(26, '0')}`)?.status).toBe('REVOKED');
    // Nothing is let go that is needed.
    expect(await client.piece.count({ where: { sha256: { in: after.pieces }, releasedAt: null } })).toBe(after.pieces.length);
  });
});

function never(): never { throw new Error('nothing was published'); }
const digestOfBytes = (bytes: ArrayBuffer) => hashOf(new Uint8Array(bytes));
