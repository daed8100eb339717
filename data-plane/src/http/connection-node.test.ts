import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { drained } from './connection-node.ts';

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
