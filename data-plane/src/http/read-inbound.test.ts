import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { headersOf } from './headers-node.ts';
import { collect, collectIncoming, readBody as readPlain } from './read-inbound.ts';
import type { BodyLimits } from './read-inbound.ts';

const limits = { maxBytes: 100_000, timeoutMs: 10_000 };
const readBody = (body: AsyncIterable<Uint8Array>, headers: ReadonlyMap<string, string>, at: BodyLimits) => readPlain((most) => collect(body, most), headers, at);
const none = new Map<string, string>();

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test.each([1, 7, 4_096, 100_000])('a body in pieces of %i bytes arrives as it was sent', async (size) => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 251);
  expect(Buffer.compare(await readBody(pieces(bytes, size), none, limits), bytes)).toBe(0);
});

test('a body in crumbs is held in one buffer, not in the buffers its crumbs came in', async () => {
  async function* crumbs(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 2_000; at++) yield new Uint8Array(65_536).subarray(0, 1);
  }
  const body = await readBody(crumbs(), none, limits);
  expect([body.length, body.buffer.byteLength <= 32_768]).toEqual([2_000, true]);
});

test('a body that never ends is refused at its deadline, one that is too large as soon as it is', async () => {
  async function* silent(): AsyncGenerator<Uint8Array> { yield new Uint8Array(1); await new Promise(() => undefined); }
  await expect(readBody(silent(), none, { ...limits, timeoutMs: 5 })).rejects.toMatchObject({ code: 'request.timeout' });
  async function* endless(): AsyncGenerator<Uint8Array> { for (;;) yield new Uint8Array(60_000); }
  await expect(readBody(endless(), none, limits)).rejects.toMatchObject({ code: 'request.too-large' });
});

test('a packed body may not unpack to more than the limit, and must be what it says', async () => {
  const gzip = new Map([['content-encoding', 'gzip']]);
  await expect(readBody(pieces(gzipSync(new Uint8Array(200_000)), 64), gzip, limits)).rejects.toMatchObject({ code: 'request.too-large' });
  await expect(readBody(pieces(new Uint8Array(20), 20), gzip, limits)).rejects.toMatchObject({ code: 'request.encoding' });
});

/** A request on Node whose body comes in these pieces, and which then ends, is cut or stays silent. */
function incomingOf(pieces: readonly Uint8Array[], then: 'ends' | 'cut' | 'silent', declared?: number): IncomingMessage {
  const incoming = new Readable({ read() { /* pushed from outside */ } });
  for (const piece of pieces) incoming.push(piece);
  if (then === 'ends') incoming.push(null);
  if (then === 'cut') setImmediate(() => incoming.destroy());
  return Object.assign(incoming, { headers: declared === undefined ? {} : { 'content-length': String(declared) } }) as unknown as IncomingMessage;
}

test.each([undefined, 10, 50_000, 100_000])('by a request\'s events a body arrives as it was sent, whatever it announced (%s bytes)', async (declared) => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, at) => at % 251);
  for (const size of [7_000, 50_000]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
    expect(Buffer.compare(await collectIncoming(incomingOf(pieces, 'ends', declared), limits), bytes)).toBe(0);
  }
  expect((await collectIncoming(incomingOf([], 'ends'), limits)).length).toBe(0);
});

test('by a request\'s events the limits hold, and a client that leaves is not waited for', async () => {
  await expect(collectIncoming(incomingOf([new Uint8Array(60_000), new Uint8Array(60_000)], 'silent'), limits)).rejects.toMatchObject({ code: 'request.too-large' });
  await expect(collectIncoming(incomingOf([new Uint8Array(1)], 'silent'), { ...limits, timeoutMs: 5 })).rejects.toMatchObject({ code: 'request.timeout' });
  await expect(collectIncoming(incomingOf([new Uint8Array(1)], 'cut'), limits)).rejects.toMatchObject({ code: 'client.left' });
});

test('headers on Node read as a map, a repeated one as its values', () => {
  const headers = headersOf({ headers: { 'x-a': '1', 'set-cookie': ['a', 'b'] } } as unknown as IncomingMessage);
  expect([[...headers], headers.get('x-b'), headers.has('x-a'), headers.size]).toEqual([[['x-a', '1'], ['set-cookie', 'a, b']], undefined, true, 2]);
});
