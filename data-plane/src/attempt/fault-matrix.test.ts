// Every fault × every client dialect × every dialect that can serve it × whole and streamed: what a strict client makes of it, and who is blamed.
import { afterAll, expect, test } from 'vitest';
import { canConvert } from '@fairlead/shared/plan/convertible.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';
import type { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { judge } from './testing/client-judge.ts';
import { trial } from './testing/trial.ts';
import type { Behaviour } from './testing/trial.ts';
import { healthyText, vendorAnswer, vendorError } from './testing/vendor-answers.ts';
import type { VendorAnswer } from './testing/vendor-answers.ts';
import type { UpstreamAnswer } from './transport/transport.ts';

/** One way to fail. `committed`: content of a stream has left before it. `status`: what a client gets when nobody else is there. */
interface FaultRow {
  name: string; status: number; blames: 'nobody' | 'credential' | 'upstream';
  committed?: true; streamsOnly?: true;
  /** Takes a fifth of a second for each call: one door is enough. */
  heavy?: true;
  /** The request is wrong in itself: nobody else is asked. */
  stops?: true;
  play(dialect: DialectName, stream: boolean): Behaviour;
}

const dialects: readonly DialectName[] = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'];
const sse = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };
/** More than a frame may hold; twice as much is more than a whole answer may. */
const huge = Buffer.alloc(33 * 1024 * 1024, 'x');

async function* bytesOf(pieces: Iterable<string | Uint8Array>, then?: () => AsyncIterable<Uint8Array> | Promise<never>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  const rest = then?.();
  if (rest instanceof Promise) await rest;
  else if (rest) yield* rest;
}

const hangs = (signal: Signal) => new Promise<never>((_, fail) => { if (signal.aborted) fail(signal.reason); signal.addEventListener('abort', () => fail(signal.reason), { once: true }); });
const throws = (message: string, code?: string) => Promise.reject<never>(Object.assign(new Error(message), code === undefined ? {} : { code }));

/** Bytes that come one by one and never end what they began. */
async function* dribble(clock: TestClock, signal: Signal, first: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(first);
  for (;;) {
    await clock.sleep(1_000, signal);
    yield Buffer.from('x');
  }
}

/** What has been sent when an answer breaks: nothing that counts, or a part of its content. */
const partOf = ({ whole, opening, content }: VendorAnswer, stream: boolean, after: boolean): string[] => (stream ? [...opening, ...content.slice(0, after ? 1 : 0)] : after ? [whole.slice(0, whole.length / 2)] : []);

/** An answer that breaks in this way, before its first content and after it. */
function breaking(name: string, how: (stream: boolean, vendor: VendorAnswer, at: { signal: Signal; clock: TestClock }) => () => AsyncIterable<Uint8Array> | Promise<never>, more: { streamsOnly?: true; heavy?: true } = {}): FaultRow[] {
  return [false, true].map((after): FaultRow => ({
    name: `${name} ${after ? 'after' : 'before'} content`, status: 502, blames: 'upstream', ...more, ...(after ? { committed: true } : {}),
    play: (dialect, stream) => ({ signal }, clock) => ({ status: 200, headers: stream ? sse : json, body: bytesOf(partOf(vendorAnswer(dialect), stream, after), how(stream, vendorAnswer(dialect), { signal, clock })) }),
  }));
}

const refusing = (status: number, blames: FaultRow['blames'], more: Partial<FaultRow> & { headers?: Record<string, string>; body?: string; shown?: number } = {}): FaultRow => ({
  name: String(status), status: more.shown ?? status, blames,
  play: (dialect) => (): UpstreamAnswer => ({ status, headers: { ...json, ...more.headers }, body: bytesOf([more.body ?? vendorError(dialect, status, `vendor says ${status}`)]) }),
  ...more,
});
const instead = (name: string, status: number, headers: Record<string, string>, body: string | ((dialect: DialectName) => string)): FaultRow => ({
  name, status: 502, blames: 'upstream', play: (dialect) => () => ({ status, headers, body: bytesOf([typeof body === 'string' ? body : body(dialect)]) }),
});
const unreachable = (name: string, message: string, code: string): FaultRow => ({ name, status: 502, blames: 'upstream', play: () => () => throws(message, code) });
const page = '<!doctype html><html><body><h1>Bad Gateway</h1></body></html>';

