import { expect, test } from 'vitest';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { DialectName, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { Readable } from 'node:stream';
import { canPour } from '../journey/pouring.ts';
import { call } from './call.ts';
import type { Served } from './call.ts';
import { createPresenter } from './reach/authenticate.ts';
import { Stopped } from './stopped.ts';
import type { UpstreamAnswer, UpstreamCall } from './transport/transport.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['anthropic-messages' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const credential = { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' };
const vendorKey = 'sk-vendor-0123456789';

/** One call of an upstream that answers so; the clock moves only when told. */
function calling(answer: (call: UpstreamCall) => Promise<UpstreamAnswer>, more: { dialect?: DialectName; stream?: boolean; signal?: Signal; upstream?: Partial<SnapshotUpstream>; headers?: Record<string, string>; body?: string; speaks?: DialectName; repairs?: string[] } = {}) {
  const dialect = more.dialect ?? 'anthropic-messages';
  const stream = more.stream ?? true;
  const clock = new TestClock();
  const calls: UpstreamCall[] = [];
  const ask: Ask = { model: 'm', dialect, does: 'generate', metered: true, stream, inputBytes: 400, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: true, writesCache: false, client: undefined, sessionId: undefined };
  const candidate: Candidate = { upstream: { ...upstream, dialects: [more.speaks ?? dialect], ...more.upstream }, model: 'm', dialect: more.speaks ?? dialect, priority: 0, weight: 1, reason: '', credential, price: undefined, outputCap: 10, bounded: false, reserveNano: 0n, tokensMost: 0 };
  const inbound: Inbound = { exchangeId: 'exc_1', endpoint: { path: '', dialect, does: 'generate', meter: 'required' }, headers: new Map([['openai-organization', 'org-other'], ['x-stainless-lang', 'js'], ['x-fairlead-repo', 'acme/harbour'], ...Object.entries(more.headers ?? {})]), query: new URLSearchParams(), address: '', body: Buffer.from(more.body ?? '{}'), json: JSON.parse(more.body ?? '{}') as Record<string, unknown>, receivedAtMs: 0, signal: more.signal ?? new Stop().signal };
  const secrets = { epoch: () => 1, offerKeyring: () => Promise.resolve(), open: () => Promise.resolve(new Secret(vendorKey)) };
  const transport = { call: (at: UpstreamCall) => { calls.push(at); return answer(at); }, close: () => Promise.resolve() };
  const stop = new Stop();
  inbound.signal.addEventListener('abort', () => stop.abort(new Stopped('left')));
  return { clock, calls, result: call({ inbound, ask, candidate, repairs: more.repairs ?? [], alternatives: true, stop, onEnd: () => undefined }, { transport, presenter: createPresenter({ transport, clock }), secrets, clock, secretEpoch: 1, errorRules: () => undefined }) };
}

const sse = { 'content-type': 'text/event-stream' };
const frames = {
  start: 'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":9,"output_tokens":1}}}\n\n',
  delta: 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hé"}}\n\n',
  stop: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
};

/** A body in these pieces, which then ends, breaks or hangs until the call is stopped. */
function bodyOf(pieces: readonly (string | Uint8Array)[], then: 'ends' | 'breaks' | { hangs: Signal }): AsyncIterable<Uint8Array> {
  return (async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
    if (then === 'breaks') throw new Error('socket hang up');
    if (then !== 'ends') await new Promise((_, fail) => { if (then.hangs.aborted) fail(then.hangs.reason); then.hangs.addEventListener('abort', () => fail(then.hangs.reason)); });
  })();
}

