import { noReading } from '@fairlead/shared/money/charge.ts';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { AttemptEnd, Grant } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import { withLeaving } from '../journey/leaving.ts';
import { canPour } from '../journey/pouring.ts';
import type { Pourable } from '../journey/pouring.ts';
import type { Answer, Reply } from '../journey/reply.ts';

/** What an exchange came to, told once when the last byte has left. */
export interface Closing { outcome: 'OK' | 'FAILED' | 'ABORTED'; status: number; firstContentAtMs: number; detail?: string; /** Our own fault, when nobody could serve it. */ faultCode?: string }

/** An answer on its way out. Its last bytes may leave when `kept` is: what they cost is in the file by then. A stream waits by itself. */
export interface Metered extends Answer { kept?: Promise<void> }

/** Watches a reply on its way out; settles its account and closes the grant exactly once. */
export function meter(at: { reply: Reply; headers: Record<string, string>; grant: Grant; ask: Ask; onClosed: (closing: Closing) => void }, clock: Clock): Metered {
  const { reply, grant, ask } = at;
  let open = true;
  const close = (left: boolean): void | Promise<void> => {
    if (!open) return undefined;
    open = false;
    const end = reply.ended();
    // The one that serves is the last that has not failed; others may have been called beside it.
    const started = reply.candidate && reply.attempts.findLast((entry) => entry.outcome === 'ok');
    const outcome = left || end.outcome === 'LEFT' ? 'ABORTED' : end.outcome;
    const gone = outcome === 'ABORTED';
    try {
      return reply.account?.settle(endOf(outcome, reply, ask));
    } finally {
      grant.close();
      if (started) {
        started.durationMs = clock.now() - started.startedAt;
        if (reply.account) started.outcome = gone ? 'client-left' : outcome === 'OK' ? 'ok' : 'broke-off';
        if (!gone && end.detail !== undefined) started.detail = end.detail;
      }
      at.onClosed({ outcome, status: reply.status, firstContentAtMs: reply.firstContentAtMs, ...(end.detail === undefined ? {} : { detail: end.detail }), ...(end.faultCode === undefined ? {} : { faultCode: end.faultCode }) });
    }
  };
  const { headers } = at;
  const { status, body } = reply;
  if (body instanceof Uint8Array) {
    const kept = close(false);
    return kept ? { status, headers, body, kept } : { status, headers, body };
  }
  // The upstream is stopped first, so that what the account estimates is all that came.
  const stream = () => {
    const source = body[Symbol.asyncIterator]();
    return withLeaving(watched(source, close), () => { source.return?.().catch(() => undefined); void close(true); });
  };
  if (!canPour(body)) return { status, headers, body: stream() };
  const poured: Pourable = {
    [Symbol.asyncIterator]: () => stream()[Symbol.asyncIterator](),
    async pour(to) {
      try {
        await body.pour(to);
        const kept = close(false);
        if (kept) await kept;
      } finally {
        void close(true);
      }
    },
  };
  return { status, headers, body: poured };
}

async function* watched(source: AsyncIterator<Uint8Array>, close: (left: boolean) => void | Promise<void>): AsyncGenerator<Uint8Array> {
  try {
    for (let step = await source.next(); step.done !== true; step = await source.next()) yield step.value;
    const kept = close(false);
    if (kept) await kept;
  } finally {
    void close(true);
  }
}

/** What is booked: the reported reading when the answer is whole; for a broken one what is known, the rest estimated from its size. */
function endOf(outcome: 'OK' | 'FAILED' | 'ABORTED', reply: Reply, ask: Ask): AttemptEnd {
  const reported = reply.watch.reading();
  if (outcome === 'OK' && reported) return { outcome, httpStatus: reply.status, reading: reported };
  // Some upstreams charge a client that leaves only for what they have told: then nothing is guessed.
  if (outcome === 'ABORTED' && reply.candidate?.upstream.onAbort === 'REPORTED') return { outcome, httpStatus: reply.status, reading: reported ?? noReading, estimated: true };
  return { outcome, httpStatus: reply.status, reading: estimate(reported, ask.inputBytes, reply.watch.contentBytes()), estimated: true };
}

const bytesPerToken = 4;

/** Input as reported or from the body's size; output at least what the bytes that passed suggest. */
function estimate(reported: Reading | undefined, inputBytes: number, contentBytes: number): Reading {
  const output = Math.ceil(contentBytes / bytesPerToken);
  if (!reported) return { input: Math.ceil(inputBytes / bytesPerToken), output, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };
  return { ...reported, output: Math.max(reported.output, Math.min(output, reported.output + output)) };
}
