import { openPinnedRoot, trustedBy } from '@fairlead/shared/snapshot/root.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPublished } from '../testing/published.ts';
import { openTestPlane } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';
import { publishSnapshot } from '../snapshot/publish.ts';
import { openFleet, readNewestRoot, readSigner } from './fleet.ts';

let t: TestPlane;
beforeAll(async () => { t = await openTestPlane(); });
afterAll(() => t.close());

test('an install of before there were roles makes its one key the root\'s: nodes that believe it believe its root', async () => {
  const { db, keyring, fleet } = t.plane.domain;
  const { client } = db;
  await client.fleetRoot.deleteMany();
  await client.setting.deleteMany({ where: { name: { in: ['manifest-key', 'head-key'] } } });
  const before = await readSigner(client, keyring, 'root');
  const { revision } = await readPublishedRevision();
  expect(await openFleet(db, keyring, Date.now())).toEqual(fleet);
  const { body } = await client.fleetRoot.findUniqueOrThrow({ where: { version: 1 } });
  const root = await openPinnedRoot(body, { keys: [before.publicKey] });
  expect(trustedBy(root, 'root').keys).toEqual([before.publicKey]);
  for (const role of ['manifest', 'head'] as const) expect(trustedBy(root, role).keys).toEqual([(await readSigner(client, keyring, role)).publicKey]);
  // What was published is signed by nobody it names: all is published anew, with a higher revision.
  expect(await publishSnapshot({ db, keyring, fleet, publicUrl: () => 'http://127.0.0.1:4400', now: () => Date.now() }, { everything: true })).toBe(revision + 1);
  expect((await readPublished(t.plane)).revision).toBe(revision + 1);
});

test('a start changes nothing of who signs', async () => {
  const { db, keyring } = t.plane.domain;
  const before = await readNewestRoot(db.client);
  await openFleet(db, keyring, Date.now() + 1_000);
  expect(await readNewestRoot(db.client)).toEqual(before);
});

const readPublishedRevision = () => t.plane.domain.db.client.snapshot.findFirstOrThrow({ orderBy: { revision: 'desc' } });
