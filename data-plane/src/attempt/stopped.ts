import type { Signal } from '@fairlead/shared/time/stop.ts';

/** Why a call of ours was stopped: the reason its signal is aborted with. */
export class Stopped extends Error {
  readonly why: 'left' | 'hedge-lost' | 'deadline' | 'stalled' | 'done';
  constructor(why: Stopped['why'], message: string = why) { super(message); this.name = 'Stopped'; this.why = why; }
}

/** Why a signal was aborted; undefined when it was not, or not by us. */
export function whyStopped(signal: Signal): Stopped['why'] | undefined {
  return signal.aborted && signal.reason instanceof Stopped ? signal.reason.why : undefined;
}
