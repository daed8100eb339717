import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { writesSmallAsOne } from './one-write.ts';

/** What arrives of pieces that are corked together. */
async function sent(pieces: readonly (string | Uint8Array)[], coding: BufferEncoding): Promise<Buffer> {
  const arrived: Buffer[] = [];
  const server = createServer((socket) => { socket.on('data', (bytes: Buffer) => arrived.push(bytes)); });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = writesSmallAsOne(connect((server.address() as AddressInfo).port, '127.0.0.1'));
  await once(socket, 'connect');
  socket.cork();
  for (const piece of pieces) socket.write(piece, coding);
  socket.uncork();
  socket.end();
  const closed = once(server, 'close');
  server.close();
  await closed;
  return Buffer.concat(arrived);
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31) & 0xff);

test.each([0, 1, 200, 16_000, 16_384, 16_385, 200_000])('a head and a body of %i bytes arrive as they are', async (length) => {
  const head = 'POST / HTTP/1.1\r\nx-name: caf\u00e9\r\n\r\n';
  expect(Buffer.compare(await sent([head, bytesOf(length)], 'latin1'), Buffer.concat([Buffer.from(head, 'latin1'), bytesOf(length)]))).toBe(0);
});

test('text of another encoding is left to the socket', async () => {
  expect((await sent(['\u20ac', bytesOf(2), '\u20ac'], 'utf8')).equals(Buffer.concat([Buffer.from('\u20ac'), bytesOf(2), Buffer.from('\u20ac')]))).toBe(true);
});
