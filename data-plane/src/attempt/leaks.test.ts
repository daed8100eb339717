// Exchanges in every order of events: upstreams that fail, hang and dribble, money that is refused or slow, clients that
// leave at any moment. Whatever happens, nothing is left behind.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { TraceAttempt } from '@fairlead/shared/usage/trace.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { canPour } from '../journey/pouring.ts';
import type { Answer } from '../journey/reply.ts';
import { meter } from '../meter/meter.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { createLonelyBoard } from '../stores/memory/rest-board.ts';
import { attempt } from './attempt.ts';
import { createHealth } from './health.ts';
import { createPresenter } from './reach/authenticate.ts';
import type { UpstreamAnswer } from './transport/transport.ts';

const frames = {
  start: 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\n',
  delta: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hi"}}\n\n',
  stop: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  error: 'event: error\ndata: {"type":"error","error":{"message":"no"}}\n\n',
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
};
const whole = '{"type":"message","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":1,"output_tokens":1}}';

const frame = fc.constantFrom(...(Object.keys(frames) as (keyof typeof frames)[]));
const upstreamArbitrary = fc.record({
  afterMs: fc.constantFrom(0, 0, 300, 7_000, 40_000),
  status: fc.constantFrom(200, 200, 200, 200, 400, 401, 429, 500, 503, 304, 204),
  frames: fc.oneof(fc.constant(['start', 'delta', 'stop'] as (keyof typeof frames)[]), fc.array(frame, { maxLength: 6 })),
  everyMs: fc.constantFrom(0, 0, 200, 9_000),
  end: fc.constantFrom('ends', 'ends', 'breaks', 'hangs', 'refuses'),
});
const exchangeArbitrary = fc.record({
  upstreams: fc.array(upstreamArbitrary, { minLength: 1, maxLength: 3 }),
  stream: fc.constantFrom(true, true, true, false),
  hedgeAfterMs: fc.constantFrom(undefined, undefined, 1, 500),
  holdMs: fc.constantFrom(0, 1_000, 25_000),
  money: fc.array(fc.constantFrom('given', 'given', 'given', 'slow', 'refused', 'broken'), { maxLength: 4 }),
  /** When the client leaves, if it does; and whether its door asks for bytes one by one, and how long it rests between. */
  leavesAtMs: fc.constantFrom(undefined, undefined, 0, 1, 150, 1_000, 8_000, 26_000, 41_000, 70_000),
  door: fc.constantFrom('pours', 'loops', 'pulls'),
  restsMs: fc.constantFrom(0, 0, 700, 60_000),
});
type At = typeof exchangeArbitrary extends fc.Arbitrary<infer Value> ? Value : never;

