import type { Composed } from './compose.ts';

/** What a runtime's server can do about its connections. */
export interface Door { /** No new connection is taken; what is open goes on. */ shut(): void; /** Ends what is open. */ cut(): void }

/** Streams that were cut have so long to be settled. */
const settleMs = 1_000;

/**
 * What a node does when it is told to stop: it takes no new connection, lets open streams end for at most `drainMs`, cuts
 * and settles the rest, reports, gives its slices back, and calls `exit`. Told a second time it waits no longer.
 */
export function openStop(node: Pick<Composed, 'log' | 'drained' | 'close'>, drainMs: number, door: Door, exit: () => void): { ask(): void; asked(): boolean } {
  const hurry = new AbortController();
  let asked = false;
  const stop = async () => {
    node.log.info('node.stopping', { drainMs });
    door.shut();
    await node.drained(drainMs, hurry.signal);
    // What still streams is cut; it is settled as aborted before the last report.
    door.cut();
    await node.drained(settleMs);
    await node.close();
    exit();
  };
  return {
    ask() {
      if (asked) return hurry.abort();
      asked = true;
      void stop();
    },
    asked: () => asked,
  };
}
