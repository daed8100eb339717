import type { LoanBook } from '@fairlead/shared/lease/loan.ts';
import type { Holdings } from '@fairlead/shared/lease/holdings.ts';
import { purseName } from '@fairlead/shared/lease/purse.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Neighbours } from './neighbours.ts';

/** What neighbours have of this node's slices. */
export interface Lending {
  /** Asks borrowers that were silent for a while how their loans stand. */
  tick(): void;
  /** Lends nothing more and asks for everything back, for an orderly stop; waits until it is here, but not longer than the signal does. */
  recall(signal: AbortSignal): Promise<void>;
  borrowerIds(): string[];
  /** These were shut out by an operator: what they have counts as spent. */
  writeOff(nodeIds: readonly string[]): void;
  lent(): { loans: number; grantedNano: bigint };
}

const quietMs = 3_000;
const quietMostMs = 30_000;
const lookMs = 50;
/** More words than this wait for their turn when something is wrong. */
const waitingMost = 1_000;

/** Answers neighbours, one word after another. Nothing is ever taken back by a timer. One that does not lend only takes back what it has lent before. */
export function openLending(parts: { book: LoanBook; slices: Pick<Holdings, 'couldLend'>; neighbours: Neighbours; clock: Clock; log: Log; lends: boolean; onLent: () => void }): Lending {
  const { book, slices, neighbours, clock, log } = parts;
  const quiet = new Map<string, { untilMs: number; forMs: number }>();
  let line: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let lends = parts.lends;

  const inLine = (work: () => Promise<void>) => {
    if (waiting >= waitingMost) return;
    waiting += 1;
    // What cannot be written down is not answered, and asked again.
    line = line.then(work).catch((error: unknown) => log.warn('loans.waiting', { error: errorText(error) })).finally(() => { waiting -= 1; });
  };
  const heardOf = (borrowerId: string) => quiet.set(borrowerId, { untilMs: clock.now() + quietMs, forMs: quietMs });

  neighbours.onWord((from, word, answer, isNewest) => {
    switch (word.is) {
      case 'who':
        // A node that was shut out has no newer key: nothing new for whoever has an older one.
        answer({ is: isNewest && lends && slices.couldLend(purseName(word.purse.holderId, word.purse.unit), BigInt(word.needNano)) ? 'can' : 'none' });
        break;
      case 'ask':
        inLine(async () => {
          heardOf(from);
          const grant = isNewest && lends ? await book.ask(from, word.ask) : undefined;
          if (grant) parts.onLent();
          answer(grant ? { is: 'granted', grant } : { is: 'none' });
        });
        break;
      case 'report':
        inLine(async () => {
          heardOf(from);
          answer({ is: 'over', loanIds: await book.report(from, word.report) });
        });
        break;
    }
  });

  const borrowers = () => new Set(book.open().map(({ borrowerId }) => borrowerId));
  return {
    tick() {
      const now = clock.now();
      const open = borrowers();
      for (const id of quiet.keys()) if (!open.has(id)) quiet.delete(id);
      for (const id of open) {
        const { untilMs, forMs } = quiet.get(id) ?? { untilMs: 0, forMs: quietMs / 2 };
        // A clock that was set back must not make it wait for longer than it would.
        if (untilMs > now && untilMs - now <= quietMostMs) continue;
        neighbours.say(id, { is: 'tell' });
        const nextMs = Math.min(forMs * 2, quietMostMs);
        quiet.set(id, { untilMs: now + nextMs, forMs: nextMs });
      }
    },
    async recall(signal) {
      lends = false;
      for (let turn = 0; book.open().length > 0 && !signal.aborted; turn++) {
        if (turn % 10 === 0) for (const id of borrowers()) neighbours.say(id, { is: 'back' });
        await clock.sleep(lookMs, signal).catch(() => undefined);
      }
    },
    borrowerIds: () => [...borrowers()],
    writeOff(nodeIds) {
      for (const id of nodeIds) inLine(async () => { await book.writeOff(id); });
    },
    lent() {
      const open = book.open();
      return { loans: open.length, grantedNano: open.reduce((sum, { unit, grantedNano }) => sum + (unit === 'USD' ? BigInt(grantedNano) : 0n), 0n) };
    },
  };
}
