import { ulid } from '@fairlead/shared/id.ts';
import { toBase64 } from '@fairlead/shared/crypto/base64url.ts';
import { newSealingKeys } from '@fairlead/shared/crypto/seal.ts';
import { newSigningKeys, openSigner } from '@fairlead/shared/crypto/sign.ts';
import { enrolmentProof, readNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import { nodeEnroll, nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import { headPath } from '@fairlead/shared/node-api/snapshot-paths.ts';
import { signNodeRequest } from '@fairlead/shared/node-api/signed-request.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { PayloadType } from '@fairlead/shared/snapshot/envelope.ts';
import { createNodeToken } from '../domain/nodes/token.ts';
import { textAt } from './test-plane.ts';
import type { Reply, TestPlane } from './test-plane.ts';

/** A node as far as the control plane can tell. */
export interface TestNode {
  id: string;
  bootId: string;
  sealing: { publicKey: string; privateKey: string };
  call(query: string, input: unknown): Promise<Reply>;
  head(headers?: Record<string, string>, query?: string): Promise<Response>;
  heartbeat(appliedRevision: number, secretEpoch?: number, nack?: object): Promise<Reply>;
  sealed(type: PayloadType, content: unknown): Promise<string>;
  header(method: string, target: string, body: Uint8Array): Promise<string>;
}

/** Makes a node token as the system. */
export async function makeNodeToken({ plane }: TestPlane): Promise<string> {
  const made = await createNodeToken(plane.domain, { kind: 'SYSTEM' }, { name: 'test' });
  if (!made.ok) throw new Error('no token');
  return made.value.token;
}

/** Enrols a node. */
export async function enrollTestNode(test: TestPlane, name = 'node one'): Promise<TestNode> {
  const token = readNodeToken(await makeNodeToken(test));
  if (!token) throw new Error('unreadable token');
  const signing = await newSigningKeys();
  const sealing = await newSealingKeys();
  const transcript = { tokenId: token.tokenId, fleet: token.fleet, nonce: ulid(), name, signPublicKey: signing.publicKey, sealPublicKey: sealing.publicKey };
  const { fleet, ...known } = transcript;
  const reply = await test.send(nodeEnroll, { input: { ...known, runtime: 'test', build: '0', proof: await enrolmentProof(token.secret, transcript) } });
  const id = textAt(reply.data, 'nodeEnroll', 'nodeId');
  const sign = await openSigner(signing.privateKey);
  const header = (method: string, target: string, body: Uint8Array) => signNodeRequest({ method, target, fleet, nodeId: id, timeMs: test.plane.domain.clock.now(), body }, sign);
  const call: TestNode['call'] = async (query, input) => {
    const body = new TextEncoder().encode(JSON.stringify({ query, variables: { input } }));
    return test.send(query, { input }, { authorization: await header('POST', '/graphql', body) });
  };
  const bootId = `bot_${ulid()}`;
  return {
    id, bootId, sealing, call, header,
    heartbeat: (appliedRevision, secretEpoch = 0, nack = undefined) => call(nodeHeartbeat, { ...(nack ? { nack } : {}), bootId, appliedRevision, secretEpoch, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false } }),
    head: async (headers = {}, query = '') => test.plane.app.fetch(new Request(`http://127.0.0.1:4400${headPath}${query}`, { headers: { ...headers, authorization: await header('GET', `${headPath}${query}`, new Uint8Array()) } })),
    sealed: async (type, content) => toBase64(await sealEnvelope(type, new TextEncoder().encode(JSON.stringify(content)), signing)),
  };
}