async function textOf(served: Served): Promise<string> {
  if (served.body instanceof Uint8Array) return Buffer.from(served.body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of served.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The same, poured: as Node's door takes it. */
async function pouredOf(served: Served): Promise<string> {
  if (served.body instanceof Uint8Array || !canPour(served.body)) throw new Error('it cannot be poured');
  const chunks: Uint8Array[] = [];
  await served.body.pour((bytes) => { chunks.push(Uint8Array.from(bytes)); return chunks.length % 2 === 0 ? Promise.resolve() : undefined; });
  return Buffer.concat(chunks).toString();
}

async function served(result: ReturnType<typeof calling>['result']): Promise<Served> {
  const got = await result;
  if (got.kind !== 'served') throw new Error(got.detail);
  return got;
}

test('a stream that breaks anywhere is whole frames and then an error of its own, never half a frame', async () => {
  const bytes = Buffer.from(frames.start + frames.delta + frames.delta + frames.stop);
  const first = Buffer.byteLength(frames.start + frames.delta);
  for (let cut = first; cut < bytes.length - 2; cut++) {
    for (const size of [1, 13, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(cut / size) }, (_, at) => bytes.subarray(at * size, Math.min(cut, (at + 1) * size)));
      const text = await textOf(await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf(pieces, cut % 2 === 0 ? 'ends' : 'breaks') })).result));
      const blocks = text.split('\n\n').filter((block) => block !== '');
      for (const block of blocks) expect(() => JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? ''), `cut at ${cut}: ${block}`).not.toThrow();
      expect(blocks[blocks.length - 1]).toContain('event: error');
    }
  }
});

test.each(['ends', 'breaks'] as const)('a stream that %s is the same bytes and the same end, poured or read, from a Readable or not', async (then) => {
  const bytes = Buffer.from(frames.start + frames.delta + frames.delta + frames.stop);
  for (let cut = Buffer.byteLength(frames.start + frames.delta); cut <= bytes.length; cut += 2) {
    for (const size of [7, 4_096]) {
      const pieces = Array.from({ length: Math.ceil(cut / size) }, (_, at) => bytes.subarray(at * size, Math.min(cut, (at + 1) * size)));
      const open = (readable: boolean) => served(calling(() => Promise.resolve({ status: 200, headers: sse, body: readable ? Readable.from(bodyOf(pieces, then), { objectMode: false }) : bodyOf(pieces, then) })).result);
      const read = await open(false);
      const text = await textOf(read);
      for (const readable of [false, true]) {
        const poured = await open(readable);
        expect([await pouredOf(poured), poured.ended(), poured.watch.reading(), poured.watch.contentBytes()]).toEqual([text, read.ended(), read.watch.reading(), read.watch.contentBytes()]);
      }
    }
  }
});

test('a client that leaves while a stream is poured stops the upstream call', async () => {
  for (let most = 0; most < 3; most++) {
    const { calls, result } = calling(({ signal }) => Promise.resolve({ status: 200, headers: sse, body: bodyOf([frames.start, frames.delta, frames.delta, frames.delta], { hangs: signal }) }));
    const { body } = await served(result);
    if (body instanceof Uint8Array || !canPour(body)) throw new Error('it cannot be poured');
    let taken = 0;
    await expect(body.pour(() => { if (taken++ >= most) throw new Error('left'); return undefined; })).rejects.toThrow('left');
    expect(calls[0]?.signal.aborted).toBe(true);
  }
});

test('a whole stream arrives byte for byte, in whatever pieces it came', async () => {
  const text = `\ufeff: ping\r\n\r\n${frames.start}${frames.delta}${frames.stop}`;
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size += 3) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
    expect(await textOf(await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf(pieces, 'ends') })).result))).toBe(text);
  }
});

test('a last frame without its blank line still counts when it ends the answer', async () => {
  const got = await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf([frames.start + frames.delta, frames.stop.trimEnd()], 'ends') })).result);
  expect([(await textOf(got)).endsWith('{"type":"message_stop"}'), got.ended().outcome]).toEqual([true, 'OK']);
});

