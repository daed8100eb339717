import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import type { SseFrame } from '@fairlead/shared/wire/sse.ts';
import { plainFault, writeStreamFault } from '../convert/faults.ts';
import { openUsageReader } from '../convert/usage-reader.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { StreamEnd, Watch } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import { classifyStreamError } from './classify.ts';
import type { Outcome } from './classify.ts';
import { contentSize } from './content-size.ts';
import type { Deadlines } from './deadlines.ts';
import type { Spoken } from './speak.ts';
import { Stopped, whyStopped } from './stopped.ts';
import type { Watchdog } from './watchdog.ts';

/** A stream whose first content is in hand. */
export interface GatedStream { kind: 'open'; body: AsyncIterable<Uint8Array>; watch: Watch; ended: () => StreamEnd; firstContentAtMs: number }

/** A stream that failed before any content: nothing was sent to the client. */
export interface BrokenStream { kind: 'broken'; outcome: Outcome; detail: string; reading?: Reading }

/** What a stream may send before its first content; its time is bounded by the deadlines. */
const heldMostBytes = 4 * 1024 * 1024;
const heldMostFrames = 512;

/** What a gate works with. `onEnd` runs once, when an open stream is over, unless the client has left. */
export interface GateParts { body: AsyncIterable<Uint8Array>; candidate: Candidate; ask: Ask; spoken: Spoken; stop: AbortController; clock: Clock; watchdog: Watchdog; deadlines: Deadlines; clean: (text: string) => string; onEnd: (end: StreamEnd, reading: Reading | undefined) => void }

/**
 * Holds a stream until its first real content, so that what fails before it can still go elsewhere. After
 * that a stream that breaks ends with an error in the client's dialect, never as if it were whole.
 */
