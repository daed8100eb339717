import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { noReading } from '@fairlead/shared/money/charge.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Stop } from '@fairlead/shared/time/stop.ts';
import { plainFault, readFaultMessage, writeFault } from '../convert/faults.ts';
import { parseJson, objectOf } from '@fairlead/shared/wire/json.ts';
import { readUsage } from '../convert/usage-reader.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Answer, StreamEnd, Watch } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import type { Secrets } from '../snapshot/secrets.ts';
import { classifyRefusal } from './classify.ts';
import type { Outcome } from './classify.ts';
import { deadlinesFor } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import type { ErrorRules } from './error-rules.ts';
import { passHeaders, requestHeaders } from './headers.ts';
import { looksLikeAnswer } from './looks-like.ts';
import { placeOf } from './reach/places.ts';
import type { Presenter } from './reach/authenticate.ts';
import { CredentialUnusable } from './reach/credential-unusable.ts';
import { decodeEventStream } from './reach/event-stream.ts';
import { briefly, headerText, readAll, readSome } from './read-body.ts';
import { repairFor } from './repair.ts';
import type { RepairName } from './repair.ts';
import { usedShare, waitMs } from './resets.ts';
import { openConversation } from './speak.ts';
import type { Spoken } from './speak.ts';
import { openGatedStream } from './gate.ts';
import { cutOut } from './cut-out.ts';
import { Stopped, whyStopped } from './stopped.ts';
import { AddressRefused } from '@fairlead/shared/egress/rules.ts';
import type { Transport, UpstreamAnswer } from './transport/transport.ts';
import { openWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';

/** What a call needs of the node. */
export interface CallParts { transport: Transport; presenter: Presenter; secrets: Secrets; clock: Clock; secretEpoch: number; errorRules: ErrorRules }

/** One call to make. `stop` ends it, with a Stopped that says why; `onEnd` runs once when a served answer is over, unless the client has left. */
export interface CallAt { inbound: Inbound; ask: Ask; candidate: Candidate; repairs: readonly RepairName[]; alternatives: boolean; stop: Stop; onEnd: (end: StreamEnd, reading: Reading | undefined) => void }

/** An answer that may be sent: content has come, or it is whole. */
export interface Served extends Answer { kind: 'served'; watch: Watch; ended: () => StreamEnd; firstContentAtMs: number; losses: readonly string[]; usedShare?: number | undefined }

/** A failed attempt, with what the client would be shown if nothing better comes. */
export interface Failed {
  kind: 'failed'; outcome: Outcome; status?: number; detail: string; losses: readonly string[];
  reading?: Reading; estimated?: boolean;
  /** How long the upstream asks to wait. */
  waitMs?: number | undefined;
  /** A change that may let the same request through. */
  repair?: RepairName | undefined;
  usedShare?: number | undefined;
  /** The vendor's own words in the client's dialect. */
  answer?: Answer;
  /** An error rule has said what the client reads. */
  reworded?: boolean;
  /** What it says of the upstream to everybody, where a tenant's rule sees it in another way for itself. */
  toAll?: Outcome;
}

const decoder = new TextDecoder();
const wholeCapBytes = 64 * 1024 * 1024;
const errorCapBytes = 256 * 1024;

type Fail = (outcome: Outcome, detail: string, more?: Partial<Failed>) => Failed;

/** Calls one candidate: credential, body, address check, send, and hold until the answer is worth a Commit. Never throws. */
export async function call(at: CallAt, parts: CallParts): Promise<Served | Failed> {
  const { inbound, ask, candidate, stop } = at;
  const { clock } = parts;
  let sent = false;
  let spoken: Spoken | undefined;
  let answer: UpstreamAnswer | undefined;
  let hidden: readonly Secret[] = [];
  let watchdog: Watchdog | undefined;
  const failed: Fail = (outcome, detail, more = {}) => {
    watchdog?.close();
    const why = whyStopped(stop.signal);
    if (why === undefined) stop.abort(new Stopped('done'));
    const stopped = why === 'left' ? 'client-left' : why === 'hedge-lost' ? 'hedge-lost' : why === 'stalled' || why === 'deadline' ? 'stalled' : undefined;
    return { kind: 'failed', outcome: stopped ?? outcome, detail: cutOut(stopped === 'stalled' ? errorText(stop.signal.reason) : detail, hidden), losses: spoken?.losses ?? [], ...leftReading(stopped, sent, ask, candidate, more.reading), ...more };
  };
  try {
    spoken = openConversation(inbound, ask, candidate, at.repairs);
    const opening = parts.secrets.open(candidate.upstream.id, candidate.credential, parts.secretEpoch);
    const secret = opening instanceof Promise ? await opening : opening;
    hidden = [secret];
    const ready = { candidate, url: placeOf(candidate, ask), headers: requestHeaders(inbound, candidate, spoken.same, ask.stream, at.repairs), body: spoken.body, secret, signal: stop.signal };
    const signing = parts.presenter.present(ready);
    const presented = signing instanceof Promise ? await signing : signing;
    hidden = presented.hidden;
    const deadlines = deadlinesFor({ inputTokens: ask.inputBytes / 4, thinking: ask.thinking ?? false, patience: candidate.upstream.patience ?? 1, alternatives: at.alternatives });
    watchdog = openWatchdog(clock, (what) => stop.abort(new Stopped('stalled', what)));
    const now = clock.now();
    if (ask.stream) {
      watchdog.expect('no first event', deadlines.firstFrameMs);
      watchdog.until('no content', deadlines.firstContentMs, now);
    } else {
      watchdog.until('no whole answer', deadlines.wholeMs, now);
    }
    sent = !stop.signal.aborted;
    answer = await parts.transport.call({
      url: presented.url, body: spoken.body, headers: presented.headers, owner: candidate.upstream.tenant === undefined ? 'operator' : 'tenant', signal: stop.signal,
    });
    const seen = { usedShare: usedShare(answer.headers) };
    if (answer.status < 200 || answer.status > 299) return await refused(answer, spoken, { ...at, hidden, now: clock.now(), failed, errorRules: parts.errorRules, presenter: parts.presenter, seen });
    const headers = passHeaders(answer.headers, candidate.dialect, ask.dialect, clock.now());
    // It was asked for plain bytes; packed ones would look like silence until the deadline.
    const coding = headerText(answer.headers['content-encoding']).toLowerCase();
    if (coding !== '' && coding !== 'identity') return failed('broke-off', `answered in ${coding.slice(0, 30)}, which was not asked for`, seen);
    if (!ask.stream) {
      const result = await whole(answer, headers, spoken, { ask, candidate, failed, now: () => clock.now(), watchdog, deadlines });
      watchdog.close();
      if (result.kind === 'served') at.onEnd({ outcome: 'OK' }, result.watch.reading());
      result.usedShare = seen.usedShare;
      return result;
    }
    const type = headerText(answer.headers['content-type']);
    const framed = candidate.upstream.addressing === 'BEDROCK' && type.includes('application/vnd.amazon.eventstream');
    if (!framed && !type.includes('event-stream')) return failed('broke-off', `a stream was asked for, ${type || 'nothing named'} came: ${briefly(await readSome(answer.body, errorCapBytes))}`, seen);
    const held = hidden;
    const gated = await openGatedStream({ body: framed ? decodeEventStream(answer.body) : answer.body, candidate, ask, spoken, stop, clock, watchdog, deadlines, clean: (text) => cutOut(text, held), onEnd: (end, reading) => at.onEnd(withoutSecrets(end, held), reading) });
    if (gated.kind === 'broken') return failed(gated.outcome, gated.detail, { ...seen, ...(gated.reading ? { reading: gated.reading } : {}) });
    return { kind: 'served', status: 200, headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }, body: gated.body, watch: gated.watch, ended: () => withoutSecrets(gated.ended(), held), firstContentAtMs: gated.firstContentAtMs, losses: spoken.losses, ...seen };
  } catch (error) {
    if (error instanceof AddressRefused || (error instanceof Error && error.cause instanceof AddressRefused)) return failed('address', errorText(error));
    if (error instanceof CredentialUnusable) return failed('credential', error.message);
    if (error instanceof Fault) return failed(error.code === 'request.lossy' ? 'lossy' : error.blame === 'caller' ? 'client-input' : 'node', error.message, error.blame === 'caller' ? { status: error.status, answer: spokenFault(ask, error, inbound.exchangeId) } : {});
    if (!answer && !spoken) return failed('node', errorText(error));
    return failed(answer ? 'broke-off' : secretProblem(error) ? 'node' : 'unreachable', errorText(error));
  }
}