const faults: readonly FaultRow[] = [
  ...breaking('cut', () => () => throws('other side closed', 'UND_ERR_SOCKET')),
  ...breaking('early end', () => () => bytesOf([])),
  ...breaking('error event', (_stream, { errorEvent }) => () => bytesOf([errorEvent]), { streamsOnly: true }),
  ...breaking('error event that hangs', (_stream, { errorEvent }, { signal }) => () => bytesOf([errorEvent], () => hangs(signal)), { streamsOnly: true }),
  ...breaking('stall', (_stream, _vendor, { signal }) => () => hangs(signal)),
  ...breaking('slow loris', (_stream, _vendor, { signal, clock }) => () => dribble(clock, signal, 'data: {"x":"')),
  ...breaking('malformed SSE', () => () => bytesOf(['event: content_block_delta\ndata: {"type":"content_bl\n\n', 'data: more\n\n']), { streamsOnly: true }),
  ...breaking('cut within a frame', () => () => bytesOf(['event: content_block_delta\ndata: {"type":"conte'], () => throws('other side closed')), { streamsOnly: true }),
  ...breaking('oversized frame', (stream) => () => bytesOf(['data: {"x":"', huge, ...(stream ? [] : [huge])]), { heavy: true }),
  refusing(400, 'nobody', { stops: true }), refusing(413, 'nobody', { stops: true }), refusing(422, 'nobody', { stops: true }),
  refusing(404, 'nobody'),
  refusing(401, 'credential', { shown: 502 }), refusing(402, 'credential', { shown: 502 }), refusing(403, 'credential', { shown: 502 }),
  refusing(429, 'credential'), refusing(429, 'credential', { name: '429 with retry-after', headers: { 'retry-after': '7' } }),
  refusing(429, 'credential', { name: '429 out of quota', shown: 502, body: '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}' }),
  ...[408, 500, 502, 503, 529].map((status) => refusing(status, 'upstream')),
  refusing(503, 'upstream', { name: '503 with {}', body: '{}' }), refusing(500, 'upstream', { name: '500 with a detail', body: '{"detail":"vendor says 500"}' }), refusing(500, 'upstream', { name: '500 with an error that is a text', body: '{"error":"vendor says 500"}' }),
  refusing(502, 'upstream', { name: '502 with a page of HTML', headers: { 'content-type': 'text/html' }, body: page }),
  instead('200 with an error', 200, json, (dialect) => vendorError(dialect, 500, 'Internal server error')), instead('200 with an error as events', 200, sse, (dialect) => vendorError(dialect, 500, 'Internal server error')),
  instead('200 with {}', 200, json, '{}'), instead('200 with nothing', 200, json, ''), instead('200 with a page of HTML', 200, { 'content-type': 'text/html' }, page), instead('a redirect', 302, { location: 'http://127.0.0.9/' }, ''),
  { name: 'wrong content-length', status: 502, blames: 'upstream', play: (dialect, stream) => () => {
    const { whole, opening } = vendorAnswer(dialect);
    return { status: 200, headers: { ...(stream ? sse : json), 'content-length': String(whole.length * 4) }, body: bytesOf(stream ? opening : [whole]) };
  } },
  unreachable('reset before headers', 'read ECONNRESET', 'ECONNRESET'), unreachable('refused connection', 'connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'),
  unreachable('unknown name', 'getaddrinfo ENOTFOUND nothing.invalid', 'ENOTFOUND'), unreachable('expired certificate', 'certificate has expired', 'CERT_HAS_EXPIRED'),
  { name: 'silence', status: 502, blames: 'upstream', play: () => ({ signal }) => hangs(signal) },
];

const healthy = (dialect: DialectName, stream: boolean): Behaviour => () => {
  const { whole, opening, content, ending } = vendorAnswer(dialect);
  return { status: 200, headers: stream ? sse : json, body: bytesOf(stream ? [...opening, ...content, ...ending] : [whole]) };
};

const pairs = dialects.flatMap((client) => dialects.filter((upstream) => upstream === client || canConvert(client, upstream)).map((upstream) => ({ client, upstream })));
const cells = pairs.flatMap((pair) => [false, true].flatMap((stream) => faults.filter((fault) => stream || !fault.streamsOnly).map((fault) => ({ ...pair, stream, fault }))));
const counts = { runs: 0, whole: 0, error: 0, truncated: 0, fabricated: 0 };

type Cell = (typeof cells)[number];

/** The runs of a cell, through every door that takes its answer; what is wrong with them, as lines. */
async function run(cell: Cell, ...more: [readonly Behaviour[], 'whole' | 'error', number, FaultRow['blames']]): Promise<string[]> {
  const poured = cell.stream ? await runOnce(cell, true, ...more) : [];
  return cell.stream && cell.fault.heavy ? poured : [...poured, ...await runOnce(cell, false, ...more)];
}