export async function openGatedStream(at: GateParts): Promise<GatedStream | BrokenStream> {
  const { ask, spoken, stop, watchdog } = at;
  const usage = openUsageReader(at.candidate.dialect);
  const parser = createSseParser();
  const out = spoken.stream;
  let contentBytes = 0;
  let frameCount = 0;
  let malformed: string | undefined;
  let end: StreamEnd = { outcome: 'LEFT' };
  const source = at.body[Symbol.asyncIterator]();
  let sourceDone = false;

  // Bytes of a frame whose end has not come: what breaks off in its middle must not garble the error that follows.
  let tail: Uint8Array[] = [];
  const wholeFrames = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    if (bytes === undefined) {
      const rest = usage.ended() ? join(tail) : new Uint8Array();
      tail = [];
      return rest.length > 0 ? rest : undefined;
    }
    const open = parser.openBytes();
    if (open >= bytes.length) {
      tail.push(bytes);
      return new Uint8Array();
    }
    if (open === 0 && tail.length === 0) return bytes;
    const whole = join([...tail, bytes.subarray(0, bytes.length - open)]);
    tail = open > 0 ? [bytes.subarray(bytes.length - open)] : [];
    return whole;
  };

  const see = (frame: SseFrame) => {
    if (!looksWhole(frame.data)) malformed ??= frame.data.slice(0, 100);
    usage.push(frame);
    contentBytes += contentSize(at.candidate.dialect, frame);
  };

  /** The next bytes for the client; undefined at the upstream's end. Throws when the upstream breaks. */
  const next = async (): Promise<Uint8Array | undefined> => {
    const step = await source.next();
    sourceDone = step.done === true;
    const frames = step.done === true ? parser.end() : parser.push(step.value);
    // Only whole frames count: bytes that dribble in without an end are silence.
    if (frames.length > 0) {
      if (frameCount === 0) watchdog.expect('nothing more came', at.deadlines.silenceMs);
      else watchdog.seen();
      frameCount += frames.length;
    }
    for (const frame of frames) see(frame);
    if (malformed !== undefined) throw new Error(`a frame is not JSON: ${malformed}`);
    if (out.how === 'raw') return wholeFrames(step.done === true ? undefined : step.value);
    const pieces = frames.map((frame) => out.push(frame));
    if (step.done === true) {
      // A converted end is written only for an answer that truly ended.
      if (usage.ended() && usage.failed() === undefined) pieces.push(out.end());
      const rest = join(pieces);
      return rest.length > 0 ? rest : undefined;
    }
    return join(pieces);
  };

  const held: Uint8Array[] = [];
  let heldBytes = 0;
  try {
    while (!sourceDone && !usage.hasContent() && !usage.ended() && usage.failed() === undefined) {
      const bytes = await next();
      if (bytes === undefined) break;
      if (bytes.length > 0) held.push(bytes);
      heldBytes += bytes.length;
      if ((heldBytes > heldMostBytes || frameCount > heldMostFrames) && !usage.hasContent()) return broken('broke-off', `${frameCount} events and ${heldBytes} bytes without any content`, usage.reading());
    }
  } catch (error) {
    return broken(whyStopped(stop.signal) === 'stalled' ? 'stalled' : 'broke-off', errorText(error), usage.reading());
  }
  const failure = usage.failed();
  if (failure !== undefined) return broken(classifyStreamError(failure), `error event: ${failure.slice(0, 200)}`, usage.reading());
  if (sourceDone && !usage.ended()) return broken('broke-off', 'ended before any content', usage.reading());
  const firstContentAtMs = at.clock.now();
  watchdog.until('', undefined);

  async function* body(): AsyncGenerator<Uint8Array> {
    let finished = false;
    const close = (found: StreamEnd) => { finished = true; end = found; at.onEnd(found, usage.reading()); };
    try {
      for (const bytes of held) yield bytes;
      held.length = 0;
      while (!sourceDone && usage.failed() === undefined) {
        const bytes = await next();
        if (bytes === undefined) break;
        // An error event may quote the key; only what comes with one is looked through.
        if (bytes.length > 0) yield usage.failed() === undefined ? bytes : new TextEncoder().encode(at.clean(new TextDecoder().decode(bytes)));
      }
      const said = usage.failed();
      if (said !== undefined) {
        // The vendor's own error event has been passed on, or converted, already; nobody waits for what it may hold open.
        if (!sourceDone) stop.abort(new Stopped('done'));
        close({ outcome: 'FAILED', detail: at.clean(`error event: ${said.slice(0, 200)}`) });
      } else if (usage.ended()) {
        close({ outcome: 'OK' });
      } else {
        close({ outcome: 'FAILED', detail: 'ended without its terminal event' });
        yield brokeOff(ask);
      }
    } catch (error) {
      const why = whyStopped(stop.signal);
      if (why === 'left' || why === 'hedge-lost') { finished = true; end = { outcome: 'LEFT' }; return; }
      // What breaks after its own end was whole.
      if (usage.ended() && usage.failed() === undefined && malformed === undefined) { close({ outcome: 'OK' }); return; }
      close({ outcome: 'FAILED', detail: errorText(why === 'stalled' ? stop.signal.reason : error) });
      stop.abort(new Stopped('done'));
      yield brokeOff(ask);
    } finally {
      watchdog.close();
      // The consumer stopped early: the client has left, and so must the upstream.
      if (!finished) stop.abort(new Stopped('left'));
    }
  }

  return { kind: 'open', body: withLeaving(body(), () => { watchdog.close(); stop.abort(new Stopped('left')); }), watch: { reading: () => usage.reading(), contentBytes: () => contentBytes }, ended: () => end, firstContentAtMs };
}

/** Whether a frame's data can be the whole of a JSON value; a look at both ends is enough to tell half a line from one. */
function looksWhole(data: string): boolean {
  const first = data.charCodeAt(0);
  const last = data.charCodeAt(data.trimEnd().length - 1);
  return (first === 123 && last === 125) || (first === 91 && last === 93) || data.trim() === '';
}

function broken(outcome: Outcome, detail: string, reading: Reading | undefined): BrokenStream {
  return { kind: 'broken', outcome, detail, ...(reading ? { reading } : {}) };
}

function brokeOff(ask: Ask): Uint8Array {
  return writeStreamFault(ask.dialect, plainFault(new Fault('upstream.broke-off')));
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0] ?? new Uint8Array();
  let size = 0;
  for (const piece of pieces) size += piece.length;
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) { all.set(piece, at); at += piece.length; }
  return all;
}
