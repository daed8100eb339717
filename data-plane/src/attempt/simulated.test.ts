// Many requests over upstreams that fail in every way: what clients see, and who is blamed. Time moves only with the test clock.
import { expect, test } from 'vitest';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { drawOf } from '@fairlead/shared/plan/seed.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { AttemptEnd } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Reply } from '../journey/reply.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { createLonelyBoard } from '../stores/memory/rest-board.ts';
import { attempt } from './attempt.ts';
import { createHealth } from './health.ts';
import { createPresenter } from './reach/authenticate.ts';
import type { UpstreamAnswer, UpstreamCall } from './transport/transport.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const many = deep ? 10_000 : 2_000;

/** A generator with a seed, so that a failure can be repeated. */
function dice(seed: number): () => number {
  let thrown = 0;
  return () => drawOf(String(seed), String(thrown++));
}

type Behaviour = (call: UpstreamCall) => Promise<UpstreamAnswer> | UpstreamAnswer;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): UpstreamAnswer => ({ status, headers, body: pieces([JSON.stringify(body)]) });
const sse = { 'content-type': 'text/event-stream' };
const start = 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\n';
const delta = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n';
const stop = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const good: Behaviour = () => ({ status: 200, headers: sse, body: pieces([start, delta, stop]) });
const hangs = (signal: Signal): Promise<never> => new Promise((_, fail) => { if (signal.aborted) fail(signal.reason); signal.addEventListener('abort', () => fail(signal.reason), { once: true }); });

async function* pieces(texts: readonly string[], then?: Error): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
  if (then) throw then;
}

/** Every way to fail before the first content. */
const failures: Behaviour[] = [
  () => json(500, { error: { message: 'boom' } }), () => json(529, { error: { type: 'overloaded_error', message: 'overloaded' } }), () => json(503, {}), () => json(429, { error: { message: 'slow down' } }, { 'retry-after': '1' }),
  () => { throw new Error('ECONNREFUSED'); }, () => ({ status: 200, headers: sse, body: pieces([]) }), () => ({ status: 200, headers: sse, body: pieces([start], new Error('reset')) }),
  () => ({ status: 200, headers: { 'content-type': 'text/html' }, body: pieces(['<html>']) }), () => ({ status: 200, headers: sse, body: pieces(['event: error\ndata: {"type":"error","error":{"message":"no"}}\n\n']) }),
];

/** A node with these upstreams, asked in order. */
function nodeWith(behaviours: Behaviour[], more: { hedgeAfterMs?: number; roll?: () => number; holdMs?: number; onAbort?: 'REPORTED' } = {}) {
  const clock = new TestClock();
  const roll = more.roll ?? dice(7);
  const health = createHealth({ clock, counters: createMemoryCounters(), board: createLonelyBoard(), roll });
  const calls: string[] = [];
  const settled: { upstream: string; end: AttemptEnd }[] = [];
  const candidates: Candidate[] = behaviours.map((_, at) => ({
    upstream: { id: `u${at}`, name: `U${at}`, baseUrl: `http://127.0.0.${at + 1}`, dialects: ['anthropic-messages'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [], ...(more.onAbort ? { onAbort: more.onAbort } : {}) },
    model: 'm', dialect: 'anthropic-messages', priority: 0, weight: 1, reason: '', credential: { id: `c${at}`, version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 10, bounded: false, reserveNano: 0n, tokensMost: 0,
  }));
  const transport = {
    call: async (call: UpstreamCall) => {
      const at = Number(call.url.hostname.split('.')[3]) - 1;
      calls.push(`u${at}`);
      return (behaviours[at] ?? good)(call);
    },
    close: () => Promise.resolve(),
  };
  const secrets = { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => Promise.resolve(new Secret('sk-x-0123456789')) };
  const parts = { transport, presenter: createPresenter({ transport, clock }), secrets, clock, secretEpoch: 1, errorRules: () => undefined, health, roll, holdMs: more.holdMs ?? 25_000 };
  /** As planning does: what is well first. */
  const ordered = () => [...candidates].sort((a, b) => Number(health.upstream(a.upstream.id, 'm')?.state === 'OPEN') - Number(health.upstream(b.upstream.id, 'm')?.state === 'OPEN'));
  const send = (at: { signal?: Signal; order?: Candidate[]; body?: object; stream?: boolean } = {}) => {
    const signal = at.signal ?? new AbortController().signal;
    const body = at.body ?? { model: 'm', messages: [] };
    const bytes = Buffer.from(JSON.stringify(body));
    const stream = at.stream ?? true;
    const ask: Ask = { model: 'm', dialect: 'anthropic-messages', does: 'generate', metered: true, stream, inputBytes: bytes.length, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: true, writesCache: false, client: undefined, sessionId: undefined };
    const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '', dialect: 'anthropic-messages', does: 'generate', meter: 'required' }, headers: new Map(), query: new URLSearchParams(), address: '', body: bytes, json: { ...body }, receivedAtMs: clock.now(), signal };
    const attempts: TraceAttempt[] = [];
    const accounts = { open: (candidate: Candidate) => Promise.resolve({ settle: (end: AttemptEnd) => { settled.push({ upstream: candidate.upstream.id, end }); } }) };
    const plan = { route: undefined, candidates: at.order ?? ordered(), leftOut: [], hedgeAfterMs: more.hedgeAfterMs };
    return { attempts, reply: attempt({ inbound, plan, ask, accounts, attempts, signal }, parts) };
  };
  return { clock, health, calls, settled, send, candidates };
}

