import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { createSseParser } from '@fairlead/shared/wire/sse.ts';
import { plainFault, writeStreamFault } from '../convert/faults.ts';
import { openUsageReader } from '../convert/usage-reader.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { StreamEnd, Watch } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import { contentSize } from './content-size.ts';
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
  const usage = openUsageReader(at.candidate.dialect);
  const parser = createSseParser();
  const out = spoken.stream;
  let contentBytes = 0;
  let end: StreamEnd = { outcome: 'FAILED', detail: 'not read to its end' };
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
    const out = join([...tail, bytes.subarray(0, bytes.length - open)]);
    tail = open > 0 ? [bytes.subarray(bytes.length - open)] : [];
    return out;
  };

  /** The next bytes for the client; undefined at the upstream's end. Throws when the upstream breaks. */
  const next = async (): Promise<Uint8Array | undefined> => {
    const step = await source.next();
    sourceDone = step.done === true;
    const frames = step.done === true ? parser.end() : parser.push(step.value);
    for (const frame of frames) { usage.push(frame); contentBytes += contentSize(at.candidate.dialect, frame); }
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

  async function* body(): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for (const bytes of held) yield bytes;
      held.length = 0;
      while (!sourceDone) {
        const bytes = await next();
        if (bytes === undefined) break;
        // An error event may quote the key; only what comes with one is looked through.
        if (bytes.length > 0) yield usage.failed() === undefined ? bytes : new TextEncoder().encode(at.clean(new TextDecoder().decode(bytes)));
      }
      finished = true;
      const said = usage.failed();
      if (said !== undefined) {
        // The vendor's own error event has been passed on, or converted, already.
        end = { outcome: 'FAILED', detail: at.clean(`error event: ${said.slice(0, 200)}`) };
      } else if (usage.ended()) {
        end = { outcome: 'OK' };
      } else {
        end = { outcome: 'FAILED', detail: 'ended without its terminal event' };
        yield brokeOff(ask);
      }
    } catch (error) {
      finished = true;
      end = { outcome: 'FAILED', detail: errorText(error) };
      if (!stop.signal.aborted) yield brokeOff(ask);
    } finally {
      // The consumer stopped early: the client has left, and so must the upstream.
      if (!finished) stop.abort();
    }
  }

  return { kind: 'open', body: withLeaving(body(), () => stop.abort()), watch: { reading: () => usage.reading(), contentBytes: () => contentBytes }, ended: () => end, firstContentAtMs };
}

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
