import { openBytes, openWithKey } from '@fairlead/shared/crypto/seal.ts';
import { fromBase64 } from '@fairlead/shared/crypto/base64url.ts';
import { ulid } from '@fairlead/shared/id.ts';
import { enrolmentAnswerProof, enrolmentProof, readNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import { nodeEnroll, nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import { openEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import { trustedBy } from '@fairlead/shared/snapshot/root.ts';
import { credentialAad } from '@fairlead/shared/snapshot/snapshot.ts';
import { newSealingKeys } from '@fairlead/shared/crypto/seal.ts';
import { newSigningKeys } from '@fairlead/shared/crypto/sign.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readNewestRoot } from '../crypto/fleet.ts';
import { digestOf } from '../crypto/digest.ts';
import { revokeNode } from '../domain/nodes/revoke.ts';
import { readPublished } from '../testing/published.ts';
import { enrollTestNode, makeNodeToken } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

let t: TestPlane;
beforeAll(async () => { t = await openTestPlane(); });
afterAll(() => t.close());

const manifestKeys = async () => trustedBy((await readNewestRoot(t.plane.domain.db.client)).root, 'manifest');

test('a node enrols once with a token, and the control plane proves that it knows the token too', async () => {
  const token = readNodeToken(await makeNodeToken(t));
  if (!token) throw new Error('unreadable');
  const [signing, sealing] = [await newSigningKeys(), await newSealingKeys()];
  const transcript = { tokenId: token.tokenId, fleet: token.fleet, nonce: ulid(), name: 'n', signPublicKey: signing.publicKey, sealPublicKey: sealing.publicKey };
  const { fleet, ...known } = transcript;
  const input = { ...known, runtime: 'node', build: '1', proof: await enrolmentProof(token.secret, transcript) };
  const first = await t.send(nodeEnroll, { input });
  const nodeId = textAt(first.data, 'nodeEnroll', 'nodeId');
  // The token names the root that the node will believe.
  expect(token.trust).toBe((await readNewestRoot(t.plane.domain.db.client)).fingerprint);
  expect(at(first.data, 'nodeEnroll', 'proof')).toBe(await enrolmentAnswerProof(token.secret, transcript, nodeId));
  // A lost answer must not burn the token …
  expect(at((await t.send(nodeEnroll, { input })).data, 'nodeEnroll', 'nodeId')).toBe(nodeId);
  // … but other keys on it are refused, and so is a wrong proof.
  const other = { ...transcript, signPublicKey: (await newSigningKeys()).publicKey };
  const { fleet: _, ...otherKnown } = other;
  expect(fleet).toBe(token.fleet);
  expect(at((await t.send(nodeEnroll, { input: { ...otherKnown, runtime: 'x', build: 'x', proof: await enrolmentProof(token.secret, other) } })).data, 'nodeEnroll', 'userErrors', 0, 'code')).toBe('USED');
  expect(at((await t.send(nodeEnroll, { input: { ...otherKnown, runtime: 'x', build: 'x', proof: 'wrong' } })).data, 'nodeEnroll', 'userErrors', 0, 'code')).toBe('NOT_FOUND');
});

test('a node reads the snapshot, gets the group key by heartbeat and opens a credential with it', async () => {
  const node = await enrollTestNode(t, 'reader');
  const response = await node.head();
  const snapshot = await readPublished(t.plane);
  expect(response.headers.get('etag')).toBe(`"${snapshot.revision}.${t.plane.publisher.newest()?.issuedAtMs}"`);
  const beat = await node.heartbeat(snapshot.revision, 0);
  const keyring: unknown = JSON.parse(new TextDecoder().decode(await openEnvelope('fairlead/keyring/1', fromBase64(textAt(beat.data, 'nodeHeartbeat', 'keyring')), await manifestKeys(), 64 * 1024)));
  if (typeof keyring !== 'object' || keyring === null || !('jwe' in keyring) || typeof keyring.jwe !== 'string') throw new Error('no keyring');
  const group = await openWithKey(node.sealing.privateKey, keyring.jwe);
  const upstream = snapshot.upstreams[0];
  const credential = upstream?.credentials[0];
  if (!upstream || !credential) throw new Error('no credential in the snapshot');
  const aad = credentialAad({ fleet: snapshot.fleet, epoch: snapshot.secretEpoch, upstream: upstream.id, credential: credential.id, version: credential.version });
  expect(digestOf(new TextDecoder().decode(await openBytes(group, credential.sealed, aad)))).toBe(t.plane.seeded.practiceDigest);
  // With the right epoch the key is not sent again.
  expect(at((await node.heartbeat(snapshot.revision, snapshot.secretEpoch)).data, 'nodeHeartbeat', 'keyring')).toBeNull();
});

test('a node that has the newest snapshot is held until there is a newer one', async () => {
  // Just after a start nobody is held.
  t.plane.domain.startedAtMs = 0;
  const node = await enrollTestNode(t, 'waiter');
  const etag = (await node.head()).headers.get('etag') ?? '';
  expect((await node.head({ 'if-none-match': etag })).status).toBe(304);
  const waiting = node.head({ 'if-none-match': etag }, '?wait=25');
  await t.asOperator('mutation { tenantCreate(input: {name: "Waited for"}) { tenant { id } } }');
  const response = await waiting;
  expect(response.status).toBe(200);
  expect(response.headers.get('etag')).not.toBe(etag);
});

test('unsigned, replayed, altered and late requests are refused', async () => {
  const node = await enrollTestNode(t, 'careful');
  const get = (authorization: string) => t.plane.app.fetch(new Request('http://127.0.0.1:4400/snapshot/head', { headers: { authorization } }));
  const header = await node.header('GET', '/snapshot/head', new Uint8Array());
  expect((await get(header)).status).toBe(200);
  expect((await get(header)).status).toBe(401);
  expect((await get(await node.header('GET', '/other', new Uint8Array()))).status).toBe(401);
  expect((await get('FairleadNode nonsense')).status).toBe(401);
  expect((await t.plane.app.fetch(new Request('http://127.0.0.1:4400/snapshot/head'))).status).toBe(401);
  const old = (await node.header('GET', '/snapshot/head', new Uint8Array())).replace(/ts=\d+/, `ts=${Date.now() - 301_000}`);
  expect((await get(old)).status).toBe(401);
  const swapped = await t.send(nodeHeartbeat, { input: {} }, { authorization: await node.header('POST', '/graphql', new TextEncoder().encode('{}')) });
  expect(swapped.status).toBe(401);
});

test('a revoked node is refused, and what is published then needs a key it never gets', async () => {
  const node = await enrollTestNode(t, 'leaver');
  const before = await readPublished(t.plane);
  await revokeNode(t.plane.domain, { kind: 'SYSTEM' }, node.id);
  expect((await node.head()).status).toBe(401);
  expect((await node.heartbeat(1)).status).toBe(401);
  const after = await readPublished(t.plane);
  expect(after.secretEpoch).toBe(before.secretEpoch + 1);
  expect(after.upstreams[0]?.credentials[0]?.sealed).not.toBe(before.upstreams[0]?.credentials[0]?.sealed);
});

test('only nodes may call what is the nodes\'', async () => {
  const reply = await t.asOperator(nodeHeartbeat, { input: { bootId: 'x', appliedRevision: 1, secretEpoch: 0, runtime: '', build: '', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false } } });
  expect(reply.errors[0]?.extensions.code).toBe('UNAUTHENTICATED');
});