async function runOnce(cell: Cell, poured: boolean, behaviours: readonly Behaviour[], expects: 'whole' | 'error', status: number, blames: FaultRow['blames']): Promise<string[]> {
  const { client, upstream, stream, fault } = cell;
  const got = await trial({ client, upstream, stream, behaviours, poured });
  const { verdict, text, why } = judge(client, { status: got.status, bytes: got.bytes, stream });
  const fabricated = verdict === 'whole' && (expects !== 'whole' || text !== healthyText);
  counts.runs += 1;
  counts[verdict] += 1;
  if (fabricated) counts.fabricated += 1;
  const wrong: string[] = [];
  const name = `${fault.name}: ${client} from ${upstream}, ${poured ? 'poured' : stream ? 'streamed' : 'whole'}, ${behaviours.length === 1 ? 'alone' : 'with another'}`;
  const say = (what: string) => wrong.push(`${name}: ${what}`);
  if (verdict !== expects || fabricated) say(`${verdict} (${why}) instead of ${expects}: ${text || got.bytes.slice(0, 300)}`);
  // A stream whose headers went out to keep its client waiting says its error as an event.
  if (got.status !== status && !(stream && got.status === 200 && verdict === 'error')) say(`status ${got.status} instead of ${status}`);
  const blamed = [...got.blamed].join();
  if (blamed !== { nobody: '', credential: 'c0', upstream: 'u0' }[blames]) say(`it speaks against "${blamed}" instead of ${blames}`);
  if (got.settled.length !== got.opened) say(`${got.opened} accounts were opened and ${got.settled.length} settled`);
  if (got.outcome !== undefined && (got.outcome === 'OK') !== (verdict === 'whole')) say(`booked as ${got.outcome}`);
  if (/127\.0\.0\.|sk-x-|nothing\.invalid/.test(got.bytes)) say(`it tells an address or a secret: ${got.bytes.slice(0, 300)}`);
  return wrong;
}

test.each(pairs)('no fault of an upstream that speaks $upstream reaches a client that speaks $client as a success or without its end', async ({ client, upstream }) => {
  const wrong: string[] = [];
  for (const cell of cells.filter((one) => one.client === client && one.upstream === upstream)) {
    const { fault, stream } = cell;
    const bad = fault.play(upstream, stream);
    const shown = fault.stops ?? (stream && fault.committed === true);
    wrong.push(...await run(cell, [bad, healthy(upstream, stream)], shown ? 'error' : 'whole', fault.stops ? fault.status : 200, fault.blames));
    wrong.push(...await run(cell, [bad], 'error', stream && fault.committed ? 200 : fault.status, fault.blames));
  }
  expect(wrong).toEqual([]);
});

afterAll(() => {
  process.stdout.write(`fault matrix: ${faults.length} faults, ${cells.length} cells, ${counts.runs} runs: ${counts.whole} whole, ${counts.error} errors, ${counts.truncated} silent truncations, ${counts.fabricated} fabricated successes\n`);
});

test.each(dialects)('two upstreams that fail alike with 500 for %s are both left unblamed', async (dialect) => {
  const bad: Behaviour = () => ({ status: 500, headers: json, body: bytesOf([vendorError(dialect, 500, 'cannot parse the schema')]) });
  const got = await trial({ client: dialect, upstream: dialect, stream: true, behaviours: [bad, bad] });
  expect([got.status, [...got.blamed], judge(dialect, { ...got, stream: true }).verdict]).toEqual([500, [], 'error']);
});

test.each(dialects)('wired: a judge of %s that sees what a vendor sent finds the cut, the error and the whole', (dialect) => {
  const { opening, content, ending, errorEvent, whole } = vendorAnswer(dialect);
  const verdict = (frames: string[]) => judge(dialect, { status: 200, bytes: frames.join(''), stream: true }).verdict;
  expect([verdict([...opening, ...content, ...ending]), verdict([...opening, ...content]), verdict([...opening, ...content, 'data: {"x']), verdict([...opening, ...content, errorEvent])]).toEqual(['whole', 'truncated', 'truncated', 'error']);
  expect([judge(dialect, { status: 200, bytes: whole, stream: false }), judge(dialect, { status: 200, bytes: whole.slice(0, -20), stream: false }).verdict, judge(dialect, { status: 500, bytes: '{}', stream: false }).verdict]).toMatchObject([{ verdict: 'whole', text: healthyText }, 'truncated', 'truncated']);
});
