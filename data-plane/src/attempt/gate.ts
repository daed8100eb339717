import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Stop } from '@fairlead/shared/time/stop.ts';
import { plainFault, writeStreamFault } from '../convert/faults.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { Pour, Pourable } from '../journey/pouring.ts';
import { openPull } from '../journey/pull.ts';
import type { StreamEnd, Watch } from '../journey/reply.ts';
import { errorText } from '../telemetry/log.ts';
import { classifyStreamError } from './classify.ts';
import type { Outcome } from './classify.ts';
import type { Deadlines } from './deadlines.ts';
import { openOutflow } from './outflow.ts';
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
export interface GateParts { body: AsyncIterable<Uint8Array>; candidate: Candidate; ask: Ask; spoken: Spoken; stop: Stop; clock: Clock; watchdog: Watchdog; deadlines: Deadlines; clean: (text: string) => string; onEnd: (end: StreamEnd, reading: Reading | undefined) => void }

/**
 * Holds a stream until its first real content, so that what fails before it can still go elsewhere. After
 * that a stream that breaks ends with an error in the client's dialect, never as if it were whole.
 */
export async function openGatedStream(at: GateParts): Promise<GatedStream | BrokenStream> {
  const { ask, stop, watchdog } = at;
  const flow = openOutflow(at.candidate.dialect, at.spoken.stream);
  const { usage } = flow;
  const source = openPull(at.body);
  let end: StreamEnd = { outcome: 'LEFT' };
  let sourceDone = false;
  let frames = 0;

  /** What these bytes, or the upstream's end, come to for the client; undefined when nothing more comes. */
  const made = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    sourceDone = bytes === undefined;
    const out = bytes === undefined ? flow.end() : flow.push(bytes);
    // Only whole frames count: bytes that dribble in without an end are silence.
    if (flow.frames() > frames) {
      if (frames === 0) watchdog.expect('nothing more came', at.deadlines.silenceMs);
      else watchdog.seen();
      frames = flow.frames();
    }
    if (flow.malformed() !== undefined) throw new Error(`a frame is not JSON: ${flow.malformed()}`);
    return out;
  };

  /** The next bytes for the client; undefined at the upstream's end. Throws when the upstream breaks. */
  const next = (): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
    const bytes = source.next();
    return bytes instanceof Promise ? bytes.then(made) : made(bytes);
  };

  const held: Uint8Array[] = [];
  let heldBytes = 0;
  try {
    while (!sourceDone && !usage.hasContent() && !usage.ended() && usage.failed() === undefined) {
      const bytes = await next();
      if (bytes === undefined) break;
      if (bytes.length > 0) held.push(bytes);
      heldBytes += bytes.length;
      if ((heldBytes > heldMostBytes || frames > heldMostFrames) && !usage.hasContent()) return broken('broke-off', `${frames} events and ${heldBytes} bytes without any content`, usage.reading());
    }
  } catch (error) {
    return broken(whyStopped(stop.signal) === 'stalled' ? 'stalled' : 'broke-off', errorText(error), usage.reading());
  }
  const failure = usage.failed();
  if (failure !== undefined) return broken(classifyStreamError(failure), `error event: ${failure.slice(0, 200)}`, usage.reading());
  if (sourceDone && !usage.ended()) return broken('broke-off', 'ended before any content', usage.reading());
  const firstContentAtMs = at.clock.now();
  watchdog.until('', Infinity, firstContentAtMs);

  /** An error event may quote the key; only what comes with one is looked through. */
  const clean = (bytes: Uint8Array) => (usage.failed() === undefined ? bytes : new TextEncoder().encode(at.clean(new TextDecoder().decode(bytes))));

  const close = (found: StreamEnd, last?: Uint8Array): Uint8Array | undefined => {
    watchdog.close();
    end = found;
    if (found.outcome !== 'LEFT') at.onEnd(found, usage.reading());
    return last;
  };
  /** How it ended, once the upstream has; and what the client must still be told. */
  const ending = (): Uint8Array | undefined => {
    const said = usage.failed();
    // The vendor's own error event has been passed on, or converted, already; nobody waits for what it may hold open.
    if (said !== undefined) {
      if (!sourceDone) stop.abort(new Stopped('done'));
      return close({ outcome: 'FAILED', detail: at.clean(`error event: ${said.slice(0, 200)}`) });
    }
    return usage.ended() ? close({ outcome: 'OK' }) : close({ outcome: 'FAILED', detail: 'ended without its terminal event' }, brokeOff(ask));
  };
  const broke = (error: unknown): Uint8Array | undefined => {
    const why = whyStopped(stop.signal);
    if (why === 'left' || why === 'hedge-lost') return close({ outcome: 'LEFT' });
    // What breaks after its own end was whole.
    if (usage.ended() && usage.failed() === undefined && flow.malformed() === undefined) return close({ outcome: 'OK' });
    close({ outcome: 'FAILED', detail: errorText(why === 'stalled' ? stop.signal.reason : error) });
    if (why === undefined) stop.abort(new Stopped('done'));
    return brokeOff(ask);
  };
  /** The client has left, and so must the upstream. */
  const left = () => {
    watchdog.close();
    if (!stop.signal.aborted) stop.abort(new Stopped('left'));
  };

  async function* body(): AsyncGenerator<Uint8Array> {
    let finished = false;
    try {
      for (const bytes of held) yield bytes;
      held.length = 0;
      let last: Uint8Array | undefined;
      try {
        while (!sourceDone && usage.failed() === undefined) {
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
      if (!finished) left();
    }
  }

  const pour = async (to: Pour): Promise<void> => {
    try {
      for (const bytes of held) await to(bytes);
      held.length = 0;
      while (!sourceDone && usage.failed() === undefined) {
        let bytes: Uint8Array | undefined;
        try {
          const coming = next();
          bytes = coming instanceof Promise ? await coming : coming;
        } catch (error) {
          const last = broke(error);
          if (last) await to(last);
          return;
        }
        if (bytes === undefined) break;
        if (bytes.length > 0) {
          const wait = to(clean(bytes));
          if (wait) await wait;
        }
      }
      const last = ending();
      if (last) await to(last);
    } catch (error) {
      left();
      throw error;
    }
  };

  // A generator is made only for who iterates: most are poured.
  const stream: Pourable = { [Symbol.asyncIterator]: () => withLeaving(body(), left)[Symbol.asyncIterator](), pour };
  return { kind: 'open', body: stream, watch: { reading: () => usage.reading(), contentBytes: () => flow.contentBytes() }, ended: () => end, firstContentAtMs };
}

function broken(outcome: Outcome, detail: string, reading: Reading | undefined): BrokenStream {
  return { kind: 'broken', outcome, detail, ...(reading ? { reading } : {}) };
}

function brokeOff(ask: Ask): Uint8Array {
  return writeStreamFault(ask.dialect, plainFault(new Fault('upstream.broke-off')));
}