test('a frame of 40 MB ends as an error of the dialect after what was whole', async () => {
  const flood = (async function* () { yield Buffer.from(frames.start + frames.delta + 'data: '); for (let at = 0; at < 40; at++) yield Buffer.alloc(1024 * 1024, 97); })();
  const got = await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: flood })).result);
  const text = await textOf(got);
  expect([text.startsWith(frames.start + frames.delta + 'event: error'), got.ended().outcome]).toEqual([true, 'FAILED']);
});

test('an upstream that only pings is given up, so that the next one can be asked', async () => {
  const pinged = Promise.withResolvers<void>();
  const { clock, result } = calling(({ signal }) => Promise.resolve({ status: 200, headers: sse, body: (async function* () { yield Buffer.from('event: ping\ndata: {"type":"ping"}\n\n'); pinged.resolve(); yield* bodyOf([], { hangs: signal }); })() }));
  await pinged.promise;
  clock.advance(600_000);
  expect(await result).toMatchObject({ kind: 'failed', outcome: 'stalled' });
});

test('a stream that says nothing is given up after 15 seconds, a whole answer has ten minutes', async () => {
  for (const [stream, mostMs] of [[true, 15_024], [false, 600_000]] as const) {
    const called = Promise.withResolvers<void>();
    const { clock, result } = calling(({ signal }) => { called.resolve(); return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))); }, { stream });
    await called.promise;
    clock.advance(mostMs - 1);
    expect(await Promise.race([result, Promise.resolve('waits')])).toBe('waits');
    clock.advance(1);
    expect(await result).toMatchObject({ kind: 'failed', outcome: 'stalled' });
  }
});

test('bytes that dribble in without ever ending an event are silence', async () => {
  const dribble = (signal: Signal, tick: () => void) => (async function* () {
    yield Buffer.from(frames.start + frames.delta);
    while (!signal.aborted) { yield Buffer.from(': x'); tick(); await Promise.resolve(); }
    throw signal.reason;
  })();
  const { result } = (() => { const made = calling(({ signal }) => Promise.resolve({ status: 200, headers: sse, body: dribble(signal, () => made.clock.advance(1_000)) })); return made; })();
  const got = await served(result);
  expect([(await textOf(got)).endsWith('"}}\n\n'), got.ended().outcome, got.ended().detail]).toEqual([true, 'FAILED', expect.stringContaining('nothing more came')]);
});

test.each([
  ['half a line of JSON', [frames.start, 'event: content_block_delta\ndata: {"type":"content_bl\n\n']],
  ['five hundred pings', [frames.start, 'event: ping\ndata: {"type":"ping"}\n\n'.repeat(600)]],
  ['five megabytes of nothing', [frames.start, ...Array.from({ length: 6 }, () => `event: ping\ndata: {"type":"ping","pad":"${'x'.repeat(1_000_000)}"}\n\n`)]],
])('%s before any content goes elsewhere', async (_name, pieces) => {
  expect(await calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf(pieces, 'ends') })).result).toMatchObject({ kind: 'failed', outcome: 'broke-off' });
});

test('what breaks after its own end was whole', async () => {
  const got = await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf([frames.start + frames.delta + frames.stop], 'breaks') })).result);
  expect([await textOf(got), got.ended().outcome]).toEqual([frames.start + frames.delta + frames.stop, 'OK']);
});

test('an error that repeats a huge request is still the client\'s, not the upstream\'s', async () => {
  const body = bodyOf([`{"error":{"message":"${'x'.repeat(900_000)}`, 'more"}}'], 'ends');
  expect(await calling(() => Promise.resolve({ status: 422, headers: {}, body })).result).toMatchObject({ kind: 'failed', outcome: 'client-input', status: 422 });
});

test('a client that leaves while it waits is charged for what was sent, as an estimate', async () => {
  const client = new Stop();
  const called = Promise.withResolvers<void>();
  const { result } = calling(({ signal }) => { called.resolve(); return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))); }, { stream: false, signal: client.signal });
  await called.promise;
  client.abort();
  expect(await result).toMatchObject({ kind: 'failed', outcome: 'client-left', reading: { input: 100, output: 0 }, estimated: true });
});

