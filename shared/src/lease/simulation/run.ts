// Pure.
import { runHistory } from './history.ts';
import type { Figures, Without } from './history.ts';
import { Broken } from './truth.ts';

/** A promise that did not hold, and the seed that shows it. */
export interface Failure { seed: number; what: string }

/** What many histories came to. */
export interface Outcome { histories: number; figures: Figures; failures: Failure[] }

/** Runs one history for each seed from this one on; stops after `failuresMost` broken promises. */
export function runHistories(seed: number, histories: number, without: Without = {}, failuresMost = 1): Outcome {
  const sums: Figures = { spentNano: 0n, limitNano: 0n, grants: 0, denials: 0, crashes: 0, restores: 0, forgottenNano: 0n, writtenOff: 0, messages: 0, uncovered: 0, loans: 0 };
  const failures: Failure[] = [];
  let done = 0;
  for (; done < histories && failures.length < failuresMost; done++) {
    try {
      add(sums, runHistory(seed + done, without));
    } catch (cause) {
      if (!(cause instanceof Broken)) throw cause;
      failures.push({ seed: seed + done, what: cause.message });
    }
  }
  return { histories: done, figures: sums, failures };
}

function add(sums: Figures, more: Figures): void {
  sums.spentNano += more.spentNano;
  sums.limitNano += more.limitNano;
  sums.forgottenNano += more.forgottenNano;
  for (const name of ['grants', 'denials', 'crashes', 'restores', 'writtenOff', 'messages', 'uncovered', 'loans'] as const) sums[name] += more[name];
}
