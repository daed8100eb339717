import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { TapeShelf } from '../stores.ts';

/** A shelf in this node's memory: the oldest make room for new ones. */
export function createMemoryTapes(clock: Clock, capBytes = 64 * 1024 * 1024): TapeShelf {
  const tapes = new Map<string, { tape: Uint8Array; untilMs: number }>();
  let bytes = 0;
  const drop = (name: string) => {
    bytes -= tapes.get(name)?.tape.length ?? 0;
    tapes.delete(name);
  };
  return {
    keep(name, tape, forMs) {
      drop(name);
      tapes.set(name, { tape, untilMs: clock.now() + forMs });
      bytes += tape.length;
      for (const [oldest, { untilMs }] of tapes) if (bytes > capBytes || untilMs <= clock.now()) drop(oldest);
      return Promise.resolve();
    },
    take(name) {
      const found = tapes.get(name);
      drop(name);
      return Promise.resolve(found && found.untilMs > clock.now() ? found.tape : undefined);
    },
    close: () => Promise.resolve(),
  };
}
