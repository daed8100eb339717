import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { noReading } from '@fairlead/shared/money/charge.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { plainFault, writeFault } from '../convert/faults.ts';
import { parseJson, objectOf } from '@fairlead/shared/wire/json.ts';
import { readUsage } from '../convert/usage-reader.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import { openPull } from '../journey/pull.ts';
import type { Answer, StreamEnd, Watch } from '../journey/reply.ts';
import { joinUrl, upstreamPath } from '../http/endpoints.ts';
import { errorText } from '../telemetry/log.ts';
import type { Secrets } from '../snapshot/secrets.ts';
import { classifyStatus } from './classify.ts';
import type { Outcome } from './classify.ts';
import { retryAfterMs } from './consequences.ts';
import { passHeaders, requestHeaders } from './headers.ts';
import { openConversation } from './speak.ts';
import type { Spoken } from './speak.ts';
import { openGatedStream } from './gate.ts';
import { cutOut } from './cut-out.ts';
import { AddressRefused } from './transport/transport.ts';
import type { Transport, UpstreamAnswer } from './transport/transport.ts';

/** What a call needs of the node. */
export interface CallParts { transport: Transport; secrets: Secrets; clock: Clock; secretEpoch: number }

/** An answer that may be sent: content has come, or it is whole. */
export interface Served extends Answer { kind: 'served'; watch: Watch; ended: () => StreamEnd; firstContentAtMs: number; losses: readonly string[] }

/** A failed attempt, with what the client would be shown if nothing better comes. */
export interface Failed { kind: 'failed'; outcome: Outcome; status?: number; restMs?: number; reading?: Reading; estimated?: boolean; detail: string; /** The vendor's own words in the client's dialect. */ answer?: Answer; losses: readonly string[] }

/** Why what waits or runs for a call ends: made once, since an abort without a reason makes an error with its stack. */
const over = new Error('the call is over');

const wholeCapBytes = 64 * 1024 * 1024;
const errorCapBytes = 256 * 1024;

/** Calls one candidate: credential, body, address check, send, and hold until the answer is worth a Commit. Never throws. */
export async function call(at: { inbound: Inbound; ask: Ask; candidate: Candidate; exchangeId: string }, parts: CallParts): Promise<Served | Failed> {
  const { inbound, ask, candidate } = at;
  const stop = new AbortController();
  const signal = AbortSignal.any([inbound.signal, stop.signal]);
  const waited = new AbortController();
  let sent = false;
  let spoken: Spoken | undefined;
  let answer: UpstreamAnswer | undefined;
  let secret: Secret | undefined;
  const failed = (outcome: Outcome, detail: string, more: Partial<Failed> = {}): Failed => {
    stop.abort(over);
    waited.abort(over);
    const left = inbound.signal.aborted;
    // An upstream charges for what it was sent, whether or not the client waits: leaving early makes no call free.
    const reading = left && sent && !more.reading ? { reading: { ...noReading, input: Math.ceil(ask.inputBytes / 4) }, estimated: true } : {};
    return { kind: 'failed', outcome: left ? 'client-left' : outcome, detail: cutOut(detail, secret), losses: spoken?.losses ?? [], ...reading, ...more };
  };
  try {
    spoken = openConversation(inbound, ask, candidate);
    secret = await parts.secrets.open(candidate.upstream.id, candidate.credential, parts.secretEpoch);
    const url = new URL(joinUrl(candidate.upstream.baseUrl, upstreamPath(candidate.dialect, ask.does, candidate.model, ask.stream)));
    // Pings and crumbs must not hold a client for ever. Some models think for minutes before they say a word, so the limit is wide.
    parts.clock.sleep(answerMs, waited.signal).then(() => stop.abort(new Error(`no ${ask.stream ? 'content' : 'whole answer'} after ${answerMs} ms`)), () => undefined);
    sent = !signal.aborted;
    answer = await parts.transport.call({
      url, body: spoken.body, headers: requestHeaders(inbound, candidate, secret, spoken.same), owner: candidate.upstream.tenant === undefined ? 'operator' : 'tenant', signal,
      headersTimeoutMs: ask.stream ? firstByteMs(ask.inputBytes) : answerMs, bodyTimeoutMs: 120_000,
    });
    if (answer.status < 200 || answer.status > 299) return await refused(answer, spoken, { ...at, secret, now: parts.clock.now(), failed });
    const headers = passHeaders(answer.headers, spoken.same);
    if (!ask.stream) {
      const result = await whole(answer, headers, spoken, { ask, candidate, failed, now: () => parts.clock.now() });
      waited.abort(over);
      return result;
    }
    const type = headerText(answer.headers['content-type']);
    if (!type.includes('event-stream')) return failed('broke-off', `a stream was asked for, ${type || 'nothing named'} came: ${briefly(await readSome(answer.body, errorCapBytes))}`);
    const gated = await openGatedStream({ body: answer.body, candidate, ask, spoken, stop, clock: parts.clock, clean: (text) => cutOut(text, secret) });
    waited.abort(over);
    if (gated.kind === 'broken') return failed('broke-off', gated.detail, gated.reading ? { reading: gated.reading } : {});
    return { kind: 'served', status: 200, headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }, body: gated.body, watch: gated.watch, ended: () => withoutSecret(gated.ended(), secret), firstContentAtMs: gated.firstContentAtMs, losses: spoken.losses };
  } catch (error) {
    if (error instanceof AddressRefused || (error instanceof Error && error.cause instanceof AddressRefused)) return failed('address', errorText(error));
    if (error instanceof Fault) return failed(error.blame === 'caller' ? 'client-input' : 'node', error.message, error.blame === 'caller' ? { status: error.status, answer: spokenFault(ask, error, at.exchangeId) } : {});
    if (!answer && !spoken) return failed('node', errorText(error));
    return failed(answer ? 'broke-off' : secretProblem(error) ? 'node' : 'unreachable', errorText(error));
  }
}