async function textOf(reply: Reply): Promise<string> {
  if (reply.body instanceof Uint8Array) return Buffer.from(reply.body).toString();
  let text = '';
  for await (const bytes of reply.body) text += Buffer.from(bytes).toString();
  return text;
}

/** Lets time pass until it is done: every wait is over at once, in the order in which they are due. */
async function untilDone<T>(clock: TestClock, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => { done = true; });
  finished.catch(() => undefined);
  for (let turn = 0; !done; turn++) {
    await new Promise((go) => setImmediate(go));
    if (!done && turn % 3 === 2) clock.advance(100);
  }
  return finished;
}

test(`with two of five upstreams failing in every way, at least 99.9 % of ${many} requests succeed`, async () => {
  const roll = dice(Number(process.env.FAIRLEAD_TEST_SEED ?? 1));
  const flaky: Behaviour = (call) => (roll() < 0.7 ? (failures[Math.floor(roll() * failures.length)] ?? good)(call) : good(call));
  const { clock, send, health } = nodeWith([flaky, flaky, good, good, good], { roll });
  let succeeded = 0;
  for (let count = 0; count < many; count++) {
    clock.advance(20 + Math.floor(roll() * 40));
    const { reply } = send();
    const text = await untilDone(clock, reply.then(textOf)).catch((error: unknown) => String(error));
    if (text === start + delta + stop) succeeded += 1;
  }
  process.stdout.write(`two of five upstreams fail at random: ${succeeded} of ${many} requests succeed\n`);
  expect(succeeded / many).toBeGreaterThanOrEqual(0.999);
  expect(health.upstream('u2', 'm')?.state ?? 'CLOSED').toBe('CLOSED');
});

test(`${many} requests that no upstream can bear open no breaker`, async () => {
  const poison: Behaviour[] = [() => json(500, { error: { message: 'cannot parse tool schema' } }), () => json(502, {}), () => json(500, {})];
  const { clock, send, health } = nodeWith(poison);
  for (let count = 0; count < many; count++) {
    clock.advance(5);
    await untilDone(clock, send().reply.then(textOf)).catch(() => undefined);
  }
  expect(health.report().upstreams.filter(({ state }) => state !== 'CLOSED')).toEqual([]);
});

test('a request that is wrong in itself reaches one upstream, in the vendor\'s words, and hurts none', async () => {
  const { send, calls, health } = nodeWith([() => json(400, { type: 'error', error: { type: 'invalid_request_error', message: 'messages: too few' } }), good]);
  for (let count = 0; count < 20; count++) expect(await textOf(await send().reply)).toContain('messages: too few');
  expect([new Set(calls), health.upstream('u0', 'm')?.state]).toEqual([new Set(['u0']), 'CLOSED']);
});

test('a dead upstream costs at most five requests a detour, and comes back by one probe', async () => {
  let dead = true;
  const { clock, send, calls } = nodeWith([(call) => (dead ? json(503, {}) : good(call)), good]);
  for (let count = 0; count < 100; count++) { clock.advance(10); await textOf(await send().reply); }
  expect(calls.filter((name) => name === 'u0').length).toBeLessThanOrEqual(5);
  dead = false;
  clock.advance(5_000);
  calls.length = 0;
  await textOf(await send().reply);
  await textOf(await send().reply);
  expect(calls).toEqual(['u0', 'u0']);
});

