import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Ask } from '../journey/ask.ts';
import type { Inbound } from '../journey/inbound.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { Principal } from '../journey/principal.ts';
import type { Answer } from '../journey/reply.ts';
import { createMemoryTapes } from '../stores/memory/tapes.ts';
import { createReplay } from './replay.ts';
import type { Recording } from './replay.ts';

const ask: Ask = { model: 'm', dialect: 'anthropic-messages', does: 'generate', metered: true, stream: true, inputBytes: 4, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: true, writesCache: false, client: undefined, sessionId: undefined };

function opened() {
  const clock = new TestClock();
  const replay = createReplay({ tapes: createMemoryTapes(clock), clock });
  const open = (more: { tenant?: string; key?: string; body?: string; headers?: [string, string][]; signal?: AbortSignal; wanted?: boolean } = {}): Recording | undefined => {
    const principal: Principal = { tenant: more.tenant ?? 'ten_1', key: { id: more.key ?? 'key_1', tenant: more.tenant ?? 'ten_1', status: 'ACTIVE', funding: 'WALLET', leased: false } };
    const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '/v1/messages', dialect: 'anthropic-messages', does: 'generate', meter: 'required' }, headers: new Map(more.headers ?? []), query: new URLSearchParams(), address: '', body: Buffer.from(more.body ?? '{"a":1}'), json: {}, receivedAtMs: 0, signal: more.signal ?? new AbortController().signal };
    return replay.open({ inbound, ask, principal, wanted: more.wanted ?? true });
  };
  return { clock, open };
}

/** An upstream's stream that goes on only when told. */
function upstream() {
  const steps: (() => void)[] = [];
  let stopped = false;
  const texts: (string | undefined)[] = [];
  async function* body(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; at++) {
      while (texts.length <= at) await new Promise<void>((go) => steps.push(go));
      const text = texts[at];
      if (text === undefined) return;
      yield Buffer.from(text);
    }
  }
  const push = (text: string | undefined) => { texts.push(text); for (const go of steps.splice(0)) go(); };
  const answer: Answer = { status: 200, headers: {}, body: withLeaving(body(), () => { stopped = true; }) };
  return { answer, push, stopped: () => stopped };
}

const settle = () => new Promise((go) => setImmediate(go));
const source = (answer: Answer | undefined) => { if (!answer || answer.body instanceof Uint8Array) throw new Error('a stream was expected'); return answer.body[Symbol.asyncIterator](); };
const read = async (answer: Answer | undefined) => { let text = ''; const from = source(answer); for (let step = await from.next(); step.done !== true; step = await from.next()) text += Buffer.from(step.value).toString(); return text; };

test('a client that comes back gets the whole stream it had left, and only once', async () => {
  const { open } = opened();
  const { answer, push } = upstream();
  const first = source(open()?.recorded(answer, () => true));
  push('one ');
  await first.next();
  await first.return?.();
  push('two ');
  push(undefined);
  await settle(); await settle();
  expect([await read(await open()?.found()), await open()?.found()]).toEqual(['one two ', undefined]);
});

test('one that comes back while the stream still runs follows it to its end', async () => {
  const { open } = opened();
  const { answer, push } = upstream();
  const first = source(open()?.recorded(answer, () => true));
  push('one ');
  await first.next();
  await first.return?.();
  await settle();
  const again = read(await open()?.found());
  push('two');
  push(undefined);
  expect(await again).toBe('one two');
});

test('no other tenant, key or request ever finds it, nor one that does not want it', async () => {
  const { open } = opened();
  const { answer, push } = upstream();
  const first = source(open()?.recorded(answer, () => true));
  push('one');
  await first.next();
  await first.return?.();
  push(undefined);
  await settle(); await settle();
  for (const other of [{ tenant: 'ten_2' }, { key: 'key_2' }, { body: '{"a":2}' }]) expect(await open(other)?.found()).toBeUndefined();
  expect([open({ headers: [['x-fairlead-no-replay', '1']] }), open({ wanted: false })]).toEqual([undefined, undefined]);
  expect(await read(await open()?.found())).toBe('one');
});

test('a stream that its client reads to the end, or that broke off, is not kept', async () => {
  const { open } = opened();
  for (const [leaves, whole] of [[false, true], [true, false]] as const) {
    const { answer, push } = upstream();
    const first = source(open()?.recorded(answer, () => whole));
    push('one');
    await first.next();
    if (leaves) await first.return?.();
    push(undefined);
    if (!leaves) await first.next();
    await settle(); await settle();
    expect(await open()?.found()).toBeUndefined();
  }
});

test('after two minutes nobody waits for it any more: the upstream is stopped', async () => {
  const { clock, open } = opened();
  const { answer, push, stopped } = upstream();
  const client = new AbortController();
  const recording = open({ signal: client.signal });
  const first = source(recording?.recorded(answer, () => true));
  push('one');
  await first.next();
  client.abort();
  await first.return?.();
  await settle();
  expect([stopped(), recording?.signal.aborted]).toEqual([false, false]);
  clock.advance(120_000);
  await settle(); await settle();
  expect([stopped(), recording?.signal.aborted]).toEqual([true, true]);
});