/** The end of a stream without the secret: a vendor may quote it in an error event. */
function withoutSecret(end: StreamEnd, secret: Secret | undefined): StreamEnd {
  return end.detail === undefined ? end : { ...end, detail: cutOut(end.detail, secret) };
}

/** How long an upstream may take to a whole answer, whose first byte comes when all of it is written, or to a stream's first content. */
const answerMs = 600_000;

/** How long an upstream may take to its first byte: a large prompt takes longer to read. */
function firstByteMs(inputBytes: number): number {
  return Math.min(600_000, 60_000 + Math.ceil(inputBytes / 4 / 1_000_000 * 240_000));
}

type Fail = (outcome: Outcome, detail: string, more?: Partial<Failed>) => Failed;

async function refused(answer: UpstreamAnswer, spoken: Spoken, at: { ask: Ask; exchangeId: string; secret: Secret; now: number; failed: Fail }): Promise<Failed> {
  // Some vendors quote the key they refuse; neither the client nor a log may read it.
  const bytes = new TextEncoder().encode(cutOut(new TextDecoder().decode(await readSome(answer.body, errorCapBytes)), at.secret));
  const wait = retryAfterMs(headerText(answer.headers['retry-after']) || undefined, at.now);
  const headers = passHeaders(answer.headers, spoken.same);
  const shown = spoken.fault(answer.status, bytes, at.exchangeId);
  return at.failed(classifyStatus(answer.status), `answered ${answer.status}: ${briefly(bytes)}`, {
    status: answer.status,
    ...(wait === undefined ? {} : { restMs: wait }),
    answer: { status: answer.status, headers: { ...headers, ...shown.headers }, body: shown.body },
  });
}

async function whole(answer: UpstreamAnswer, headers: Record<string, string>, spoken: Spoken, at: { ask: Ask; candidate: Candidate; failed: Fail; now: () => number }): Promise<Served | Failed> {
  const bytes = await readAll(answer.body, wholeCapBytes);
  const declared = Number(headerText(answer.headers['content-length']) || bytes.length);
  if (declared !== bytes.length) return at.failed('broke-off', `announced ${declared} bytes and sent ${bytes.length}`);
  const body = objectOf(parseJson(new TextDecoder().decode(bytes)));
  if (!body) return at.failed('broke-off', `200 without JSON: ${briefly(bytes)}`);
  if (objectOf(body.error) || body.type === 'error') return at.failed('broke-off', `200 with an error inside: ${briefly(bytes)}`);
  const reading = readUsage(at.candidate.dialect, body);
  const shown = spoken.reply(body, bytes);
  return {
    kind: 'served', status: answer.status, headers: { ...headers, 'content-type': 'application/json' }, body: shown,
    watch: { reading: () => reading, contentBytes: () => bytes.length }, ended: () => ({ outcome: 'OK' }), firstContentAtMs: at.now(), losses: spoken.losses,
  };
}

function spokenFault(ask: Ask, fault: Fault, exchangeId: string): Answer {
  const written = writeFault(ask.dialect, plainFault(fault), exchangeId);
  return { status: written.status, headers: written.headers, body: new TextEncoder().encode(JSON.stringify(written.body)) };
}

function secretProblem(error: unknown): boolean {
  return error instanceof Error && (error.message.startsWith('no group key') || error.name === 'OperationError');
}

/** The beginning of a body: some vendors' errors repeat the whole request. */
async function readSome(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  let size = 0;
  async function* beginning(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      yield chunk.subarray(0, mostBytes - size);
      size += chunk.length;
      if (size >= mostBytes) return;
    }
  }
  return readAll(beginning(), mostBytes);
}

async function readAll(body: AsyncIterable<Uint8Array>, capBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = openPull(body);
  for (;;) {
    const coming = source.next();
    const chunk = coming instanceof Promise ? await coming : coming;
    if (chunk === undefined) break;
    size += chunk.length;
    if (size > capBytes) { source.stop(); throw new Error(`the answer is larger than ${capBytes} bytes`); }
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0] ?? new Uint8Array();
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) { all.set(chunk, at); at += chunk.length; }
  return all;
}

function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

function briefly(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 300)).replace(/\s+/g, ' ').trim();
}
