// Pure. The records of a journal: what each says, and its text.
import { readPurse } from '@fairlead/shared/lease/purse.ts';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { ClosedLoan, Loan } from '@fairlead/shared/lease/loan.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';

/** A usage event before it is settled: what a crash leaves to be charged. */
export type OpenReserve = Omit<UsageEvent, 'seq' | 'endedAt' | 'outcome' | 'input' | 'output' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'reasoning' | 'units' | 'service' | 'fromTokens' | 'costNano' | 'excessNano' | 'estimated' | 'drawn'>;

/** What a settlement adds to its reserve. */
type SettledEnd = Omit<UsageEvent, keyof OpenReserve> & Pick<UsageEvent, 'httpStatus'>;

/** What is written, by its letter. */
export type Entry =
  | { t: 'C'; lost?: true }
  | { t: 'G'; grant: LeaseGrant; spent?: string; excess?: string }
  | { t: 'R'; reserve: OpenReserve }
  | { t: 'S'; boot: string; event: UsageEvent; counted?: boolean }
  | { t: 'E'; boot: string; id: string; end: SettledEnd }
  | { t: 'F'; lease: string; at?: number }
  | { t: 'D'; closed: WrittenClosed }
  | { t: 'K'; boot: string; seq: number }
  | { t: 'V'; id: string }
  | { t: 'L'; loan: Loan }
  | { t: 'M'; loan: Loan; spent: string; excess: string; at: number; counted?: boolean };

/** A closed lease as it is written. */
interface WrittenClosed { grant: LeaseGrant; spent: string; excess: string; at: number }

/** An entry as it is written; `part` is the reserve or the event in it, whose words are used again. */
export interface Line { entry: Entry; text: string; part?: string }

/** An open reserve, and its text. */
export interface Open { reserve: OpenReserve; text: string }

/** A grant as it is written today: earlier journals know only keys' dollars. */
export function grantOf(written: LeaseGrant): LeaseGrant {
  const purse = readPurse(written);
  return purse ? { ...written, ...purse } : written;
}

/** The text of a record without one at hand. */
export function textOf(entry: Entry): string {
  return JSON.stringify(entry);
}

/** A loan that is over. `counted`: what it came to is in its lease's sums already. */
export function loanClosed({ loan, spentNano, excessNano, closedAtMs }: ClosedLoan, counted = false): Entry {
  return { t: 'M', loan, spent: String(spentNano), excess: String(excessNano), at: closedAtMs, ...(counted ? { counted } : {}) };
}

/** A record to be written. */
export function lineOf(entry: Entry): Line {
  return { entry, text: textOf(entry) };
}

/** A reserve to be written; its text is used again. */
export function reservedLine(reserve: OpenReserve): Line {
  const part = JSON.stringify(reserve);
  return { entry: { t: 'R', reserve }, text: reservedText(part), part };
}

/** The text of a reserve that is written already. */
export function reservedText(reserve: string): string {
  return `{"t":"R","reserve":${reserve}}`;
}

/** An event says what its reserve said, and how it ended: only that is written anew. */
export function settledLine(boot: string, event: UsageEvent, open: Open | undefined): Line {
  const part = open ? `${open.text.slice(0, -1)},${JSON.stringify(endOf(event)).slice(1)}` : JSON.stringify(event);
  return { entry: { t: 'S', boot, event }, text: settledText(boot, part, false), part };
}

function endOf({ seq, endedAt, outcome, httpStatus, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, units, service, fromTokens, costNano, excessNano, estimated, drawn }: UsageEvent): SettledEnd {
  return { seq, endedAt, outcome, httpStatus, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, units, service, fromTokens, costNano, excessNano, estimated, drawn };
}

/** The text of a settlement whose event is written already. */
export function settledText(boot: string, event: string, counted: boolean): string {
  return `{"t":"S","boot":${JSON.stringify(boot)},"event":${event}${counted ? ',"counted":true' : ''}}`;
}
