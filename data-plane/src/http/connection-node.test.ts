import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { drained, openNodeConnection } from './connection-node.ts';

function slowClient() {
  let cut = false;
  const outgoing = Object.assign(new EventEmitter(), { destroy() { cut = true; return outgoing; } });
  return { outgoing: outgoing as unknown as Parameters<typeof drained>[0], take: () => outgoing.emit('drain'), cut: () => cut, waiting: () => outgoing.listenerCount('drain') };
}

test('a client that takes nothing is cut off at its deadline, and nothing waits on', async () => {
  const client = slowClient();
  await drained(client.outgoing, new AbortController().signal, 5);
  expect([client.cut(), client.waiting()]).toEqual([true, 0]);
});

test('a client that takes what waits, or leaves, is waited for no longer', async () => {
  const client = slowClient();
  const taken = drained(client.outgoing, new AbortController().signal, 60_000);
  client.take();
  await taken;
  const leaving = new AbortController();
  const left = drained(client.outgoing, leaving.signal, 60_000);
  leaving.abort();
  await left;
  expect([client.cut(), client.waiting()]).toEqual([false, 0]);
});

test('an answer whose head cannot be written is left, so that its account is settled', async () => {
  let left = 0;
  const outgoing = Object.assign(new EventEmitter(), { writeHead() { throw new TypeError('Invalid character in header content'); } });
  const connection = openNodeConnection({ socket: {} } as never, outgoing as never);
  const body = { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true as const, value: undefined }), return: () => { left += 1; return Promise.resolve({ done: true as const, value: undefined }); } }) };
  await expect(connection.write({ status: 200, headers: {}, body })).rejects.toThrow('Invalid character');
  expect(left).toBe(1);
});

/** What a client reads, word for word, of streams written to one connection. */
async function heard(requests: string[], pieces: string[], poured: boolean): Promise<string> {
  const bytes = pieces.map((piece) => Buffer.from(piece));
  const body = () => {
    async function* all(): AsyncGenerator<Uint8Array> { for (const each of bytes) yield await Promise.resolve(each); }
    return poured ? Object.assign(all(), { async pour(to: (each: Uint8Array) => Promise<void> | undefined) { for (const each of bytes) await to(each); } }) : all();
  };
  const server = createServer({ keepAliveTimeout: 50 }, (incoming, outgoing) => { void openNodeConnection(incoming, outgoing).write({ status: 200, headers: { 'content-type': 'text/event-stream' }, body: body() }); });
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
  const at = server.address();
  const socket = connect(typeof at === 'object' && at ? at.port : 0, '127.0.0.1');
  let text = '';
  socket.on('data', (more) => { text += more.toString(); });
  socket.write(requests.join(''));
  await new Promise((done) => { socket.once('close', done); });
  server.close();
  return text;
}

test.each([true, false])('a stream is whole chunks to its end, one answer after another on a connection (poured: %s)', async (poured) => {
  const request = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
  const answers = (await heard([request, request], ['data: a\n\n', '', 'data: ü\n\n'], poured)).split('HTTP/1.1 200 OK\r\n').slice(1);
  expect(answers).toHaveLength(2);
  for (const answer of answers) {
    expect(answer.toLowerCase()).toContain('transfer-encoding: chunked');
    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('9\r\ndata: a\n\n\r\na\r\ndata: ü\n\n\r\n0\r\n\r\n');
  }
});

test('a client that knows no chunks gets the bytes alone, up to the end of the connection', async () => {
  const answer = await heard(['GET / HTTP/1.0\r\n\r\n'], ['data: a\n\n', 'data: b\n\n'], true);
  expect(answer.toLowerCase()).not.toContain('chunked');
  expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe('data: a\n\ndata: b\n\n');
});
