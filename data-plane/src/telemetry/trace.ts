import { setImmediate } from 'node:timers';
import type { ExchangeTrace, RefusalCount } from '@fairlead/shared/usage/trace.ts';

/** What was taken out to be sent; traces as JSON. */
export interface TakenTraces { traces: string[]; refusals: RefusalCount[]; dropped: number }

/** Decision chains on their way to the control plane: bounded. What comes when it is full is dropped and counted, and costs nothing: it is full when the node is busiest. */
export interface TraceBuffer {
  add(trace: ExchangeTrace): void;
  /** Counts a refusal that has no tenant. */
  refused(code: string, nowMs: number): void;
  take(most: number): TakenTraces | undefined;
  giveBack(taken: TakenTraces): void;
  size(): number;
}

/** A buffer of at most `cap` traces. They wait as text: one thing for the garbage collector to carry where a trace is thirty. */
export function createTraceBuffer(cap = 5_000): TraceBuffer {
  let traces: string[] = [];
  // Written at the end of the turn: a call that lost is over a moment after the exchange is.
  let fresh: ExchangeTrace[] = [];
  const write = () => {
    for (const trace of fresh) traces.push(JSON.stringify(trace));
    fresh = [];
  };
  let refusals = new Map<string, RefusalCount>();
  let dropped = 0;
  const count = (minute: number, code: string, by: number) => {
    const name = `${minute}|${code}`;
    const known = refusals.get(name);
    if (known) known.count += by;
    else if (refusals.size < 1_000) refusals.set(name, { minute, code, count: by });
    else dropped += by;
  };
  return {
    add(trace) {
      if (traces.length + fresh.length >= cap) dropped += 1;
      else if (fresh.push(trace) === 1) setImmediate(write);
    },
    refused: (code, nowMs) => count(Math.floor(nowMs / 60_000) * 60_000, code, 1),
    take(most) {
      write();
      if (traces.length === 0 && refusals.size === 0) return undefined;
      const taken = { traces: traces.slice(0, most), refusals: [...refusals.values()], dropped };
      traces = traces.slice(most);
      refusals = new Map();
      dropped = 0;
      return taken;
    },
    giveBack(taken) {
      write();
      traces = [...taken.traces, ...traces];
      dropped += Math.max(0, traces.length - cap);
      traces.length = Math.min(traces.length, cap);
      for (const { minute, code, count: by } of taken.refusals) count(minute, code, by);
      dropped += taken.dropped;
    },
    size: () => traces.length + fresh.length + refusals.size,
  };
}