/** An upstream charges for what it was sent, whether or not somebody waits: leaving early makes no call free, unless its policy is to charge what it reported. */
function leftReading(stopped: Outcome | undefined, sent: boolean, ask: Ask, candidate: Candidate, reported: Reading | undefined): Partial<Failed> {
  if ((stopped !== 'client-left' && stopped !== 'hedge-lost') || !sent || reported || candidate.upstream.onAbort === 'REPORTED') return {};
  return { reading: { ...noReading, input: Math.ceil(ask.inputBytes / 4) }, estimated: true };
}

/** The end of a stream without secrets: a vendor may quote them in an error event. */
function withoutSecrets(end: StreamEnd, hidden: readonly Secret[]): StreamEnd {
  return end.detail === undefined ? end : { ...end, detail: cutOut(end.detail, hidden) };
}

async function refused(answer: UpstreamAnswer, spoken: Spoken, at: CallAt & { hidden: readonly Secret[]; now: number; failed: Fail; errorRules: ErrorRules; presenter: Presenter; seen: { usedShare: number | undefined } }): Promise<Failed> {
  const { ask, candidate } = at;
  // Some vendors quote the key they refuse; neither the client nor a log may read it.
  const bytes = new TextEncoder().encode(cutOut(new TextDecoder().decode(await readSome(answer.body, errorCapBytes)), at.hidden));
  const text = new TextDecoder().decode(bytes.subarray(0, 8_192));
  const ruled = at.errorRules(candidate.upstream.id, answer.status, text);
  const plainly = classifyRefusal(answer.status, text);
  const outcome = ruled?.outcome ?? plainly;
  if (outcome === 'credential') at.presenter.refused(candidate);
  const headers = passHeaders(answer.headers, candidate.dialect, ask.dialect, at.now);
  // A redirect, or a status that is none, tells a client nothing of its request.
  const status = ruled?.status ?? (answer.status >= 400 && answer.status <= 599 ? answer.status : 502);
  const shown = ruled?.say === undefined ? spoken.fault(status, bytes, at.inbound.exchangeId) : written(ask, status, ruled.say, at.inbound.exchangeId);
  return at.failed(outcome, `answered ${answer.status}: ${briefly(bytes)}${ruled ? ` (error rule "${ruled.name}")` : ''}`, {
    ...at.seen, status: ruled?.status ?? answer.status,
    waitMs: waitMs(answer.headers, bytes, at.now),
    repair: outcome === 'client-input' ? repairFor(candidate.dialect, answer.status, readFaultMessage(parseJson(text)) ?? text, spoken.json) : undefined,
    answer: { status, headers: { ...headers, ...shown.headers }, body: shown.body },
    ...(ruled?.say === undefined ? {} : { reworded: true }),
    // A tenant's word on an upstream of the operator must not rest it for the others, nor keep it from resting.
    ...(ruled?.own === true && candidate.upstream.tenant === undefined && outcome !== plainly ? { toAll: plainly } : {}),
  });
}

