import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Incoming } from './incoming.ts';
import { createUndiciTransport } from './undici.ts';

/** What undici's side of a request does, told by hand. */
function controlled() {
  const seen = { paused: false, aborted: undefined as Error | undefined };
  const controller = {
    get aborted() { return seen.aborted !== undefined; }, get paused() { return seen.paused; }, get reason() { return seen.aborted ?? null; },
    abort: (reason: Error) => { seen.aborted ??= reason; }, pause: () => { seen.paused = true; }, resume: () => { seen.paused = false; },
  };
  return { seen, controller };
}

const end = fc.constantFrom('end', 'break', 'abort' as const);
const act = fc.oneof(fc.record({ do: fc.constant('data' as const), size: fc.integer({ min: 1, max: 50_000 }) }), fc.record({ do: fc.constant('pull' as const) }));

test('whatever comes and is pulled in whatever order, every byte comes once and in order, and the end is the true one', async () => {
  await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 30 }), end, async (acts, how) => {
    const stop = new AbortController();
    const incoming = new Incoming(stop.signal);
    const { seen, controller } = controlled();
    incoming.onRequestStart(controller);
    incoming.onResponseStart(controller, 200, {});
    expect((await incoming.head).body).toBe(incoming);
    const pieces: Uint8Array[] = [];
    let mayPull = 0;
    let wake: () => void = () => undefined;
    const reading = (async () => {
      for (;;) {
        while (mayPull === 0) await new Promise<void>((resolve) => { wake = resolve; });
        mayPull -= 1;
        const bytes = await incoming.next();
        if (bytes === undefined) return 'end';
        pieces.push(bytes);
      }
    })().catch((error: unknown) => (error instanceof Error ? error.message : 'no error'));
    let sent = 0;
    for (const step of acts) {
      if (step.do === 'pull') { mayPull += 1; wake(); }
      else if (!seen.paused) { incoming.onResponseData(controller, Uint8Array.from({ length: step.size }, (_, at) => (sent + at) % 251)); sent += step.size; }
      await new Promise((done) => { setImmediate(done); });
    }
    if (how === 'end') incoming.onResponseEnd();
    else if (how === 'break') incoming.onResponseError(controller, new Error('broke'));
    else stop.abort(new Error('stopped'));
    mayPull = Infinity;
    wake();
    expect(await reading).toBe({ end: 'end', break: 'broke', abort: 'stopped' }[how]);
    const came = Buffer.concat(pieces);
    expect(came.every((byte, at) => byte === at % 251)).toBe(true);
    if (how !== 'abort') expect(came.length).toBe(sent);
    expect(seen.aborted?.message).toBe(how === 'abort' ? 'stopped' : undefined);
  }), { numRuns: 60 });
});

test('an upstream is told to wait when 64 KB lie unread, and to go on when they are taken', () => {
  const incoming = new Incoming(new AbortController().signal);
  const { seen, controller } = controlled();
  incoming.onRequestStart(controller);
  incoming.onResponseStart(controller, 200, {});
  incoming.onResponseData(controller, new Uint8Array(65_535));
  expect(seen.paused).toBe(false);
  incoming.onResponseData(controller, new Uint8Array(1));
  expect(seen.paused).toBe(true);
  incoming.next();
  expect(seen.paused).toBe(false);
});

test('a call that is stopped before its upstream has answered fails at once with the reason, and is not sent once there is a connection', async () => {
  const stop = new AbortController();
  const incoming = new Incoming(stop.signal);
  stop.abort(new Error('left'));
  await expect(incoming.head).rejects.toThrow('left');
  const { seen, controller } = controlled();
  incoming.onRequestStart(controller);
  expect(seen.aborted?.message).toBe('left');
});

test('a large answer that is read slowly comes whole over a real connection, and one that is left closes it', async () => {
  const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => at % 251));
  let closed: () => void = () => undefined;
  const leaving = new Promise<void>((resolve) => { closed = resolve; });
  const server = createServer((request, response) => {
    if (request.url === '/left') { response.write('x'); response.on('close', closed); } else response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const transport = createUndiciTransport({ loopbackForOperator: true, allowed: [] });
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const at = { headers: {}, body: new Uint8Array([1]), owner: 'operator' as const, signal: AbortSignal.timeout(10_000) };
    const pieces: Uint8Array[] = [];
    for await (const piece of (await transport.call({ ...at, url: new URL(`${base}/whole`) })).body) {
      pieces.push(piece);
      await new Promise((done) => { setImmediate(done); });
    }
    expect(Buffer.concat(pieces).equals(body)).toBe(true);
    for await (const _ of (await transport.call({ ...at, url: new URL(`${base}/left`) })).body) break;
    await leaving;
  } finally {
    await transport.close();
    server.closeAllConnections();
    server.close();
  }
});
