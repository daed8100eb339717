import { createHash } from 'node:crypto';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Stop } from '@fairlead/shared/time/stop.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import { plainFault, writeStreamFault } from '../convert/faults.ts';
import type { Ask } from '../journey/ask.ts';
import type { Inbound } from '../journey/inbound.ts';
import { withLeaving } from '../journey/leaving.ts';
import type { Principal } from '../journey/principal.ts';
import type { Answer } from '../journey/reply.ts';
import type { TapeShelf } from '../stores/stores.ts';

/** What replay needs of the node. */
export interface ReplayParts { tapes: TapeShelf; clock: Clock }

/** A client that does not want a replay says so with this header. */
const noReplayHeader = 'x-fairlead-no-replay';

/** How long a stream that its client has left goes on, how long it is kept, and how large it may be. */
const drainMs = 120_000;
const keepMs = 600_000;
const tapeMostBytes = 8 * 1024 * 1024;

/** One exchange that may be recorded, or answered from a record. */
export interface Recording {
  /** Aborted when the exchange should stop: not when its client leaves, but two minutes later. */
  signal: Signal;
  /** The stream that this very request has missed the end of; undefined when there is none. */
  found(): Promise<Answer | undefined>;
  /** The same answer; when its client leaves, the rest is drained and kept for it. `whole` tells at its end whether it was. */
  recorded(answer: Answer, whole: () => boolean): Answer;
  /** There will be no answer: whoever follows hears of it. */
  lost(): void;
}

/** A stream under way whose client has left. */
interface Running { chunks: Uint8Array[]; over: boolean; failed: boolean; /** It came whole. */ whole: boolean; wake: () => void; more: Promise<void> }

/** Keeps streams that their clients left, for the same request of the same key: paid for once, whole when it comes back. */
export interface Replay { open(at: { inbound: Inbound; ask: Ask; principal: Principal; wanted: boolean }): Recording | undefined; /** Stops what is still drained. */ close(): void }