async function run(at: At) {
  const clock = new TestClock();
  const roll = () => 0.5;
  const health = createHealth({ clock, counters: createMemoryCounters(), board: createLonelyBoard(), roll });
  const leaving = new AbortController();
  const left = leaving.signal;
  const candidates = at.upstreams.map((_, index): Candidate => ({
    upstream: { id: `u${index}`, name: `U${index}`, baseUrl: `http://127.0.0.${index + 1}`, dialects: ['anthropic-messages'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [] },
    model: 'm', dialect: 'anthropic-messages', priority: 0, weight: 1, reason: '', credential: { id: `c${index}`, version: 1, priority: 0, weight: 1, sealed: 'x', concurrent: 3 }, price: undefined, outputCap: 10, bounded: false, reserveNano: 0n, tokensMost: 0,
  }));
  const gone = (signal: Signal) => new Promise<never>((_, fail) => { if (signal.aborted) fail(signal.reason); signal.addEventListener('abort', () => fail(signal.reason), { once: true }); });
  async function* bodyOf(upstream: At['upstreams'][number], signal: Signal): AsyncGenerator<Uint8Array> {
    const texts = upstream.status !== 200 ? ['{"error":{"message":"no"}}'] : at.stream ? upstream.frames.map((name) => frames[name]) : [whole];
    for (const text of texts) {
      if (upstream.everyMs > 0) await clock.sleep(upstream.everyMs, signal);
      if (signal.aborted) throw signal.reason;
      yield Buffer.from(text);
    }
    if (upstream.end === 'breaks') throw new Error('reset');
    if (upstream.end === 'hangs') await gone(signal);
  }
  const transport = {
    call: async ({ url, signal }: { url: URL; signal: Signal }): Promise<UpstreamAnswer> => {
      const upstream = at.upstreams[Number(url.hostname.split('.')[3]) - 1];
      if (!upstream) throw new Error('no such upstream');
      if (upstream.afterMs > 0) await clock.sleep(upstream.afterMs, signal);
      if (signal.aborted) throw signal.reason;
      if (upstream.end === 'refuses') throw new Error('ECONNREFUSED');
      return { status: upstream.status, headers: at.stream && upstream.status === 200 ? { 'content-type': 'text/event-stream' } : {}, body: bodyOf(upstream, signal) };
    },
    close: () => Promise.resolve(),
  };
  const settled: number[] = [];
  const accounts = {
    open: async () => {
      const money = at.money[settled.length] ?? 'given';
      const number = settled.push(0) - 1;
      if (money === 'slow') await clock.sleep(4_000);
      if (money === 'refused') { settled[number] = 1; throw new Fault('quota.spent'); }
      if (money === 'broken') { settled[number] = 1; throw new Error('a bug'); }
      return { settle: () => { settled[number] = (settled[number] ?? 0) + 1; } };
    },
  };
  const json = { model: 'm', messages: [], ...(at.stream ? { stream: true } : {}) };
  const body = Buffer.from(JSON.stringify(json));
  const ask: Ask = { model: 'm', dialect: 'anthropic-messages', does: 'generate', metered: true, stream: at.stream, inputBytes: body.length, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: true, writesCache: false, client: undefined, sessionId: undefined };
  const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '', dialect: 'anthropic-messages', does: 'generate', meter: 'required' }, headers: new Map(), query: new URLSearchParams(), address: '', body, json, receivedAtMs: clock.now(), signal: left };
  const attempts: TraceAttempt[] = [];
  const secrets = { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => Promise.resolve(new Secret('sk-x-0123456789')) };
  let told = 0;
  const work = async () => {
    try {
      const reply = await attempt({ inbound, plan: { route: undefined, candidates, leftOut: [], hedgeAfterMs: at.hedgeAfterMs }, ask, accounts, attempts, signal: left }, { transport, presenter: createPresenter({ transport, clock }), secrets, clock, secretEpoch: 1, errorRules: () => undefined, health, roll, holdMs: at.holdMs });
      const answer = meter({ reply, headers: reply.headers, grant: { reserve: () => Promise.reject(new Error('accounts are given')), close: () => undefined }, ask, onClosed: () => { told += 1; } }, clock);
      await written(answer);
    } catch {
      told += 1; // a refusal, told by the exchange
    }
  };
  /** As the doors of Node and Deno take an answer. */
  const written = async ({ body: answer }: Answer) => {
    if (answer instanceof Uint8Array) return;
    const rest = async () => { if (at.restsMs > 0) await clock.sleep(at.restsMs, left).catch(() => undefined); };
    if (at.door === 'pours' && canPour(answer)) {
      await answer.pour((): Promise<void> | undefined => { if (left.aborted) throw new Error('left'); return at.restsMs > 0 ? rest() : undefined; }).catch(() => undefined);
      return;
    }
    if (at.door === 'pulls') {
      const source = answer[Symbol.asyncIterator]();
      const cancelled = new Promise<void>((done) => { const cancel = () => { void source.return?.().then(() => done()); }; if (left.aborted) cancel(); left.addEventListener('abort', cancel, { once: true }); });
      for (;;) {
        if (left.aborted) return cancelled;
        if ((await source.next()).done === true) return;
        await rest();
      }
    }
    for await (const _ of answer) { if (left.aborted) break; await rest(); }
  };
  let done = false;
  const working = work().finally(() => { done = true; });
  const begunMs = clock.now();
  for (let turn = 0; turn < 4_000 && (!done || settled.includes(0)); turn++) {
    await new Promise((go) => setImmediate(go));
    if (at.leavesAtMs !== undefined && !left.aborted && clock.now() - begunMs >= at.leavesAtMs) { leaving.abort(new Error('left')); continue; }
    if (turn % 3 === 2) clock.advance(clock.now() - begunMs < 2_000 ? 50 : 1_000);
  }
  if (done) await working;
  // What was cancelled ends in a few turns; nothing of it may need time.
  for (let turn = 0; turn < 20; turn++) await new Promise((go) => setImmediate(go));
  const { upstreams, credentials } = health.report();
  return { done, told, settled, inFlight: [...upstreams, ...credentials].filter((row) => row.inFlight !== 0).length, waiting: clock.waiting, running: attempts.filter(({ outcome }) => outcome === 'running').length };
}

const runs = process.env.FAIRLEAD_TEST_DEEP === '1' ? 20_000 : 400;

test('whatever happens, each account is settled once, each leave ended, and no timer is left', async () => {
  const seed = Number(process.env.FAIRLEAD_TEST_SEED ?? 1);
  await fc.assert(fc.asyncProperty(exchangeArbitrary, async (at) => {
    const { settled, ...rest } = await run(at);
    expect({ ...rest, settled: settled.filter((times) => times !== 1) }).toEqual({ done: true, told: 1, settled: [], inFlight: 0, waiting: 0, running: 0 });
  }), { seed, numRuns: runs });
}, 120_000);
