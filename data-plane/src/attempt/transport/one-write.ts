import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';

/** Up to here a request's head and body go out as one text: copying so little costs less than a write of several pieces. */
const textMostBytes = 16 * 1024;

/** One of the pieces that were corked together, as a stream hands them to `_writev`. */
interface Piece { chunk: unknown; encoding: string }

/** The socket, writing what was corked together as one piece where it is small: undici corks a request's head and body. */
export function writesSmallAsOne<S extends Socket>(socket: S): S {
  const apart = socket._writev;
  if (!apart) return socket;
  socket._writev = function (pieces, done) {
    const text = textOf(pieces);
    if (text === undefined) apart.call(socket, pieces, done);
    else socket._write(text, 'latin1', done);
  };
  return socket;
}

/** The bytes of all pieces as one latin1 text; undefined when they are many, or of another encoding. */
function textOf(pieces: readonly Piece[]): string | undefined {
  let text = '';
  for (const { chunk, encoding } of pieces) {
    if (chunk instanceof Uint8Array) {
      if (text.length + chunk.length > textMostBytes) return undefined;
      text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    } else if (typeof chunk === 'string' && encoding === 'latin1') text += chunk;
    else return undefined;
  }
  return text.length > textMostBytes ? undefined : text;
}
