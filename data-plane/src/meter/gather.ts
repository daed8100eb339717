import { setImmediate } from 'node:timers';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Act, Journal } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';

/** The journal as accounts use it: a reserve is waited for, a settlement calls back; both only when they are in the file. */
export interface Gathered {
  readonly pending: Journal['pending'];
  readonly sizeBytes: number;
  /** Rejects with JournalFailed when the disk refuses it. */
  reserved(reserve: OpenReserve): void | Promise<void>;
  /** The promise is kept when the write was tried, whether or not the disk took it: who sends an answer's end waits for it. */
  settled(boot: string, event: UsageEvent, onKept?: () => void): void | Promise<void>;
}

/**
 * One write for all records of one turn of the event loop: a write costs as much as everything else an exchange
 * does to the journal, and under load a turn brings many. `atEnd` runs its work when the turn is over.
 */
export function gather(journal: Pick<Journal, 'pending' | 'sizeBytes' | 'together'>, atEnd: (work: () => void) => void = setImmediate): Gathered & { flush(): void | Promise<void> } {
  let acts: Act[] = [];
  let turn = Promise.withResolvers<void>();
  const flush = () => {
    const now = acts;
    acts = [];
    if (now.length === 0) return;
    const over = turn;
    turn = Promise.withResolvers<void>();
    const tried = journal.together(now);
    if (tried) return tried.finally(over.resolve);
    over.resolve();
    return undefined;
  };
  const add = (act: Act) => { if (acts.push(act) === 1) atEnd(() => void flush()); };
  return {
    get pending() { return journal.pending; },
    get sizeBytes() { return journal.sizeBytes; },
    reserved: (reserve) => new Promise((kept, refused) => { add({ reserve, kept, refused }); }),
    settled(boot, event, kept) {
      const tried = turn.promise;
      add({ boot, event, kept });
      return tried;
    },
    flush,
  };
}