test('the quicker of two hedged calls is served, the slower is stopped and booked', async () => {
  let stopped = false;
  const slow: Behaviour = async ({ signal }) => { try { return await hangs(signal); } finally { stopped = true; } };
  const { clock, send, settled } = nodeWith([slow, good], { hedgeAfterMs: 2_000 });
  const { reply, attempts } = send();
  expect(await untilDone(clock, reply.then(textOf))).toBe(start + delta + stop);
  await new Promise((go) => setImmediate(go));
  expect([stopped, attempts.map(({ upstreamId, outcome, why }) => [upstreamId, outcome, why])]).toEqual([true, [['u0', 'hedge-lost', undefined], ['u1', 'ok', 'hedge']]]);
  expect(settled).toMatchObject([{ upstream: 'u0', end: { outcome: 'ABORTED', estimated: true, reading: { input: 7 } } }]);
});

test('a loser whose upstream charges only what it reports costs nothing when it reported nothing', async () => {
  const { clock, send, settled } = nodeWith([({ signal }) => hangs(signal), good], { hedgeAfterMs: 2_000, onAbort: 'REPORTED' });
  await untilDone(clock, send().reply.then(textOf));
  await new Promise((go) => setImmediate(go));
  expect(settled).toMatchObject([{ upstream: 'u0', end: { outcome: 'ABORTED', reading: { input: 0, output: 0 } } }]);
});

test('a client that waits long gets headers and pings, and then the answer of another upstream', async () => {
  const { clock, send } = nodeWith([({ signal }) => hangs(signal), good], { holdMs: 5_000 });
  const { reply } = send();
  const got = await untilDone(clock, reply);
  expect([got.status, got.candidate]).toEqual([200, undefined]);
  const text = await untilDone(clock, textOf(got));
  expect([text.startsWith('event: ping'), text.endsWith(start + delta + stop), got.candidate?.upstream.id, got.ended().outcome]).toEqual([true, true, 'u1', 'OK']);
});

test('when all have failed after headers went out, the stream ends as an error that says who and why', async () => {
  const { clock, send } = nodeWith([({ signal }) => hangs(signal), () => json(401, {})], { holdMs: 5_000 });
  const got = await untilDone(clock, send().reply);
  const text = await untilDone(clock, textOf(got));
  expect(text).toMatch(/event: error\ndata: .*U0 did not answer in time; U1 did not accept its credential/);
  expect(got.ended()).toMatchObject({ outcome: 'FAILED', faultCode: 'upstream.all-failed' });
});

test('a client that leaves stops the call at once and hurts nobody', async () => {
  const client = new AbortController();
  let stopped = false;
  const { send, health } = nodeWith([async ({ signal }) => { setImmediate(() => client.abort()); try { return await hangs(signal); } finally { stopped = true; } }, good]);
  await expect(send({ signal: client.signal }).reply).rejects.toMatchObject({ code: 'client.left' });
  expect([stopped, health.upstream('u0', 'm')?.calls]).toEqual([true, 0]);
});

test('thinking of another issuer is taken out and the request sent once more, named in the trace', async () => {
  const sent: string[] = [];
  const picky: Behaviour = (call) => {
    sent.push(Buffer.from(call.body).toString());
    return sent.length === 1 ? json(400, { type: 'error', error: { type: 'invalid_request_error', message: 'messages.0.content.0: Invalid `signature` in `thinking` block' } }) : good(call);
  };
  const { send, calls } = nodeWith([picky, good]);
  const { reply, attempts } = send({ body: { model: 'm', messages: [{ role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: 'theirs' }, { type: 'text', text: 'y' }] }] } });
  expect(await textOf(await reply)).toContain('message_stop');
  expect([calls, sent[1]?.includes('thinking'), attempts[1]]).toMatchObject([['u0', 'u0'], false, { why: 'repair', losses: ['edited: repair thinking-signature'] }]);
});

test('what cannot be held back longer tells the client when to come again', async () => {
  const { clock, send } = nodeWith([() => json(429, { error: { message: 'x' } }, { 'retry-after': '300' })]);
  const got = await untilDone(clock, send().reply);
  expect([got.status, got.headers['retry-after']]).toEqual([429, '300']);
  const again = await untilDone(clock, send().reply.then(() => undefined, (error: unknown) => error));
  expect(again).toBeInstanceOf(Fault);
  expect(again).toMatchObject({ code: 'upstream.resting', status: 503, retryAfterMs: 300_000, message: expect.stringContaining('its credential rests: limited') });
});
