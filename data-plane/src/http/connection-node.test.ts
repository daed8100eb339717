import { EventEmitter } from 'node:events';
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
