import { Buffer } from 'node:buffer';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { RedisRefused } from '../stores/redis/owned-stream.ts';
import type { OwnedStream, Said } from '../stores/redis/owned-stream.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import { frames } from './frames.ts';
import { JournalFailed } from './journal.ts';
import type { Journal } from './journal.ts';
import { lineOf, loanClosed, reservedLine, settledLine } from './journal-records.ts';
import type { Entry, Line } from './journal-records.ts';
import type { JournalState } from './journal-state.ts';
import { rewriteStream } from './rewrite-stream.ts';
import { idText, isAfter, readId } from './stream-id.ts';
import type { StreamId } from './stream-id.ts';
import { createStreamQueue } from './stream-queue.ts';
import type { Waiting } from './stream-queue.ts';

/** What a journal on a stream needs. `last`: where the stream ends; `bootMs`: the epoch of this start, later than any in it. */
export interface StreamJournalParts {
  stream: OwnedStream; state: JournalState; last: StreamId | undefined; bootMs: number; compactAtBytes: number; clock: Clock; log: Log;
  /** What stands beside the stream: written anew before a stream that is gone comes back, and mended where a write of it failed. */
  fields: { restore(): Promise<void>; mend(): Promise<void> };
  /** Another process writes here. */
  onTaken: (error: Error) => void;
  /** How long a record may wait before it is refused. */
  waitMs?: number;
}

/** Another process has this node's stream: this one may write no more. */
export class StreamTaken extends Error {}

const waitMs = 1_500;
const renewEveryMs = 1_500;
const againMs = 100;
/** A connection that leaves so many tries without an answer is made anew. */
const silentMost = 3;
const closeMs = 3_000;

