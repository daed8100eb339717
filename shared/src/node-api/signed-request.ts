import { fromBase64url, toBase64url } from '../crypto/base64url.ts';
import { openVerifier, sha256Hex } from '../crypto/sign.ts';

// How a node proves who it is behind any TLS terminator: it signs method, path with query, body hash, time and a nonce.

/** The scheme in the Authorization header. */
export const nodeScheme = 'FairleadNode';

/** A parsed node signature; not yet checked. */
export interface NodeSignature { nodeId: string; timeMs: number; nonce: string; bodySha256: string; signature: Uint8Array }

/** What is signed. `target` is the path with its query, as sent. */
function message(method: string, target: string, fleet: string, at: { nodeId: string; timeMs: number; nonce: string; bodySha256: string }): Uint8Array {
  return new TextEncoder().encode(`fairlead-node-request\n${method}\n${target}\n${fleet}\n${at.nodeId}\n${at.timeMs}\n${at.nonce}\n${at.bodySha256}`);
}

/** The Authorization header of one request. */
export async function signNodeRequest(request: { method: string; target: string; fleet: string; nodeId: string; timeMs: number; body: Uint8Array }, sign: (bytes: Uint8Array) => Promise<Uint8Array>): Promise<string> {
  const nonce = toBase64url(crypto.getRandomValues(new Uint8Array(12)));
  const bodySha256 = await sha256Hex(request.body);
  const signature = await sign(message(request.method, request.target, request.fleet, { ...request, nonce, bodySha256 }));
  return `${nodeScheme} id=${request.nodeId},ts=${request.timeMs},nonce=${nonce},bh=${bodySha256},sig=${toBase64url(signature)}`;
}

/** The parts of such a header; undefined when it is none. */
export function readNodeSignature(header: string | null | undefined): NodeSignature | undefined {
  if (!header?.startsWith(`${nodeScheme} `) || header.length > 1024) return undefined;
  const parts = new Map(header.slice(nodeScheme.length + 1).split(',').map((part): [string, string] => { const at = part.indexOf('='); return [part.slice(0, at).trim(), part.slice(at + 1)]; }));
  const nodeId = parts.get('id'), ts = parts.get('ts'), nonce = parts.get('nonce'), bodySha256 = parts.get('bh'), sig = parts.get('sig');
  if (!nodeId || !ts || !/^\d{1,15}$/.test(ts) || !nonce || !bodySha256 || !sig) return undefined;
  try { return { nodeId, timeMs: Number(ts), nonce, bodySha256, signature: fromBase64url(sig) }; } catch { return undefined; }
}

/** Whether the signature is this key's and covers this request. Time and nonce are the caller's to judge. */
export async function checkNodeSignature(at: NodeSignature, request: { method: string; target: string; fleet: string; body: Uint8Array }, publicKey: string): Promise<boolean> {
  if ((await sha256Hex(request.body)) !== at.bodySha256) return false;
  const verify = await openVerifier(publicKey);
  return verify(message(request.method, request.target, request.fleet, at), at.signature);
}
