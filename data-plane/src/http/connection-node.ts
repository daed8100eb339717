import { Buffer } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { canPour } from '../journey/pouring.ts';
import type { Answer } from '../journey/reply.ts';
import type { Connection } from './connection.ts';
import { collectIncoming } from './read-inbound.ts';

/** A connection on Node that writes its answer by itself. */
export interface NodeConnection extends Connection { write(answer: Answer): void | Promise<void> }

/** A connection on Node: answers are written straight to the socket's response, at half the CPU of a web stream. */
export function openNodeConnection(incoming: IncomingMessage, outgoing: ServerResponse): NodeConnection {
  const left = new Stop();
  outgoing.on('close', () => { if (!outgoing.writableFinished) left.abort(new ClientLeft()); });
  const write = (answer: Answer) => writeAnswer(outgoing, answer, left.signal);
  return {
    remoteAddress: incoming.socket.remoteAddress ?? '',
    read: (limits) => collectIncoming(incoming, limits),
    left: left.signal,
    write,
    async send(answer) {
      // Hono answers HEAD by a GET whose body it takes away: it needs a Response that it can write itself.
      if (incoming.method === 'HEAD' && answer.body instanceof Uint8Array) return new Response(null, { status: answer.status, headers: { ...answer.headers, 'content-length': String(answer.body.length) } });
      await write(answer);
      return RESPONSE_ALREADY_SENT;
    },
  };
}

/** The same from Hono's context, for the ways that are not short. */
export function connectNode(context: Context): Connection {
  const { incoming, outgoing } = context.env as { incoming: IncomingMessage; outgoing: ServerResponse };
  return openNodeConnection(incoming, outgoing);
}

class ClientLeft extends Error { constructor() { super('the client left'); } }

/** Up to here a body goes out in one text with its head, one write of the simplest kind: copying so little costs less than a second piece. */
const textMostBytes = 16 * 1024;

function writeAnswer(outgoing: ServerResponse, { status, headers, body }: Answer, left: Signal): void | Promise<void> {
  // A flat list is sent as it stands; an object would be copied and walked.
  const flat: string[] = [];
  for (const name in headers) flat.push(name, headers[name] ?? '');
  if (!(body instanceof Uint8Array)) return writeStream(outgoing, status, flat, body, left);
  flat.push('content-length', String(body.length));
  outgoing.writeHead(status, flat);
  if (body.length > textMostBytes) outgoing.end(body);
  else outgoing.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1');
}

async function writeStream(outgoing: ServerResponse, status: number, flat: string[], body: AsyncIterable<Uint8Array>, left: Signal): Promise<void> {
  try {
    outgoing.writeHead(status, flat);
  } catch (cause) {
    // Nobody will read it, so its account would stay open.
    await body[Symbol.asyncIterator]().return?.();
    throw cause;
  }
  // Node would write each chunk in four pieces.
  const framed = outgoing.chunkedEncoding;
  outgoing.chunkedEncoding = false;
  const write = (bytes: Uint8Array) => outgoing.write(framed ? chunkOf(bytes) : bytes);
  const end = () => { if (!left.aborted) outgoing.end(framed ? lastChunk : '', 'latin1'); };
  try {
    if (canPour(body)) {
      await body.pour((bytes) => {
        if (left.aborted) throw new ClientLeft();
        return bytes.length === 0 || write(bytes) ? undefined : drained(outgoing, left, stuckMs);
      });
      end();
      return;
    }
    // Leaving the loop by break or throw ends the source too: that is how a client that left stops the upstream.
    for await (const bytes of body) {
      if (left.aborted) break;
      if (bytes.length > 0 && !write(bytes)) await drained(outgoing, left, stuckMs);
    }
    end();
  } catch (cause) {
    if (cause instanceof ClientLeft) return;
    // Half an answer must not look like one that goes on.
    outgoing.destroy();
    throw cause;
  }
}

const lastChunk = '0\r\n\r\n';

/** Bytes as one chunk of HTTP's chunked encoding. */
function chunkOf(bytes: Uint8Array): Buffer {
  const size = `${bytes.length.toString(16)}\r\n`;
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + 2);
  chunk.write(size, 'latin1');
  chunk.set(bytes, size.length);
  chunk.write('\r\n', size.length + bytes.length, 'latin1');
  return chunk;
}

/** How long a client may take nothing of what waits for it, before it counts as gone: its budget and the upstream wait with it. */
const stuckMs = 300_000;

/** Waits until the client has taken what waits, has left, or is stuck: then it is cut off. */
export function drained(outgoing: Pick<ServerResponse, 'once' | 'off' | 'destroy'>, left: Signal, mostMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); outgoing.off('drain', done); left.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(() => { outgoing.destroy(); done(); }, mostMs);
    outgoing.once('drain', done);
    left.addEventListener('abort', done, { once: true });
  });
}