test('a client cannot name another account than the credential\'s, nor learn its name', async () => {
  const { calls, result } = calling(() => Promise.resolve({ status: 200, headers: { 'openai-organization': 'org-ours', 'x-request-id': 'r' }, body: bodyOf(['{"choices":[]}'], 'ends') }), { dialect: 'openai-chat', stream: false });
  const { headers } = await served(result);
  expect([calls[0]?.headers['openai-organization'], calls[0]?.headers['x-stainless-lang'], headers['openai-organization'], headers['x-request-id']]).toEqual([undefined, 'js', undefined, 'r']);
});

test('a secret that a vendor quotes at the end of a stream reaches no trace', async () => {
  const error = `event: error\ndata: {"type":"error","error":{"message":"bad key ${vendorKey}"}}\n\n`;
  const got = await served(calling(() => Promise.resolve({ status: 200, headers: sse, body: bodyOf([frames.start + frames.delta, error], 'ends') })).result);
  await textOf(got);
  expect(got.ended()).toEqual({ outcome: 'FAILED', detail: 'error event: bad key [secret]' });
});

const fine = () => Promise.resolve({ status: 200, headers: {}, body: bodyOf(['{"type":"message","role":"assistant","content":[],"choices":[]}'], 'ends') });

test('an upstream\'s own headers go with every call, and cannot say what is the node\'s to say', async () => {
  const own = { 'X-Title': 'us', 'Authorization': 'Bearer other', 'host': 'evil.example', 'content-length': '1', 'x-api-key': 'other', 'openai-organization': 'org-ours', 'user-agent': 'ours', 'anthropic-beta': 'b-2' };
  const { calls, result } = calling(fine, { stream: false, upstream: { headers: own }, headers: { 'x-title': 'theirs', 'anthropic-beta': 'a-1, b-2', 'x-amz-date': 'x' } });
  await served(result);
  expect(calls[0]?.headers).toEqual({ 'content-type': 'application/json', 'accept-encoding': 'identity', 'x-stainless-lang': 'js', 'x-title': 'us', 'openai-organization': 'org-ours', 'user-agent': 'ours', 'anthropic-beta': 'a-1,b-2', 'anthropic-version': '2023-06-01', 'authorization': `Bearer ${vendorKey}` });
});

test('Azure\'s version travels in the address and in no header', async () => {
  const { calls, result } = calling(fine, { dialect: 'openai-chat', stream: false, upstream: { auth: 'API_KEY', addressing: 'AZURE_OPENAI', headers: { 'api-version': '2024-10-21' } } });
  await served(result);
  expect([calls[0]?.url.href, calls[0]?.headers['api-version'], calls[0]?.headers['api-key']]).toEqual(['http://127.0.0.1/openai/deployments/m/chat/completions?api-version=2024-10-21', undefined, vendorKey]);
});

test('a key in the address is in no error, however the call ends', async () => {
  const ends: ((call: UpstreamCall) => Promise<UpstreamAnswer>)[] = [
    ({ url }) => Promise.reject(new Error(`cannot reach ${url.href}`)),
    ({ url }) => Promise.resolve({ status: 500, headers: {}, body: bodyOf([`{"error":{"message":"no ${url.href}"}}`], 'ends') }),
    ({ url }) => Promise.resolve({ status: 200, headers: {}, body: bodyOf([`<p>${url.href}`], 'ends') }),
    ({ url }) => Promise.resolve({ status: 200, headers: sse, body: bodyOf([`event: error\ndata: {"type":"error","error":{"message":"no ${url.href}"}}\n\n`], 'ends') }),
  ];
  for (const end of ends) {
    const { calls, result } = calling(end, { upstream: { auth: 'QUERY_KEY' } });
    const failure = JSON.stringify(await result, (_name, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value));
    expect([calls[0]?.url.searchParams.get('key'), failure.includes('"kind":"failed"'), failure.includes(vendorKey)]).toEqual([vendorKey, true, false]);
  }
});

