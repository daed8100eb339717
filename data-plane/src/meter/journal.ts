import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { frames, readFrames } from './frames.ts';

/** A usage event before it is settled: what a crash leaves to be charged. */
export type OpenReserve = Omit<UsageEvent, 'seq' | 'endedAt' | 'outcome' | 'input' | 'output' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'reasoning' | 'costNano' | 'excessNano' | 'estimated'>;

/** What a settlement adds to its reserve. */
type SettledEnd = Omit<UsageEvent, keyof OpenReserve> & Pick<UsageEvent, 'httpStatus'>;

/** A lease as the journal knows it. Amounts in nano-USD. */
export interface HeldLease { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }

type Entry =
  | { t: 'C'; lost?: true }
  | { t: 'G'; grant: LeaseGrant; spent?: string; excess?: string }
  | { t: 'R'; reserve: OpenReserve }
  | { t: 'S'; boot: string; event: UsageEvent; counted?: boolean }
  | { t: 'E'; boot: string; id: string; end: SettledEnd }
  | { t: 'F'; lease: string }
  | { t: 'K'; boot: string; seq: number };

/** An event on its way to the control plane: kept as the text that is sent, since hundreds of objects that wait cost the garbage collector more than all else that an exchange leaves. */
export interface PendingEvent { boot: string; seq: number; endedAt: number; text: string; sizeBytes: number }

/** An entry as it stands in the file; `part` is the reserve or the event in it, whose words are used again. */
interface Line { entry: Entry; text: string; part?: string }

/** An open reserve, and its text. */
interface Open { reserve: OpenReserve; text: string }

/** A record that the disk did not take; nothing of it is left in the file. */
export class JournalFailed extends Error {}

/** What one of several records comes to: a reserve is kept or refused; a settlement is kept now or later. */
export type Act =
  | { reserve: OpenReserve; kept: () => void; refused: (cause: JournalFailed) => void }
  | { boot: string; event: UsageEvent; kept: (() => void) | undefined };

/** How bytes get into the file; another one stands for a disk that fails. */
export type Append = (file: number, bytes: Uint8Array, offset: number) => number;

/**
 * The node's durable memory of money: grants, reserves before each call, settlements, acknowledgements.
 * Every record is in the file before the act it stands for; a torn tail is cut at the first bad checksum.
 * What announces an act throws JournalFailed when the disk refuses it, and the act must not happen (an
 * acknowledgement is asked for again). What has happened already (settled, closed) waits in line, in order,
 * until the disk takes it.
 */
export interface Journal {
  readonly leases: ReadonlyMap<string, HeldLease>;
  /** Not settled yet. */
  openReserves(): readonly OpenReserve[];
  /** Settled and not acknowledged, oldest first. */
  readonly pending: readonly PendingEvent[];
  readonly sizeBytes: number;
  /** False for ever once records were lost to damage: leases may then have been spent from that nobody here knows. */
  readonly whole: boolean;
  granted(grant: LeaseGrant): void;
  reserved(reserve: OpenReserve): void;
  /** `onKept` runs once, when the record is in the file. */
  settled(boot: string, event: UsageEvent, onKept?: () => void): void;
  /** Several reserves and settlements in one write, in this order: all are in the file, or none. */
  together(acts: readonly Act[]): void;
  leaseClosed(leaseId: string): void;
  acknowledged(boot: string, seq: number): void;
  /** Tries again to write what waits; true when nothing waits any more. */
  mend(): boolean;
  close(): void;
}

const compactAtMostBytes = 16 * 1024 * 1024;