test('one that left because nothing came, and comes back before anything has, follows the same stream', async () => {
  const { open } = opened();
  const client = new AbortController();
  const { answer, push } = upstream();
  const first = source(open({ signal: client.signal })?.recorded(answer, () => true));
  push('one ');
  await first.next();
  const waiting = first.next();
  client.abort();
  const again = read(await open()?.found());
  push('two ');
  await waiting;
  await first.return?.();
  push('three ');
  push(undefined);
  expect(await again).toBe('one two three ');
});

test('one that is followed and cannot be kept whole ends as an error, never as if it were', async () => {
  const { open } = opened();
  const { answer, push } = upstream();
  const first = source(open()?.recorded(answer, () => true));
  push('one ');
  await first.next();
  await first.return?.();
  const again = read(await open()?.found());
  await settle();
  push('x'.repeat(9 * 1024 * 1024));
  push(undefined);
  expect(await again).toMatch(/^one event: error\ndata: .*"type":"error"/);
});

test('one that left before anybody had answered, and comes back, gets the answer that it had asked for', async () => {
  const { open } = opened();
  const client = new AbortController();
  const recording = open({ signal: client.signal });
  client.abort();
  const again = read(await open()?.found());
  const { answer, push } = upstream();
  const written = source(recording?.recorded(answer, () => true));
  push('one ');
  await written.next();
  await written.return?.();
  push('two');
  push(undefined);
  expect([await again, await open()?.found()]).toEqual(['one two', undefined]);
});

test('one that comes back for an answer that never came hears an error, and the next one asks anew', async () => {
  const { open } = opened();
  for (const lose of [(recording?: Recording) => recording?.lost(), (recording?: Recording) => recording?.recorded({ status: 529, headers: {}, body: Buffer.from('{}') }, () => false)]) {
    const client = new AbortController();
    const recording = open({ signal: client.signal });
    client.abort();
    const again = read(await open()?.found());
    lose(recording);
    expect(await again).toMatch(/^event: error/);
    expect(await open()?.found()).toBeUndefined();
  }
});

test('one that only followed and left again leaves to a third what it followed, never itself', async () => {
  const { open } = opened();
  const [first, second] = [new AbortController(), new AbortController()];
  const recording = open({ signal: first.signal });
  first.abort();
  const follower = open({ signal: second.signal });
  expect(await follower?.found()).toBeDefined();
  second.abort();
  const third = read(await open()?.found());
  recording?.lost();
  expect(await third).toMatch(/^event: error/);
  expect(await open()?.found()).toBeUndefined();
});

test('one whose client has left before it was looked for does not follow itself', async () => {
  const { open } = opened();
  expect(await open({ signal: AbortSignal.abort() })?.found()).toBeUndefined();
});

test('of an exchange that came to nothing, broke or was replayed, nothing waits and nothing is kept', async () => {
  const { clock, open } = opened();
  const lose: ((recording: Recording) => unknown)[] = [
    (recording) => recording.lost(),
    (recording) => recording.recorded({ status: 400, headers: {}, body: Buffer.from('{}') }, () => true),
    (recording) => read(recording.recorded({ status: 200, headers: {}, body: (async function* () { yield await Promise.resolve(Buffer.from('one')); throw new Error('bug'); })() }, () => false)).catch(() => undefined),
    async (recording) => { const gone = AbortSignal.abort(); open({ signal: gone }); return recording.found(); },
  ];
  for (const [at, one] of lose.entries()) {
    const client = new AbortController();
    const recording = open({ signal: client.signal });
    if (!recording) throw new Error('a recording was expected');
    await one(recording);
    const before = clock.waiting;
    client.abort();
    await settle();
    expect([at, recording.signal.aborted, clock.waiting - before]).toEqual([at, true, 0]);
  }
});

test.each(['while it runs', 'while it ends', 'when it is on the shelf'])('one that leaves a replay in the middle, %s, has missed the end again and gets it', async (when) => {
  const { open } = opened();
  const { answer, push } = upstream();
  const first = source(open()?.recorded(answer, () => true));
  push('one ');
  await first.next();
  await first.return?.();
  const finish = async () => { push('two'); push(undefined); await settle(); await settle(); };
  if (when === 'when it is on the shelf') await finish();
  const client = new AbortController();
  const again = source(await open({ signal: client.signal })?.found());
  await again.next();
  if (when === 'while it ends') await finish();
  client.abort();
  void again.return?.();
  if (when === 'while it runs') await finish();
  await settle();
  expect(await read(await open()?.found())).toBe('one two');
  await settle();
  expect(await open()?.found()).toBeUndefined();
});
