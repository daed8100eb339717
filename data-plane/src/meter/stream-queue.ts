// What waits to be written, in order; what may be refused is refused when it has waited for too long.
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { JournalAway } from './journal.ts';
import type { JournalFailed } from './journal.ts';
import type { Line } from './journal-records.ts';

/** A record on its way. */
export interface Waiting {
  line: Line;
  atMs: number;
  kept(): void;
  /** Only for what may be refused. */
  refused: ((cause: JournalFailed) => void) | undefined;
  /** What takes the record back that was refused and is written all the same. */
  undo: Line | undefined;
  /** Whoever asked has his answer, or waits no longer for one. */
  over: boolean;
}

/** Records in line. */
export interface StreamQueue {
  readonly size: number;
  add(one: Waiting): void;
  /** Before all others, in this order. */
  addFirst(these: readonly Waiting[]): void;
  /** The next ones for one write; they still have their time. */
  take(): Waiting[];
  /** Those taken are written or back in line. */
  done(): void;
  /** Refuses all of these that may be refused; those that may not are told that nobody waits for them. */
  refuse(these: readonly Waiting[], cause: JournalFailed): void;
  /** Refuses all that may be. */
  refuseAll(cause: JournalFailed): void;
  close(): void;
}

const charsMost = 1_000_000;

/** A queue that lets a record wait for `waitMs`. */
export function createStreamQueue(clock: Clock, waitMs: number, onOver: (one: Waiting) => void): StreamQueue {
  let line: Waiting[] = [];
  let taken: Waiting[] = [];
  let cancel: (() => void) | undefined;

  const end = (one: Waiting, cause: JournalFailed) => {
    if (one.over) return;
    one.over = true;
    one.refused?.(cause);
    onOver(one);
  };
  /** What was never sent and is refused need not be written. */
  const drop = () => { line = line.filter((one) => !one.over || one.refused === undefined); };
  const watch = () => {
    if (cancel) return;
    let oldest = Infinity;
    for (const list of [taken, line]) for (const one of list) if (!one.over && one.atMs < oldest) oldest = one.atMs;
    if (oldest === Infinity) return;
    cancel = clock.alarm(Math.max(1, oldest + waitMs - clock.now()), () => {
      cancel = undefined;
      const late = new JournalAway('the journal was not written in time');
      for (const one of [...taken, ...line]) if (clock.now() - one.atMs >= waitMs) end(one, late);
      drop();
      watch();
    });
  };
  return {
    get size() { return line.length + taken.length; },
    add(one) { line.push(one); watch(); },
    addFirst(these) { line = [...these, ...line]; watch(); },
    take() {
      let chars = 0;
      let count = 0;
      for (const { line: { text } } of line) {
        if (count > 0 && chars + text.length > charsMost) break;
        chars += text.length;
        count += 1;
      }
      taken = line.splice(0, count);
      return taken;
    },
    done() { taken = []; },
    refuse(these, cause) { for (const one of these) end(one, cause); },
    refuseAll(cause) {
      for (const one of [...taken, ...line]) end(one, cause);
      drop();
    },
    close() { cancel?.(); cancel = undefined; },
  };
}
