import { Buffer } from 'node:buffer';
import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { base64Between } from '@fairlead/shared/crypto/base64url.ts';
import { openSigner } from '@fairlead/shared/crypto/sign.ts';
import { signNodeRequest } from '@fairlead/shared/node-api/signed-request.ts';
import { headPath, piecePath, rootPath } from '@fairlead/shared/node-api/snapshot-paths.ts';
import { mostHeadBytes } from '@fairlead/shared/snapshot/head.ts';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { mostRootBytes } from '@fairlead/shared/snapshot/root.ts';
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
  /** The newest head; `unchanged` when it is still `etag`'s after waiting up to `waitSeconds` for a newer revision. */
  fetchHead(etag: string | undefined, waitSeconds: number, signal: AbortSignal): Promise<Uint8Array | 'unchanged'>;
  /** A piece's bytes, never more than its length. */
  fetchPiece(ref: Ref, signal: AbortSignal): Promise<Uint8Array>;
  /** A root's bytes; undefined when there is none of this version. */
  fetchRoot(version: number, signal: AbortSignal): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

const callTimeoutMs = 10_000;
const pieceTimeoutMs = 30_000;

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

  /** What needs no signature: its own is inside, or its hash was signed. */
  const get = (target: string, signal: AbortSignal) => agent.request({ origin, path: base + target, method: 'GET', signal: AbortSignal.any([signal, AbortSignal.timeout(pieceTimeoutMs)]) });

  return {
    async mutate<T>(query: string, input: unknown, signal: AbortSignal): Promise<T> {
      const before = `{"query":${JSON.stringify(query)},"variables":{"input":`;
      const body = input instanceof SealedBatch ? base64Between(`${before}{"batch":"`, input.sealed, '"}}}') : new TextEncoder().encode(`${before}${JSON.stringify(input)}}}`);
      const answer = await send('POST', '/graphql', body, { 'content-type': 'application/json', accept: 'application/json' }, AbortSignal.any([signal, AbortSignal.timeout(callTimeoutMs)]));
      return readGraphql<T>(answer.statusCode, await answer.body.text());
    },
    async fetchHead(etag, waitSeconds, signal) {
      const target = waitSeconds > 0 ? `${headPath}?wait=${waitSeconds}` : headPath;
      const answer = await send('GET', target, new Uint8Array(), etag ? { 'if-none-match': etag } : {}, AbortSignal.any([signal, AbortSignal.timeout((waitSeconds + 10) * 1000)]));
      if (answer.statusCode === 304) { await answer.body.dump(); return 'unchanged'; }
      return readWhole(answer, headPath, mostHeadBytes);
    },
    fetchPiece: async (ref, signal) => {
      const path = piecePath(ref.sha256);
      return readWhole(await get(path, signal), path, ref.bytes);
    },
    async fetchRoot(version, signal) {
      const path = rootPath(version);
      const answer = await get(path, signal);
      if (answer.statusCode === 404) { await answer.body.dump(); return undefined; }
      return readWhole(answer, path, mostRootBytes);
    },
    close: () => agent.destroy(),
  };
}

/** The body of a good answer. Stops reading, and throws, beyond `most` bytes. */
async function readWhole(answer: Dispatcher.ResponseData, what: string, most: number): Promise<Uint8Array> {
  const isGood = answer.statusCode === 200;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > (isGood ? most : 4_096)) {
      if (isGood) throw new ControlFailed(200, `GET ${what} answered with more than ${most} bytes`);
      break;
    }
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (!isGood) throw new ControlFailed(answer.statusCode, `GET ${what} answered ${answer.statusCode}: ${body.toString('utf8', 0, 200)}`);
  return body;
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