/** Writes the state as a checkpoint of this start, and goes on from it; one write is under way at a time, and whatever comes meanwhile is in the next. */
export async function openStreamJournal(parts: StreamJournalParts): Promise<Journal> {
  const { stream, state, clock, log } = parts;
  const mostMs = parts.waitMs ?? waitMs;
  const queue = createStreamQueue(clock, mostMs, (one) => tried.get(one)?.());
  const tried = new WeakMap<Waiting, () => void>();
  let last: StreamId = { epochMs: parts.bootMs, number: 0 };
  let sizeBytes = 0;
  let troubled = false;
  let silent = 0;
  let closing = false;
  let over = false;
  let tidiedAtMs = clock.now();
  let taken: StreamTaken | undefined;
  let wake: (() => void) | undefined;

  const giveUp = () => {
    taken = new StreamTaken('Another process has taken over this node in Redis. This one has stopped taking work; what it had under way is charged by the other one.');
    log.error('journal.taken', { what: taken.message });
    queue.refuseAll(new JournalFailed(taken.message));
    parts.onTaken(taken);
  };

  /** What Redis says; undefined when it says nothing, so that nobody knows. */
  const heard = async (call: () => Promise<Said>): Promise<Said | undefined> => {
    try {
      const said = await call();
      if (troubled) log.info('journal.redis-back');
      troubled = false;
      silent = 0;
      return said;
    } catch (cause) {
      if (!troubled) log.warn('journal.redis-away', { error: errorText(cause) });
      troubled = true;
      if (cause instanceof RedisRefused) throw cause;
      silent += 1;
      if (silent % silentMost === 0) stream.reconnect();
      await clock.sleep(againMs);
      return undefined;
    }
  };

  /** Writes the whole state in the place of a stream that ends with `from`. Tries until it is known to be there. */
  const rewrite = async (from: string): Promise<void> => {
    for (let end = from; !taken; ) {
      const written = await rewriteStream({ stream, heard, texts: state.texts(), from: end, after: last, mayGoOn: () => !over });
      if ('taken' in written || ('elsewhere' in written && isAhead(written.elsewhere))) return giveUp();
      if ('elsewhere' in written) { end = written.elsewhere; continue; }
      last = written.last;
      sizeBytes = written.sizeBytes;
      return;
    }
  };

  const isAhead = (where: string): boolean => {
    const there = readId(where);
    return there !== undefined && isAfter(there, last);
  };

  /** The stream ends elsewhere than it should. Behind, it was emptied or went back, and all that counts is here; ahead, somebody else has written. */
  const astray = async (where: string): Promise<void> => {
    if (isAhead(where)) return giveUp();
    log.error('journal.rewritten', { what: where !== '' ? 'Redis has lost the latest records; all that this node knows is written anew.' : 'Redis has lost the journal; all that this node knows is written anew.' });
    await parts.fields.restore();
    await rewrite(where);
  };

  /** One write of what waits. */
  const write = async (): Promise<void> => {
    const batch = queue.take();
    const bytes = Buffer.from(frames(batch.map(({ line }) => line.text)));
    // Once a try was left without an answer it may be written yet, under its id: no other may have that.
    let doubtful = false;
    while (!taken && !over) {
      try {
        const from = last;
        const id = { epochMs: from.epochMs, number: from.number + 1 };
        const said = await heard(() => stream.append(idText(from), idText(id), bytes));
        doubtful ||= !said;
        if (!said) continue;
        if (said.is === 'taken') return giveUp();
        if (said.is === 'other') { await astray(said.last); doubtful = false; continue; }
        last = id;
        sizeBytes += bytes.length;
        for (const { line } of batch) state.take(line.entry, line.part);
        queue.done();
        queue.addFirst(batch.flatMap(({ over, undo }) => (over && undo ? [waitingFor(undo)] : [])));
        for (const one of batch) {
          one.kept();
          if (!one.over) { one.over = true; tried.get(one)?.(); }
        }
        break;
      } catch (cause) {
        await clock.sleep(againMs);
        if (doubtful) continue;
        // Refused as a whole: nothing of it is written. What has happened already stays in line.
        queue.done();
        queue.refuse(batch, new JournalFailed('the journal cannot be written', { cause }));
        queue.addFirst(batch.filter(({ refused }) => refused === undefined));
        return;
      }
    }
    // By twice what lives, so that a long backlog is not copied again for every acknowledgement.
    if (!batch.some(({ line }) => line.entry.t === 'K') || sizeBytes <= parts.compactAtBytes || sizeBytes <= 2 * state.pendingBytes) return;
    try { await rewrite(idText(last)); } catch { /* The old one goes on to serve; tried again at the next acknowledgement. */ }
  };

  const renew = async (): Promise<void> => {
    const from = idText(last);
    const said = await heard(() => stream.renew(from)).catch(() => undefined);
    if (said?.is === 'taken') giveUp();
    else if (said?.is === 'other') await astray(said.last).catch(() => undefined);
  };

  const waitingFor = (line: Line, more: Partial<Waiting> = {}): Waiting => ({ line, atMs: clock.now(), kept: () => undefined, refused: undefined, undo: undefined, over: false, ...more });
  const add = (one: Waiting) => {
    if (taken) {
      one.over = true;
      one.refused?.(new JournalFailed(taken.message));
      tried.get(one)?.();
      return;
    }
    queue.add(one);
    wake?.();
  };
  const announce = (entry: Entry, undo?: Line) => new Promise<void>((kept, refused) => { add(waitingFor(lineOf(entry), { kept, refused, undo })); });

  await rewrite(parts.last ? idText(parts.last) : '');
  if (taken) throw taken;

  const work = (async () => {
    while (!taken && !over) {
      if (clock.now() - tidiedAtMs >= renewEveryMs || clock.now() < tidiedAtMs) {
        tidiedAtMs = clock.now();
        await parts.fields.mend().catch(() => undefined);
      }
      if (queue.size > 0) { await write(); continue; }
      if (closing) return;
      const timer = new AbortController();
      await new Promise<void>((go) => {
        wake = go;
        clock.sleep(renewEveryMs, timer.signal).then(go, () => undefined);
      });
      wake = undefined;
      timer.abort();
      if (queue.size === 0 && !closing) await renew();
    }
  })();

  return {
    leases: state.leases,
    closed: state.closed,
    loans: state.loans,
    closedLoans: state.closedLoans,
    openReserves: () => state.openReserves(),
    get pending() { return state.pending; },
    get sizeBytes() { return sizeBytes; },
    whole: !state.lost,
    granted: (grant) => announce({ t: 'G', grant }, lineOf({ t: 'F', lease: grant.leaseId })),
    lent: (loan) => announce({ t: 'L', loan }, lineOf(loanClosed({ loan, spentNano: 0n, excessNano: 0n, closedAtMs: clock.now() }))),
    loansClosed: async (closed) => { await Promise.all(closed.map((one) => announce(loanClosed(one)))); },
    acknowledged: (boot, seq) => announce({ t: 'K', boot, seq }),
    leaseClosed: (lease, nowMs) => { if (state.leases.has(lease)) add(waitingFor(lineOf({ t: 'F', lease, at: nowMs }))); },
    together: (acts) => new Promise((resolve) => {
      if (acts.length === 0) resolve();
      let left = acts.length;
      const all = acts.map((act): Waiting => 'reserve' in act
        ? waitingFor(reservedLine(act.reserve), { kept: act.kept, refused: act.refused, undo: lineOf({ t: 'V', id: act.reserve.id }) })
        : waitingFor(settledLine(act.boot, act.event, state.reserve(act.event.id)), { kept: () => act.kept?.() }));
      for (const one of all) {
        tried.set(one, () => { left -= 1; if (left === 0) resolve(); });
        add(one);
      }
    }),
    mend: () => !troubled || queue.size === 0,
    async close() {
      closing = true;
      wake?.();
      await Promise.race([work, clock.sleep(closeMs)]);
      over = true;
      queue.close();
    },
  };
}
