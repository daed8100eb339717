import type { ExchangeTrace, RefusalCount } from '@fairlead/shared/usage/trace.ts';

/** What was taken out to be sent. */
export interface TakenTraces { traces: ExchangeTrace[]; refusals: RefusalCount[]; dropped: number }

/** Decision chains on their way to the control plane: bounded, the oldest dropped and counted. */
export interface TraceBuffer {
  add(trace: ExchangeTrace): void;
  /** Counts a refusal that has no tenant. */
  refused(code: string, nowMs: number): void;
  take(most: number): TakenTraces | undefined;
  giveBack(taken: TakenTraces): void;
  size(): number;
}

/** A buffer of at most `cap` traces. */
export function createTraceBuffer(cap = 5_000): TraceBuffer {
  let traces: ExchangeTrace[] = [];
  let refusals = new Map<string, RefusalCount>();
  let dropped = 0;
  const trim = () => {
    if (traces.length <= cap) return;
    dropped += traces.length - cap;
    traces = traces.slice(-cap);
  };
  const count = (minute: number, code: string, by: number) => {
    const name = `${minute}|${code}`;
    const known = refusals.get(name);
    if (known) known.count += by;
    else if (refusals.size < 1_000) refusals.set(name, { minute, code, count: by });
    else dropped += by;
  };
  return {
    add(trace) { traces.push(trace); trim(); },
    refused: (code, nowMs) => count(Math.floor(nowMs / 60_000) * 60_000, code, 1),
    take(most) {
      if (traces.length === 0 && refusals.size === 0) return undefined;
      const taken = { traces: traces.slice(0, most), refusals: [...refusals.values()], dropped };
      traces = traces.slice(most);
      refusals = new Map();
      dropped = 0;
      return taken;
    },
    giveBack(taken) {
      traces = [...taken.traces, ...traces];
      for (const { minute, code, count: by } of taken.refusals) count(minute, code, by);
      dropped += taken.dropped;
      trim();
    },
    size: () => traces.length + refusals.size,
  };
}
