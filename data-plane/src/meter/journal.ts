import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ClosedLease } from '@fairlead/shared/lease/holdings.ts';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { ClosedLoan, Loan } from '@fairlead/shared/lease/loan.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { frames, readFrames } from './frames.ts';
import { lineOf, loanClosed, reservedLine, settledLine } from './journal-records.ts';
import type { Entry, Line, OpenReserve } from './journal-records.ts';
import { createJournalState } from './journal-state.ts';
import type { HeldLease, PendingEvent } from './journal-state.ts';

/** A record that was not taken; nothing of it is left. */
export class JournalFailed extends Error {}

/** Where the journal is kept does not answer: asking again soon is worth it. */
export class JournalAway extends JournalFailed {}

/** What one of several records comes to: a reserve is kept or refused; a settlement is kept now or later. */
export type Act =
  | { reserve: OpenReserve; kept: () => void; refused: (cause: JournalFailed) => void }
  | { boot: string; event: UsageEvent; kept: (() => void) | undefined };

/** How bytes get into the file; another one stands for a disk that fails. */
export type Append = (file: number, bytes: Uint8Array, offset: number) => number;

/**
 * The node's durable memory of money: grants, reserves before each call, settlements, acknowledgements.
 * Every record is written before the act it stands for; a torn tail is cut at the first bad checksum.
 * What announces an act throws or rejects with JournalFailed when it is refused, and the act must not happen
 * (an acknowledgement is asked for again). What has happened already (settled, closed) waits in line, in order,
 * until it is taken.
 */
export interface Journal {
  readonly leases: ReadonlyMap<string, HeldLease>;
  /** Closed lately, with something spent: what an older database may have to be told again. */
  readonly closed: ReadonlyMap<string, ClosedLease>;
  /** What neighbours have of these leases, and what they had. */
  readonly loans: ReadonlyMap<string, Loan>;
  readonly closedLoans: ReadonlyMap<string, ClosedLoan>;
  /** Not settled yet. */
  openReserves(): readonly OpenReserve[];
  /** Settled and not acknowledged, oldest first. */
  readonly pending: readonly PendingEvent[];
  readonly sizeBytes: number;
  /** False for ever once records were lost to damage: leases may then have been spent from that nobody here knows. */
  readonly whole: boolean;
  granted(grant: LeaseGrant): void | Promise<void>;
  lent(loan: Loan): void | Promise<void>;
  /** Books what these came to on their leases, once; refused, it is asked for again. */
  loansClosed(closed: readonly ClosedLoan[]): void | Promise<void>;
  /** Several reserves and settlements in one write, in this order: all are written, or none. A promise is kept when it was tried. */
  together(acts: readonly Act[]): void | Promise<void>;
  leaseClosed(leaseId: string, nowMs: number): void;
  acknowledged(boot: string, seq: number): void | Promise<void>;
  /** Tries again to write what waits; true when nothing waits any more. */
  mend(): boolean;
  close(): void | Promise<void>;
}

/** A journal in a file: everything is written, or refused, when a call returns. */
export interface FileJournal extends Journal {
  granted(grant: LeaseGrant): void;
  lent(loan: Loan): void;
  loansClosed(closed: readonly ClosedLoan[]): void;
  reserved(reserve: OpenReserve): void;
  /** `onKept` runs once, when the record is in the file. */
  settled(boot: string, event: UsageEvent, onKept?: () => void): void;
  together(acts: readonly Act[]): void;
  acknowledged(boot: string, seq: number): void;
  close(): void;
}

const compactAtMostBytes = 16 * 1024 * 1024;