function written(ask: Ask, status: number, message: string, exchangeId: string): { headers: Record<string, string>; body: Uint8Array } {
  const fault = writeFault(ask.dialect, { status, message, code: 'upstream.refused', mayRetry: status === 429 || status >= 500 }, exchangeId);
  return { headers: fault.headers, body: new TextEncoder().encode(JSON.stringify(fault.body)) };
}

async function whole(answer: UpstreamAnswer, headers: Record<string, string>, spoken: Spoken, at: { ask: Ask; candidate: Candidate; failed: Fail; now: () => number; watchdog: Watchdog; deadlines: Deadlines }): Promise<Served | Failed> {
  at.watchdog.expect('nothing more came', at.deadlines.silenceMs);
  const reading = readAll(answer.body, wholeCapBytes, () => at.watchdog.seen());
  const bytes = reading instanceof Promise ? await reading : reading;
  const declared = Number(headerText(answer.headers['content-length']) || bytes.length);
  if (declared !== bytes.length) return at.failed('broke-off', `announced ${declared} bytes and sent ${bytes.length}`);
  const body = objectOf(parseJson(decoder.decode(bytes)));
  if (!body) return at.failed('broke-off', `200 without JSON: ${briefly(bytes)}`);
  if (objectOf(body.error) || body.type === 'error') return at.failed('broke-off', `200 with an error inside: ${briefly(bytes)}`);
  if (at.ask.does === 'generate' && !looksLikeAnswer(at.candidate.dialect, body)) return at.failed('broke-off', `200 that is no answer: ${briefly(bytes)}`);
  const broken = spoken.broken?.(body);
  if (broken !== undefined) return at.failed('broke-off', broken);
  const usage = readUsage(at.candidate.dialect, body);
  const shown = spoken.reply(body, bytes);
  return {
    kind: 'served', status: answer.status, headers: Object.assign(headers, { 'content-type': 'application/json' }), body: shown,
    watch: { reading: () => usage, contentBytes: () => bytes.length }, ended: () => ({ outcome: 'OK' }), firstContentAtMs: at.now(), losses: spoken.losses,
  };
}

function spokenFault(ask: Ask, fault: Fault, exchangeId: string): Answer {
  const spoken = writeFault(ask.dialect, plainFault(fault), exchangeId);
  return { status: spoken.status, headers: spoken.headers, body: new TextEncoder().encode(JSON.stringify(spoken.body)) };
}

function secretProblem(error: unknown): boolean {
  return error instanceof Error && (error.message.startsWith('no group key') || error.name === 'OperationError');
}
