import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { plainFault, writeStreamFault } from '../convert/faults.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { Pour, Pourable } from '../journey/pouring.ts';
import { openPull } from '../journey/pull.ts';
import type { StreamEnd, Watch } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import { contentSize } from './content-size.ts';
import { openStreamWatch } from './stream-watch.ts';
import type { Spoken } from './speak.ts';

/** A stream whose first content is in hand. */
export interface GatedStream { kind: 'open'; body: AsyncIterable<Uint8Array>; watch: Watch; ended: () => StreamEnd; firstContentAtMs: number }

/** A stream that failed before any content: nothing was sent to the client. */
export interface BrokenStream { kind: 'broken'; detail: string; reading?: Reading }

const holdCapBytes = 1024 * 1024;

/**
 * Holds a stream until its first real content, so that what fails before it can still go elsewhere. After
 * that a stream that breaks ends with an error in the client's dialect, never as if it were whole.
 */
export async function openGatedStream(at: { body: AsyncIterable<Uint8Array>; candidate: Candidate; ask: Ask; spoken: Spoken; stop: AbortController; clock: Clock; clean: (text: string) => string }): Promise<GatedStream | BrokenStream> {
  const { ask, spoken, stop } = at;
  const watch = openStreamWatch(at.candidate.dialect);
  const { usage } = watch;
  const out = spoken.stream;
  const converted = out.how === 'raw' ? undefined : { out, parser: createSseParser(), contentBytes: 0 };
  let end: StreamEnd = { outcome: 'FAILED', detail: 'not read to its end' };
  const source = openPull(at.body);
  let sourceDone = false;

  /** What these bytes, or the upstream's end, come to for the client; undefined when nothing more comes. */
  const made = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    sourceDone = bytes === undefined;
    if (!converted) {
      if (bytes !== undefined) return watch.push(bytes);
      const rest = watch.end();
      // What breaks off in the middle of a frame must not garble the error that follows.
      return rest.length > 0 && usage.ended() ? rest : undefined;
    }
    const frames = bytes === undefined ? converted.parser.end() : converted.parser.push(bytes);
    for (const frame of frames) { usage.push(frame); converted.contentBytes += contentSize(at.candidate.dialect, frame); }
    const pieces = frames.map((frame) => converted.out.push(frame));
    if (bytes !== undefined) return join(pieces);
    // A converted end is written only for an answer that truly ended.
    if (usage.ended() && usage.failed() === undefined) pieces.push(converted.out.end());
    const rest = join(pieces);
    return rest.length > 0 ? rest : undefined;
  };

  /** The next bytes for the client; undefined at the upstream's end. Throws when the upstream breaks. */
  const next = (): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
    const bytes = source.next();
    return bytes instanceof Promise ? bytes.then(made) : made(bytes);
  };

  const held: Uint8Array[] = [];
  let heldBytes = 0;
  try {
    while (!sourceDone && !usage.hasContent() && !usage.ended() && usage.failed() === undefined && heldBytes < holdCapBytes) {
      const bytes = await next();
      if (bytes === undefined) break;
      if (bytes.length > 0) held.push(bytes);
      heldBytes += bytes.length;
    }
  } catch (error) {
    return broken(errorText(error), usage.reading());
  }
  const failure = usage.failed();
  if (failure !== undefined) return broken(`error event: ${failure.slice(0, 200)}`, usage.reading());
  if (sourceDone && !usage.ended()) return broken('ended before any content', usage.reading());
  const firstContentAtMs = at.clock.now();

  /** An error event may quote the key; only what comes with one is looked through. */
  const clean = (bytes: Uint8Array) => (usage.failed() === undefined ? bytes : new TextEncoder().encode(at.clean(new TextDecoder().decode(bytes))));

  /** How it ended, once the upstream has; and what the client must still be told. */
  const ending = (): Uint8Array | undefined => {
    const said = usage.failed();
    // The vendor's own error event has been passed on, or converted, already.
    if (said !== undefined) { end = { outcome: 'FAILED', detail: at.clean(`error event: ${said.slice(0, 200)}`) }; return undefined; }
    if (usage.ended()) { end = { outcome: 'OK' }; return undefined; }
    end = { outcome: 'FAILED', detail: 'ended without its terminal event' };
    return brokeOff(ask);
  };
  const broke = (error: unknown): Uint8Array | undefined => {
    end = { outcome: 'FAILED', detail: errorText(error) };
    return stop.signal.aborted ? undefined : brokeOff(ask);
  };

  async function* body(): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for (const bytes of held) yield bytes;
      held.length = 0;
      let last: Uint8Array | undefined;
      try {
        while (!sourceDone) {
          const bytes = await next();
          if (bytes === undefined) break;
          if (bytes.length > 0) yield clean(bytes);
        }
        finished = true;
        last = ending();
      } catch (error) {
        finished = true;
        last = broke(error);
      }
      if (last) yield last;
    } finally {
      // The consumer stopped early: the client has left, and so must the upstream.
      if (!finished) stop.abort(gone);
    }
  }

  const pour = async (to: Pour): Promise<void> => {
    try {
      for (const bytes of held) await to(bytes);
      held.length = 0;
      let last: Uint8Array | undefined;
      while (!sourceDone) {
        let bytes: Uint8Array | undefined;
        try {
          const coming = next();
          bytes = coming instanceof Promise ? await coming : coming;
        } catch (error) {
          sourceDone = true;
          last = broke(error);
          if (last) await to(last);
          return;
        }
        if (bytes === undefined) break;
        if (bytes.length > 0) {
          const wait = to(clean(bytes));
          if (wait) await wait;
        }
      }
      last = ending();
      if (last) await to(last);
    } catch (error) {
      // The client has left, and so must the upstream.
      stop.abort(gone);
      throw error;
    }
  };

  const stream: Pourable = { ...withLeaving(body(), () => stop.abort(gone)), pour };
  return { kind: 'open', body: stream, watch: { reading: () => usage.reading(), contentBytes: () => converted?.contentBytes ?? watch.contentBytes() }, ended: () => end, firstContentAtMs };
}

/** Why a call is stopped when its client has left: made once, since the stack of an error costs more than all else of an abort. */
const gone = new Error('the client left');

function broken(detail: string, reading: Reading | undefined): BrokenStream {
  return { kind: 'broken', detail, ...(reading ? { reading } : {}) };
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