/** Replay for one node. Streams under way are followed on the node that has them, finished ones wherever the shelf is. */
export function createReplay({ tapes, clock }: ReplayParts): Replay {
  const running = new Map<string, Running>();
  const draining = new Set<Stop>();

  return {
    open({ inbound, ask, principal, wanted }) {
      if (!wanted || !ask.stream || !ask.metered || inbound.headers.get(noReplayHeader) !== undefined) return undefined;
      // The key is part of the name: no other can ever find it.
      const name = createHash('sha256').update(JSON.stringify([principal.tenant, principal.key.id, inbound.endpoint.path, ask.model])).update(inbound.body).digest('hex');
      const stop = new Stop();
      draining.add(stop);
      stop.signal.addEventListener('abort', () => draining.delete(stop), { once: true });
      const stopLater = () => { clock.sleep(drainMs, stop.signal).then(() => stop.abort(new Error('nobody came back for it')), () => undefined); };
      const record: Running = { chunks: [], over: false, failed: false, whole: false, ...signalled() };
      let offered = false;
      // From the moment it leaves, also while nobody has answered yet: the same request is not to be paid twice.
      const offer = () => {
        if (offered || record.over || record.failed) return;
        offered = true;
        running.set(name, record);
      };
      const onLeft = () => { stopLater(); offer(); };
      if (inbound.signal.aborted) onLeft();
      else inbound.signal.addEventListener('abort', onLeft, { once: true });
      const lost = () => {
        record.failed = true;
        record.over = true;
        record.wake();
        if (running.get(name) === record) running.delete(name);
        // There is nothing left that could go on.
        stop.abort(new Error('there is no answer'));
      };
      const keep = (tape: Uint8Array) => { tapes.keep(name, tape, keepMs).catch(() => undefined); };
      /** A replay; whoever leaves in the middle of one has missed the end again. */
      const told = (body: AsyncGenerator<Uint8Array>, again: () => void): Answer => {
        let over = false;
        const left = () => { if (!over) { over = true; again(); } };
        async function* all(): AsyncGenerator<Uint8Array> { yield* body; over = true; }
        if (inbound.signal.aborted) left();
        else inbound.signal.addEventListener('abort', left, { once: true });
        return answerOf(withLeaving(all(), left));
      };
      return {
        signal: stop.signal,
        lost,
        async found() {
          const live = running.get(name);
          const other = live === record ? undefined : live;
          if (other) running.delete(name);
          const tape = other ? undefined : await tapes.take(name);
          // What only follows is no record of its own.
          if (other || tape) lost();
          if (other) return told(followed(other, ask.dialect), () => {
            if (other.whole) keep(Buffer.concat(other.chunks));
            else if (!other.over && !other.failed && !running.has(name)) running.set(name, other);
          });
          return tape && told((async function* () { yield await Promise.resolve(tape); })(), () => keep(tape));
        },
        recorded(answer, whole) {
          if (answer.body instanceof Uint8Array || answer.status !== 200) { lost(); return answer; }
          const source = answer.body[Symbol.asyncIterator]();
          let sizeBytes = 0;
          let reading: Promise<unknown> = Promise.resolve();
          const next = async () => {
            const step = await source.next();
            if (step.done === true) { record.over = true; return step; }
            sizeBytes += step.value.length;
            if (sizeBytes <= tapeMostBytes) record.chunks.push(step.value);
            else { record.failed = true; record.chunks.length = 0; }
            record.wake();
            Object.assign(record, signalled());
            return step;
          };
          let left = false;
          async function* passed(): AsyncGenerator<Uint8Array> {
            for (;;) {
              const turn = next();
              reading = turn.catch(() => undefined);
              const step = await turn.catch((cause: unknown) => { if (!left) lost(); throw cause; });
              if (step.done === true) { stop.abort(); return; }
              yield step.value;
            }
          }
          const drain = async () => {
            if (left || record.over) return;
            left = true;
            if (record.failed) { await source.return?.(); return; }
            offer();
            const limit = new Stop();
            const late = clock.sleep(drainMs, limit.signal).then(() => 'late' as const, () => 'done' as const);
            try {
              await reading;
              while (!record.over && !record.failed) if (await Promise.race([next(), late]) === 'late') break;
            } catch {
              record.failed = true;
            } finally {
              limit.abort();
              stop.abort();
              // One that broke off is not kept: the client should have a fresh one.
              const worthKeeping = record.over && !record.failed && whole();
              if (!record.over) { record.failed = true; await source.return?.(); }
              record.over = true;
              record.whole = worthKeeping;
              record.wake();
              // Nobody follows it yet: it waits on the shelf.
              if (running.get(name) === record) {
                running.delete(name);
                if (worthKeeping) await tapes.keep(name, Buffer.concat(record.chunks), keepMs).catch(() => undefined);
              }
            }
          };
          // At once: clients leave because nothing comes, and whoever writes to them notices only when something does.
          if (inbound.signal.aborted) void drain();
          else inbound.signal.addEventListener('abort', () => { void drain(); }, { once: true });
          return { ...answer, body: withLeaving(passed(), () => { void drain(); }) };
        },
      };
    },
    close() { for (const stop of draining) stop.abort(new Error('the node is stopping')); },
  };
}

function answerOf(body: AsyncIterable<Uint8Array>): Answer {
  return { status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-fairlead-replay': 'true' }, body };
}

function signalled(): Pick<Running, 'wake' | 'more'> {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wake: resolve, more: promise };
}

/** From its beginning, and then as it comes. What cannot be told to its end ends as an error. */
async function* followed(live: Running, dialect: Ask['dialect']): AsyncGenerator<Uint8Array> {
  for (let at = 0; ; ) {
    if (live.failed) { yield writeStreamFault(dialect, plainFault(new Fault('upstream.broke-off'))); return; }
    const chunk = live.chunks[at];
    if (chunk) { at += 1; yield chunk; continue; }
    if (live.over) return;
    await live.more;
  }
}
