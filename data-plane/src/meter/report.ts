import { Buffer } from 'node:buffer';
import { newId } from '@fairlead/shared/id.ts';
import { traceReport, usageReport } from '@fairlead/shared/node-api/operations.ts';
import type { TraceReportPayload, UsageReportPayload } from '@fairlead/shared/node-api/operations.ts';
import { openSealer } from '@fairlead/shared/snapshot/envelope.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { UsageBatch } from '@fairlead/shared/usage/event.ts';
import type { TraceBatch } from '@fairlead/shared/usage/trace.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import { SealedBatch } from '../snapshot/control-link.ts';
import type { ControlLink } from '../snapshot/control-link.ts';
import type { Identity } from '../snapshot/identity.ts';
import type { TakenTraces, TraceBuffer } from '../telemetry/trace.ts';
import type { Journal } from './journal.ts';
import type { PendingEvent } from './journal-state.ts';

// While a batch is applied a lease is waited for: a larger one saves the node little and makes that wait longer.
const eventsMost = 200;
const bytesMost = 900_000;
const tracesMost = 200;
/** What comes together within this time goes in one batch; people still see it within a second. */
const gatherMs = 80;
/** Under load batches are gathered for longer: a report costs much and an event in it little. */
const gatherBusyMs = 400;
/** So many events in one batch are load. */
const busyEvents = 20;
const pauseMostMs = 10_000;

/** Brings settled events and traces to the control plane. */
export interface Reporter {
  /** Something is ready. */
  nudge(): void;
  /** Sends what can be sent until the deadline; for an orderly stop. */
  flush(signal: AbortSignal): Promise<void>;
}

/** Starts the loop; events leave the journal only when the control plane has committed them. */
export function startReporter(parts: { journal: Journal; traces: TraceBuffer; link: ControlLink; identity: Identity; bootId: string; clock: Clock; log: Log; signal: AbortSignal }): Reporter {
  const { journal, traces, link, identity, clock, log, signal } = parts;
  const sealer = openSealer(identity.sign);
  // Whoever seals hears of a key that is none; nobody else has to.
  sealer.catch(() => undefined);
  // Each exchange nudges twice: a promise that is kept again and again costs a hook of the runtime every time.
  let wake: (() => void) | undefined;
  let turn: Promise<void> = Promise.resolve();

  let busy = false;
  const sendUsage = async (limit: AbortSignal): Promise<boolean> => {
    const batch = cut(journal.pending);
    busy = (batch?.events.length ?? 0) >= busyEvents;
    if (!batch) return false;
    const head: Omit<UsageBatch, 'events'> = { batchId: newId('batch', clock.now()), nodeId: identity.nodeId, bootId: batch.boot };
    const sealed = await (await sealer)('fairlead/usage/1', withList(head, 'events', batch.events.map(({ text }) => text)));
    const { usageReport: answer } = await link.mutate<{ usageReport: UsageReportPayload }>(usageReport, new SealedBatch(sealed), limit);
    const problem = answer.userErrors[0];
    if (problem) throw new Error(`usageReport: ${problem.code} ${problem.message}`);
    for (const { seq, code } of answer.rejected) log.error('usage.rejected', { boot: batch.boot, seq, code });
    // Only what was sent here may be acknowledged, whatever the answer says.
    const last = batch.events[batch.events.length - 1]?.seq ?? 0;
    const acked = Math.min(answer.ackedSeq, last);
    if (acked >= (batch.events[0]?.seq ?? 0)) await journal.acknowledged(batch.boot, acked);
    else throw new Error(`usageReport acknowledged only ${answer.ackedSeq}`);
    return true;
  };

  const sendTraces = async (taken: TakenTraces, limit: AbortSignal): Promise<void> => {
    const head: Omit<TraceBatch, 'traces'> = { nodeId: identity.nodeId, bootId: parts.bootId, refusals: taken.refusals, dropped: taken.dropped };
    const sealed = await (await sealer)('fairlead/traces/1', withList(head, 'traces', taken.traces));
    await link.mutate<{ traceReport: TraceReportPayload }>(traceReport, new SealedBatch(sealed), limit);
  };

  /** One batch of each; whether there was anything. Traces are taken first and sent last: what became of an exchange is seen when what it cost is. */
  const sendBoth = async (limit: AbortSignal): Promise<boolean> => {
    const taken = traces.take(tracesMost);
    try {
      const usage = await sendUsage(limit);
      if (taken) await sendTraces(taken, limit);
      return usage || taken !== undefined;
    } catch (error) {
      if (taken) traces.giveBack(taken);
      throw error;
    }
  };

  const drain = async (limit: AbortSignal) => {
    let more = true;
    while (more && !limit.aborted) more = await sendBoth(limit);
  };
  const inTurn = (send: (limit: AbortSignal) => Promise<unknown>, limit: AbortSignal) => {
    const sent = turn.catch(() => undefined).then(async () => { await send(limit); });
    turn = sent;
    return sent;
  };

  const loop = async () => {
    for (let failures = 0; !signal.aborted; ) {
      if (journal.pending.length === 0 && traces.size() === 0) {
        const woken = new AbortController();
        await new Promise<void>((resolve) => { wake = resolve; signal.addEventListener('abort', () => resolve(), { once: true, signal: woken.signal }); });
        wake = undefined;
        woken.abort();
      }
      // A full batch does not wait.
      if (journal.pending.length < eventsMost) await clock.sleep(busy ? gatherBusyMs : gatherMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        // What came in the meantime is gathered for the next.
        await inTurn(sendBoth, signal);
        if (failures > 0) log.info('usage.back');
        failures = 0;
      } catch (error) {
        if (failures === 0 && !signal.aborted) log.warn('usage.waiting', { error: errorText(error), events: journal.pending.length });
        failures += 1;
        await clock.sleep(Math.random() * Math.min(pauseMostMs, 200 * 2 ** Math.min(failures, 8)), signal).catch(() => undefined);
      }
    }
  };
  void loop();

  return { nudge: () => wake?.(), flush: (limit) => inTurn(drain, limit) };
}

/** The JSON of an object and of a list in it whose items are JSON already; each is written to its place, since a text of all would be copied thrice. */
function withList(head: object, name: string, items: readonly string[]): Uint8Array {
  const before = `${JSON.stringify(head).slice(0, -1)},"${name}":[`;
  let most = before.length * 3 + 2;
  for (const item of items) most += item.length * 3 + 1;
  const all = Buffer.allocUnsafeSlow(most);
  let at = all.write(before);
  for (const [index, item] of items.entries()) {
    if (index > 0) at += all.write(',', at);
    at += all.write(item, at);
  }
  return all.subarray(0, at + all.write(']}', at));
}

/** The oldest events of one boot, in order, at most 200 and 900 KB. */
function cut(pending: readonly PendingEvent[]): { boot: string; events: PendingEvent[] } | undefined {
  const first = pending[0];
  if (!first) return undefined;
  const events: PendingEvent[] = [];
  let bytes = 0;
  for (const entry of pending) {
    if (entry.boot !== first.boot) continue;
    if (events.length >= eventsMost || (events.length > 0 && bytes + entry.sizeBytes > bytesMost)) break;
    events.push(entry);
    bytes += entry.sizeBytes;
  }
  return { boot: first.boot, events };
}
