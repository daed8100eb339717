import { Agent } from 'undici';
import { base64Between } from '@fairlead/shared/crypto/base64url.ts';
import { openSigner } from '@fairlead/shared/crypto/sign.ts';
import { signNodeRequest } from '@fairlead/shared/node-api/signed-request.ts';
import { snapshotPath } from '@fairlead/shared/node-api/operations.ts';
import type { Identity } from './identity.ts';

/** An answer of the control plane that is no answer: its status, or what GraphQL said. */
export class ControlFailed extends Error {
  readonly status: number;
  constructor(status: number, message: string) { super(message); this.status = status; }
}

/** A signed batch as an input: base64 in JSON, in hundreds of kilobytes that are written once. */
export class SealedBatch {
  readonly sealed: Uint8Array;
  constructor(sealed: Uint8Array) { this.sealed = sealed; }
}

/** The signed line to the control plane. */
export interface ControlLink {
  /** Runs one GraphQL operation as this node. */
  mutate<T>(query: string, input: unknown, signal: AbortSignal): Promise<T>;
  /** The snapshot's bytes; `unchanged` when the revision is still `etag`'s after waiting up to `waitSeconds`. */
  fetchSnapshot(etag: string | undefined, waitSeconds: number, signal: AbortSignal): Promise<{ sealed: Uint8Array; etag: string } | 'unchanged'>;
  close(): Promise<void>;
}

const callTimeoutMs = 10_000;
const maxAnswerBytes = 512 * 1024 * 1024;

/** Opens the line for this identity. */
export async function openControlLink(identity: Identity, controlUrl: string, now: () => number): Promise<ControlLink> {
  const agent = new Agent({ keepAliveTimeout: 30_000, connect: { timeout: 5_000 }, headersTimeout: 60_000, bodyTimeout: 60_000 });
  const sign = await openSigner(identity.sign.privateKey);
  const origin = new URL(controlUrl).origin;
  const base = new URL(controlUrl).pathname.replace(/\/$/, '');

  const send = async (method: 'GET' | 'POST', target: string, body: Uint8Array, headers: Record<string, string>, signal: AbortSignal) => {
    const authorization = await signNodeRequest({ method, target, fleet: identity.fleet, nodeId: identity.nodeId, timeMs: now(), body }, sign);
    return agent.request({ origin, path: base + target, method, headers: { ...headers, authorization }, body: method === 'POST' ? body : null, signal });
  };

  return {
    async mutate<T>(query: string, input: unknown, signal: AbortSignal): Promise<T> {
      const before = `{"query":${JSON.stringify(query)},"variables":{"input":`;
      const body = input instanceof SealedBatch ? base64Between(`${before}{"batch":"`, input.sealed, '"}}}') : new TextEncoder().encode(`${before}${JSON.stringify(input)}}}`);
      const answer = await send('POST', '/graphql', body, { 'content-type': 'application/json', accept: 'application/json' }, AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]));
      return readGraphql<T>(answer.statusCode, await answer.body.text());
    },
    async fetchSnapshot(etag, waitSeconds, signal) {
      const target = waitSeconds > 0 ? `${snapshotPath}?wait=${waitSeconds}` : snapshotPath;
      const answer = await send('GET', target, new Uint8Array(), etag ? { 'if-none-match': etag } : {}, AbortSignal.any([signal, AbortSignal.timeout((waitSeconds + 10) * 1000)]));
      if (answer.statusCode === 304) { await answer.body.dump(); return 'unchanged'; }
      if (answer.statusCode !== 200) throw new ControlFailed(answer.statusCode, `GET ${snapshotPath} answered ${answer.statusCode}: ${(await answer.body.text()).slice(0, 200)}`);
      const declared = Number(answer.headers['content-length'] ?? 0);
      if (declared > maxAnswerBytes) { await answer.body.dump(); throw new ControlFailed(200, 'the snapshot is too large'); }
      return { sealed: new Uint8Array(await answer.body.arrayBuffer()), etag: String(answer.headers.etag ?? '') };
    },
    close: () => agent.destroy(),
  };
}

/** One unsigned GraphQL call, for enrolment alone. */
export async function callOpenly<T>(controlUrl: string, query: string, input: unknown, signal: AbortSignal): Promise<T> {
  const agent = new Agent({ connect: { timeout: 5_000 } });
  try {
    const url = new URL(controlUrl);
    const answer = await agent.request({
      origin: url.origin, path: `${url.pathname.replace(/\/$/, '')}/graphql`, method: 'POST', signal: AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]),
      headers: { 'content-type': 'application/json', accept: 'application/json' }, body: JSON.stringify({ query, variables: { input } }),
    });
    return readGraphql<T>(answer.statusCode, await answer.body.text());
  } finally {
    await agent.destroy();
  }
}

function readGraphql<T>(status: number, text: string): T {
  let value: unknown;
  try { value = JSON.parse(text); } catch { throw new ControlFailed(status, `the control plane answered ${status} with something else than JSON`); }
  if (typeof value === 'object' && value !== null) {
    if ('errors' in value && Array.isArray(value.errors) && value.errors.length > 0) {
      const first: unknown = value.errors[0];
      throw new ControlFailed(status, typeof first === 'object' && first !== null && 'message' in first ? String(first.message) : 'the control plane refused the operation');
    }
    if ('data' in value && value.data !== null) return value.data as T;
  }
  throw new ControlFailed(status, `the control plane answered ${status} without data`);
}