/** Opens the journal of a state folder: reads what is there, writes a compact copy, goes on from it. */
export function openJournal(folder: string, compactAtBytes = compactAtMostBytes, append: Append = (file, bytes, offset) => writeSync(file, bytes, offset)): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const leases = new Map<string, HeldLease>();
  // No Map: what comes and goes in one by the thousand is kept from the garbage collector, because a table that it
  // has outgrown points to the next one, and so to everything that ever was in it, until a full collection.
  let reserves = noReserves();
  let pending: PendingEvent[] = [];
  let file = -1;
  let number = 0;
  let sizeBytes = 0;
  let pendingBytes = 0;
  let torn = false;
  let lost = false;
  const waiting: { line: Line; onKept: (() => void) | undefined }[] = [];

  const book = (boot: string, event: UsageEvent, text: string, counted: boolean | undefined) => {
    delete reserves[event.id];
    pending.push({ boot, seq: event.seq, endedAt: event.endedAt, text, sizeBytes: text.length });
    pendingBytes += text.length;
    const lease = counted ? undefined : leases.get(event.leaseId ?? '');
    if (lease) { lease.spentNano += BigInt(event.costNano); lease.excessNano += BigInt(event.excessNano); }
  };

  /** `text` is the reserve's or the event's when it is at hand already. */
  const take = (entry: Entry, text?: string) => {
    switch (entry.t) {
      // A checkpoint: what follows is the whole state, whatever stood before it.
      case 'C': lost ||= entry.lost ?? false; leases.clear(); reserves = noReserves(); pending = []; pendingBytes = 0; break;
      case 'G': leases.set(entry.grant.leaseId, { grant: entry.grant, spentNano: BigInt(entry.spent ?? 0), excessNano: BigInt(entry.excess ?? 0) }); break;
      case 'R': reserves[entry.reserve.id] = { reserve: entry.reserve, text: text ?? JSON.stringify(entry.reserve) }; break;
      case 'S': book(entry.boot, entry.event, text ?? JSON.stringify(entry.event), entry.counted); break;
      // As earlier versions wrote it: a settlement that names its reserve and does not repeat it.
      case 'E': {
        const open = reserves[entry.id];
        if (open) {
          const event = { ...open.reserve, ...entry.end };
          book(entry.boot, event, JSON.stringify(event), false);
        } else lost = true;
        break;
      }
      case 'F': leases.delete(entry.lease); break;
      case 'K': {
        // Those of one boot stand together, their seq rising: what is acknowledged is one run of them.
        const from = pending.findIndex(({ boot }) => boot === entry.boot);
        if (from < 0) break;
        let to = from;
        for (let at = pending[to]; at !== undefined && at.boot === entry.boot && at.seq <= entry.seq; at = pending[to]) {
          pendingBytes -= at.sizeBytes;
          to += 1;
        }
        pending.splice(from, to - from);
        break;
      }
    }
  };

  const files = () => readdirSync(folder).filter((name) => /^journal-\d+\.log$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  for (const name of files()) {
    number = numberOf(name);
    const { records, end } = readFrames(readFileSync(join(folder, name)));
    for (const { text } of records) take(JSON.parse(text));
    lost ||= end === 'damaged';
  }

  /** Writes the living state to a new file and removes the older ones; a crash in between repeats nothing wrongly. */
  const compact = () => {
    const old = files();
    const path = join(folder, `journal-${number + 1}.log`);
    const texts = [
      textOf(lost ? { t: 'C', lost } : { t: 'C' }),
      ...[...leases.values()].map(({ grant, spentNano, excessNano }) => textOf({ t: 'G', grant, spent: String(spentNano), excess: String(excessNano) })),
      ...Object.values(reserves).map(({ text }) => reservedText(text)),
      // A settled event is already inside its lease's `spent` here: it must not be added a second time.
      ...pending.map(({ boot, text }) => settledText(boot, text, true)),
    ];
    const target = openSync(`${path}.tmp`, 'w', 0o600);
    let size = 0;
    try {
      for (const text of texts) size += put(target, frames([text]));
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
    for (const { entry, part } of lines) take(entry, part);
    // By twice what lives, so that a long backlog is not copied again for every acknowledgement.
    if (lines[0]?.entry.t !== 'K' || sizeBytes <= compactAtBytes || sizeBytes <= 2 * pendingBytes) return;
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
  const announce = (entry: Entry) => {
    if (!mend()) throw new JournalFailed('the journal cannot be written');
    write([lineOf(entry)]);
  };
  /** For what has happened: now or as soon as the disk takes it. */
  const note = (entry: Entry) => {
    const line = lineOf(entry);
    if (mend()) try { write([line]); return; } catch { /* It waits. */ }
    waiting.push({ line, onKept: undefined });
  };
  const together = (acts: readonly Act[]) => {
    const lines = acts.map((act) => ('reserve' in act ? reservedLine(act.reserve) : settledLine(act.boot, act.event, reserves[act.event.id])));
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
    leases,
    openReserves: () => Object.values(reserves).map(({ reserve }) => reserve),
    get pending() { return pending; },
    get sizeBytes() { return sizeBytes; },
    whole: !lost,
    granted(grant) {
      announce({ t: 'G', grant });
      // Once for many requests: a grant that a power cut took from the file would be given back as never used.
      fsyncSync(file);
    },
    reserved: (reserve) => announce({ t: 'R', reserve }),
    settled: (boot, event, onKept) => together([{ boot, event, kept: onKept }]),
    together,
    leaseClosed: (lease) => { if (leases.has(lease)) note({ t: 'F', lease }); },
    acknowledged: (boot, seq) => announce({ t: 'K', boot, seq }),
    mend,
    close: () => { if (file >= 0) { mend(); fsyncSync(file); closeSync(file); file = -1; } },
  };
}

function noReserves(): Record<string, Open> {
  return Object.create(null) as Record<string, Open>;
}

function textOf(entry: Entry): string {
  return JSON.stringify(entry);
}

function lineOf(entry: Entry): Line {
  return { entry, text: textOf(entry) };
}

function reservedLine(reserve: OpenReserve): Line {
  const part = JSON.stringify(reserve);
  return { entry: { t: 'R', reserve }, text: reservedText(part), part };
}

function reservedText(reserve: string): string {
  return `{"t":"R","reserve":${reserve}}`;
}

/** An event says what its reserve said, and how it ended: only that is written anew. */
function settledLine(boot: string, event: UsageEvent, open: Open | undefined): Line {
  const part = open ? `${open.text.slice(0, -1)},${JSON.stringify(endOf(event)).slice(1)}` : JSON.stringify(event);
  return { entry: { t: 'S', boot, event }, text: settledText(boot, part, false), part };
}

function endOf({ seq, endedAt, outcome, httpStatus, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, costNano, excessNano, estimated }: UsageEvent): SettledEnd {
  return { seq, endedAt, outcome, httpStatus, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, costNano, excessNano, estimated };
}

/** The text of a settlement whose event is written already. */
function settledText(boot: string, event: string, counted: boolean): string {
  return `{"t":"S","boot":${JSON.stringify(boot)},"event":${event}${counted ? ',"counted":true' : ''}}`;
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
