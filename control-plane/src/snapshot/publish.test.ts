import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPublished } from '../testing/published.ts';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { publishSnapshot } from './publish.ts';

describe.each(databaseKinds)('publishing on $name', ({ base, missing }) => {
  let t: TestPlane;
  beforeAll(async () => { if (!missing) t = await openTestPlane({ base }); });
  afterAll(async () => { if (!missing) await t.close(); });
  const parts = () => ({ db: t.plane.domain.db, keyring: t.plane.domain.keyring, fleet: t.plane.domain.fleet, publicUrl: () => 'http://127.0.0.1:4400', now: () => Date.now() });
  const newest = () => readPublished(t.plane);

  test.skipIf(missing)('publishers that race never lose a change and revisions only rise, however many', async () => {
    const seen: number[] = [];
    const names = Array.from({ length: 12 }, (_, index) => `racing ${index}`);
    await Promise.all(names.map(async (name) => {
      await t.asOperator('mutation($name: String!) { keyCreate(input: {name: $name}) { key { id } userErrors { code } } }', { name });
      // As a publisher of another process would: not in turn with ours.
      seen.push(await publishSnapshot(parts()));
    }));
    const rows = await t.plane.domain.db.client.snapshot.findMany({ orderBy: { revision: 'asc' }, select: { revision: true, createdAt: true } });
    expect(new Set(rows.map((row) => row.revision)).size).toBe(rows.length);
    expect(rows.every((row, index) => index === 0 || row.revision === (rows[index - 1]?.revision ?? 0) + 1)).toBe(true);
    expect(Math.max(...seen)).toBeLessThanOrEqual(rows.at(-1)?.revision ?? 0);
    expect((await newest()).keys.length).toBe(names.length);
    expect(await t.plane.domain.db.client.dirtyMark.count()).toBe(0);
  });

  test.skipIf(missing)('equal state gives no new revision, and a credential that stays is not sealed anew', async () => {
    const before = await newest();
    expect(await publishSnapshot(parts(), { everything: true })).toBe(before.revision);
    await t.asOperator('mutation { keyCreate(input: {name: "one more"}) { key { id } } }');
    const after = await newest();
    expect(after.revision).toBe(before.revision + 1);
    expect(after.upstreams).toEqual(before.upstreams);
  });

  test.skipIf(missing)('after the database was restored, what is published is newer than what any node holds', async () => {
    const node = await enrollTestNode(t, 'remembers');
    const { revision } = await newest();
    await node.heartbeat(revision + 30);
    expect((await newest()).revision).toBe(revision + 31);
    await node.heartbeat(revision + 31);
    expect((await newest()).revision).toBe(revision + 31);
    // A lie may not use up the revisions there are.
    await node.heartbeat(2_147_483_647);
    expect((await newest()).revision).toBe(revision + 31);
  });

  test.skipIf(missing)('a credential that was damaged or moved is left out and told of; everything else is published', async () => {
    const make = async (name: string) => textAt((await t.asOperator('mutation($n: String!) { upstreamCreate(input: {preset: "openai", name: $n, secret: "sk-one-two-three"}) { upstream { id } } }', { n: name })).data, 'upstreamCreate', 'upstream', 'id');
    const [from, to] = [await make('from'), await make('to')];
    const { client } = t.plane.domain.db;
    const { sealed } = await client.credential.findFirstOrThrow({ where: { upstreamId: from } });
    await client.credential.updateMany({ where: { upstreamId: to }, data: { sealed, version: 7 } });
    await t.asOperator('mutation { keyCreate(input: {name: "after the damage"}) { key { id } } }');
    await publishSnapshot({ ...parts(), log: t.plane.domain.log }, { page: 0 });
    const snapshot = await newest();
    expect(snapshot.upstreams.find((row) => row.id === to)?.credentials).toEqual([]);
    expect(snapshot.upstreams.find((row) => row.id === from)?.credentials.length).toBe(1);
    expect(t.logLines.join()).toContain('snapshot.credential-left-out');
    expect(t.logLines.join()).not.toContain('sk-one');
  });

  test.skipIf(missing)('no price can be set that would stop publishing', async () => {
    const before = await newest();
    const set = await t.asOperator('mutation { priceSet(input: {modelName: "dear", input: "999999999", output: "1"}) { userErrors { code path } } }');
    expect(at(set.data, 'priceSet', 'userErrors', 0)).toEqual({ code: 'INVALID', path: ['input'] });
    await t.asOperator('mutation { priceSet(input: {modelName: "dear", input: "500000", output: "1000000"}) { userErrors { code } } }');
    expect((await newest()).revision).toBe(before.revision + 1);
  });

  test.skipIf(missing)('at most 64 revisions are remembered', async () => {
    for (let index = 0; index < 66; index++) await t.asOperator('mutation($n: String!) { keyCreate(input: {name: $n}) { key { id } } }', { n: `k${index}` });
    expect(await t.plane.domain.db.client.snapshot.count()).toBe(64);
  });
});

test('an upstream\'s secret is nowhere in the database file, the snapshot or the log', async () => {
  const t = await openTestPlane();
  try {
    const secret = 'sk-ant-api03-Zebra9Quagga7Okapi5';
    const made = await t.asOperator('mutation($s: String!) { upstreamCreate(input: {preset: "anthropic", secret: $s}) { upstream { id credentials { hint } } userErrors { code message } } }', { s: secret });
    expect(at(made.data, 'upstreamCreate', 'upstream', 'credentials', 0, 'hint')).toBe('…api5');
    const key = await t.asOperator('mutation { keyCreate(input: {name: "k"}) { secret } }');
    const keySecret = at(key.data, 'keyCreate', 'secret');
    const files = await readdir(t.dataDir);
    expect(files.some((name) => name.endsWith('.db'))).toBe(true);
    for (const name of files) {
      const bytes = await readFile(path.join(t.dataDir, name)).catch(() => Buffer.alloc(0));
      for (const text of [secret, Buffer.from(secret).toString('base64').slice(0, -4), Buffer.from(secret).toString('base64url').slice(0, -4), String(keySecret)]) expect(bytes.includes(text), `${name} holds a secret`).toBe(false);
    }
    const body = JSON.stringify(await readPublished(t.plane));
    expect(body.length).toBeGreaterThan(1000);
    expect(`${body}${t.logLines.join()}`).not.toContain('Zebra9Quagga7');
  } finally {
    await t.close();
  }
});

test('a change answers when the live nodes have it, and warns after two seconds when one has not', async () => {
  const t = await openTestPlane();
  try {
    const node = await enrollTestNode(t, 'slow one');
    const create = (name: string) => t.asOperator('mutation($name: String!) { keyCreate(input: {name: $name}) { key { id } userErrors { code message } } }', { name });
    await node.heartbeat(t.plane.publisher.newest()?.revision ?? 0);
    const late = await create('late');
    expect(at(late.data, 'keyCreate', 'key', 'id')).toEqual(expect.any(String));
    expect(at(late.data, 'keyCreate', 'userErrors', 0)).toMatchObject({ code: 'NOT_PROPAGATED', message: expect.stringContaining('slow one') });
    const revision = t.plane.publisher.newest()?.revision ?? 0;
    const began = performance.now();
    const [prompt] = await Promise.all([create('prompt'), t.plane.publisher.waitAbove(revision, 5000).then((found) => node.heartbeat(found?.revision ?? 0))]);
    expect(at(prompt.data, 'keyCreate', 'userErrors')).toEqual([]);
    expect(performance.now() - began).toBeLessThan(1500);
  } finally {
    await t.close();
  }
});