/** Opens the journal of a state folder: reads what is there, writes a compact copy, goes on from it. */
export function openJournal(folder: string, compactAtBytes = compactAtMostBytes, append: Append = (file, bytes, offset) => writeSync(file, bytes, offset)): FileJournal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const state = createJournalState();
  let file = -1;
  let number = 0;
  let sizeBytes = 0;
  let torn = false;
  const waiting: { line: Line; onKept: (() => void) | undefined }[] = [];

  const files = () => readdirSync(folder).filter((name) => /^journal-\d+\.log$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  for (const name of files()) {
    number = numberOf(name);
    const { records, end } = readFrames(readFileSync(join(folder, name)));
    for (const { text } of records) state.take(JSON.parse(text));
    if (end === 'damaged') state.damaged();
  }

  /** Writes the living state to a new file and removes the older ones; a crash in between repeats nothing wrongly. */
  const compact = () => {
    const old = files();
    const path = join(folder, `journal-${number + 1}.log`);
    const target = openSync(`${path}.tmp`, 'w', 0o600);
    let size = 0;
    try {
      for (const text of state.texts()) size += put(target, frames([text]));
      fsyncSync(target);
      closeSync(target);
      renameSync(`${path}.tmp`, path);
    } catch (cause) {
      rmSync(`${path}.tmp`, { force: true });
      throw cause;
    }
    number += 1;
    syncFolder(folder);
    if (file >= 0) closeSync(file);
    file = openSync(path, 'a', 0o600);
    sizeBytes = size;
    torn = false;
    for (const name of old) if (existsSync(join(folder, name))) unlinkSync(join(folder, name));
  };

  /** All of the bytes, however few the disk takes at once. */
  const put = (target: number, bytes: Uint8Array): number => {
    for (let at = 0; at < bytes.length; ) at += append(target, bytes, at);
    return bytes.length;
  };

  const write = (lines: readonly Line[]) => {
    const bytes = frames(lines.map(({ text }) => text));
    try {
      if (torn) cut();
      put(file, bytes);
    } catch (cause) {
      // Half a record would hide everything that is written after it.
      torn = true;
      try { cut(); } catch { /* The next write tries again before it adds anything. */ }
      throw new JournalFailed('the journal cannot be written', { cause });
    }
    sizeBytes += bytes.length;
    for (const { entry, part } of lines) state.take(entry, part);
    // By twice what lives, so that a long backlog is not copied again for every acknowledgement.
    if (lines[0]?.entry.t !== 'K' || sizeBytes <= compactAtBytes || sizeBytes <= 2 * state.pendingBytes) return;
    // The old file goes on to serve when there is no room for a second one.
    try { compact(); } catch { /* Tried again at the next acknowledgement. */ }
  };

  const cut = () => {
    ftruncateSync(file, sizeBytes);
    torn = false;
  };

  const mend = (): boolean => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      try { write([next.line]); } catch { return false; }
      waiting.shift();
      next.onKept?.();
    }
    return true;
  };

  /** For what may still be refused: after everything that waits, or not at all. */
  const announce = (...entries: Entry[]) => {
    if (!mend()) throw new JournalFailed('the journal cannot be written');
    write(entries.map(lineOf));
  };
  /** Once for many requests, and known to others: a power cut must not take it from the file. */
  const announceForGood = (...entries: Entry[]) => {
    announce(...entries);
    fsyncSync(file);
  };
  /** For what has happened: now or as soon as the disk takes it. */
  const note = (entry: Entry) => {
    const line = lineOf(entry);
    if (mend()) try { write([line]); return; } catch { /* It waits. */ }
    waiting.push({ line, onKept: undefined });
  };
  const together = (acts: readonly Act[]) => {
    const lines = acts.map((act) => ('reserve' in act ? reservedLine(act.reserve) : settledLine(act.boot, act.event, state.reserve(act.event.id))));
    try {
      if (!mend()) throw new JournalFailed('the journal cannot be written');
      write(lines);
    } catch (cause) {
      const failed = cause instanceof JournalFailed ? cause : new JournalFailed('the journal cannot be written', { cause });
      for (const [at, act] of acts.entries()) {
        const line = lines[at];
        if ('reserve' in act) act.refused(failed);
        else if (line) waiting.push({ line, onKept: act.kept });
      }
      return;
    }
    for (const act of acts) act.kept?.();
  };

  compact();
  return {
    leases: state.leases,
    closed: state.closed,
    loans: state.loans,
    closedLoans: state.closedLoans,
    openReserves: state.openReserves,
    get pending() { return state.pending; },
    get sizeBytes() { return sizeBytes; },
    whole: !state.lost,
    // What is lost of these would be given back as never used.
    granted: (grant) => announceForGood({ t: 'G', grant }),
    lent: (loan) => announceForGood({ t: 'L', loan }),
    loansClosed: (closed) => announceForGood(...closed.map((one) => loanClosed(one))),
    reserved: (reserve) => announce({ t: 'R', reserve }),
    settled: (boot, event, onKept) => together([{ boot, event, kept: onKept }]),
    together,
    leaseClosed: (lease, nowMs) => { if (state.leases.has(lease)) note({ t: 'F', lease, at: nowMs }); },
    acknowledged: (boot, seq) => announce({ t: 'K', boot, seq }),
    mend,
    close: () => { if (file >= 0) { mend(); fsyncSync(file); closeSync(file); file = -1; } },
  };
}

function numberOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Some systems cannot sync a folder; the rename is then as durable as they make it.
  }
}
