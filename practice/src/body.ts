import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The largest body that is read. */
export const BODY_LIMIT_BYTES = 64 * 1024 * 1024;

/** A body with its size and digest; undefined text when it was too large. */
export type ReadBody = { readonly text: string | undefined; readonly bytes: number; readonly sha256: string };

/** Reads a request's body; throws the signal's reason when the client leaves before its end. */
export async function readBody(request: IncomingMessage, signal: AbortSignal): Promise<ReadBody> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    signal.throwIfAborted();
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    hash.update(piece);
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(piece);
  }
  return { text: bytes > BODY_LIMIT_BYTES ? undefined : Buffer.concat(chunks).toString('utf8'), bytes, sha256: hash.digest('hex') };
}