test('quirks change what they are for and are named; where none changes anything the client\'s bytes are sent', async () => {
  const body = '{"model":"m", "max_completion_tokens":5,  "messages":[]}';
  const quirky = calling(fine, { dialect: 'openai-chat', stream: false, body, upstream: { quirks: ['no-parallel-tool-calls', 'max-tokens'] } });
  expect([(await served(quirky.result)).losses, Buffer.from(quirky.calls[0]?.body ?? []).toString()]).toEqual([['edited: quirk max-tokens'], '{"model":"m","messages":[],"max_tokens":5}']);
  const plain = calling(fine, { dialect: 'openai-chat', stream: false, body, upstream: { quirks: ['no-parallel-tool-calls', 'no-such', 'no-cache-control'] } });
  expect([(await served(plain.result)).losses, Buffer.from(plain.calls[0]?.body ?? []).toString()]).toEqual([[], body]);
});

test('quirks change a converted request too', async () => {
  const { calls, result } = calling(fine, { stream: false, speaks: 'openai-chat', body: '{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}]}', upstream: { quirks: ['max-tokens'] } });
  const { losses } = await served(result);
  expect([losses, JSON.parse(Buffer.from(calls[0]?.body ?? []).toString())]).toEqual([expect.arrayContaining(['edited: quirk max-tokens']), expect.objectContaining({ max_tokens: 5 })]);
});

test('a cloud\'s refusal reaches a client of Anthropic\'s in the form it reads, with the vendor\'s sentence', async () => {
  const { result } = calling(() => Promise.resolve({ status: 400, headers: {}, body: bodyOf(['{"message":"messages: too few"}'], 'ends') }), { upstream: { addressing: 'BEDROCK' } });
  const failure = await result;
  if (failure.kind !== 'failed' || !(failure.answer?.body instanceof Uint8Array)) throw new Error('it was served');
  expect([failure.outcome, JSON.parse(Buffer.from(failure.answer.body).toString())]).toEqual(['client-input', expect.objectContaining({ type: 'error', error: { type: 'invalid_request_error', message: 'messages: too few' } })]);
});

test('a credential with which nothing can be signed is named as the cause, and nothing is called', async () => {
  const { calls, result } = calling(fine, { upstream: { auth: 'SIGV4', addressing: 'BEDROCK' } });
  expect([await result, calls]).toMatchObject([{ kind: 'failed', outcome: 'credential', detail: expect.stringContaining('access key id') }, []]);
});

test('betas that an upstream does not know are taken out of the header when it has said so, and only they', async () => {
  const headers = { 'anthropic-beta': 'a-1,b-2,c-3' };
  const refusal = await calling(() => Promise.resolve({ status: 400, headers: {}, body: bodyOf(['{"error":{"message":"Unexpected value(s) `a-1`, `c-3` for the `anthropic-beta` header. Please consult our documentation."}}'], 'ends') }), { headers }).result;
  const repair = refusal.kind === 'failed' ? refusal.repair ?? '' : '';
  const { calls, result } = calling(fine, { stream: false, headers, repairs: [repair] });
  expect([(await served(result)).losses, calls[0]?.headers['anthropic-beta']]).toEqual([['edited: repair without-betas:a-1,c-3'], 'b-2']);
});

test('an error event after content ends the stream at once, also when the upstream holds it open', async () => {
  const error = 'event: error\ndata: {"type":"error","error":{"message":"no more"}}\n\n';
  const { calls, result } = calling(({ signal }) => Promise.resolve({ status: 200, headers: sse, body: bodyOf([frames.start + frames.delta, error], { hangs: signal }) }));
  const got = await served(result);
  expect([await textOf(got), got.ended().outcome, calls[0]?.signal.aborted]).toEqual([frames.start + frames.delta + error, 'FAILED', true]);
});
