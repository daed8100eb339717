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

/** An event on its way to the control plane. */
export interface PendingEvent { boot: string; event: UsageEvent; sizeBytes: number }

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
  readonly reserves: ReadonlyMap<string, OpenReserve>;
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
  const reserves = new Map<string, OpenReserve>();
  let pending: PendingEvent[] = [];
  let file = -1;
  let number = 0;
  let sizeBytes = 0;
  let pendingBytes = 0;
  let torn = false;
  let lost = false;
  const waiting: { entry: Entry; onKept: (() => void) | undefined; event: UsageEvent | undefined }[] = [];

  // How large each open reserve is on disk: its settlement names it and does not repeat it.
  const reserveBytes = new Map<string, number>();
  const book = (boot: string, event: UsageEvent, bytes: number, counted: boolean | undefined) => {
    reserves.delete(event.id);
    reserveBytes.delete(event.id);
    pending.push({ boot, event, sizeBytes: bytes });
    pendingBytes += bytes;
    const lease = counted ? undefined : leases.get(event.leaseId ?? '');
    if (lease) { lease.spentNano += BigInt(event.costNano); lease.excessNano += BigInt(event.excessNano); }
  };

  /** `event` is at hand when the entry was made here; only a file's has to be put together. */
  const take = (entry: Entry, bytes: number, event?: UsageEvent) => {
    switch (entry.t) {
      // A checkpoint: what follows is the whole state, whatever stood before it.
      case 'C': lost ||= entry.lost ?? false; leases.clear(); reserves.clear(); reserveBytes.clear(); pending = []; pendingBytes = 0; break;
      case 'G': leases.set(entry.grant.leaseId, { grant: entry.grant, spentNano: BigInt(entry.spent ?? 0), excessNano: BigInt(entry.excess ?? 0) }); break;
      case 'R': reserves.set(entry.reserve.id, entry.reserve); reserveBytes.set(entry.reserve.id, bytes); break;
      case 'S': book(entry.boot, entry.event, bytes, entry.counted); break;
      case 'E': {
        const reserve = reserves.get(entry.id);
        if (reserve) book(entry.boot, event ?? { ...reserve, ...entry.end }, bytes + (reserveBytes.get(entry.id) ?? 0), false);
        else lost = true;
        break;
      }
      case 'F': leases.delete(entry.lease); break;
      case 'K':
        pending = pending.filter(({ boot, event, sizeBytes: size }) => {
          const stays = boot !== entry.boot || event.seq > entry.seq;
          if (!stays) pendingBytes -= size;
          return stays;
        });
        break;
    }
  };

  const files = () => readdirSync(folder).filter((name) => /^journal-\d+\.log$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  for (const name of files()) {
    number = numberOf(name);
    const { records, end } = readFrames(readFileSync(join(folder, name)));
    for (const { text, bytes } of records) take(JSON.parse(text), bytes);
    lost ||= end === 'damaged';
  }

  /** Writes the living state to a new file and removes the older ones; a crash in between repeats nothing wrongly. */
  const compact = () => {
    const old = files();
    const path = join(folder, `journal-${number + 1}.log`);
    const entries: Entry[] = [
      lost ? { t: 'C', lost } : { t: 'C' },
      ...[...leases.values()].map(({ grant, spentNano, excessNano }): Entry => ({ t: 'G', grant, spent: String(spentNano), excess: String(excessNano) })),
      ...[...reserves.values()].map((reserve): Entry => ({ t: 'R', reserve })),
      // A settled event is already inside its lease's `spent` here: it must not be added a second time.
      ...pending.map(({ boot, event }): Entry => ({ t: 'S', boot, event, counted: true })),
    ];
    const target = openSync(`${path}.tmp`, 'w', 0o600);
    let size = 0;
    try {
      for (const entry of entries) size += put(target, frames([JSON.stringify(entry)]));
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

  /** `events` are those of the entries that were settled here. */
  const write = (entries: readonly Entry[], events: readonly (UsageEvent | undefined)[] = []) => {
    const sizes: number[] = [];
    const bytes = frames(entries.map((entry) => JSON.stringify(entry)), sizes);
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
    for (const [at, entry] of entries.entries()) take(entry, sizes[at] ?? 0, events[at]);
    // By twice what lives, so that a long backlog is not copied again for every acknowledgement.
    if (entries[0]?.t !== 'K' || sizeBytes <= compactAtBytes || sizeBytes <= 2 * pendingBytes) return;
    // The old file goes on to serve when there is no room for a second one.
    try { compact(); } catch { /* Tried again at the next acknowledgement. */ }
  };

  const cut = () => {
    ftruncateSync(file, sizeBytes);
    torn = false;
  };

  const mend = (): boolean => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      try { write([next.entry], [next.event]); } catch { return false; }
      waiting.shift();
      next.onKept?.();
    }
    return true;
  };

  /** For what may still be refused: after everything that waits, or not at all. */
  const announce = (entry: Entry) => {
    if (!mend()) throw new JournalFailed('the journal cannot be written');
    write([entry]);
  };
  /** For what has happened: now or as soon as the disk takes it. */
  const note = (entry: Entry) => {
    if (mend()) try { write([entry]); return; } catch { /* It waits. */ }
    waiting.push({ entry, onKept: undefined, event: undefined });
  };
  const entryOf = (act: Act): Entry => {
    if ('reserve' in act) return { t: 'R', reserve: act.reserve };
    return reserves.has(act.event.id) ? { t: 'E', boot: act.boot, id: act.event.id, end: endOf(act.event) } : { t: 'S', boot: act.boot, event: act.event };
  };
  const together = (acts: readonly Act[]) => {
    const entries = acts.map(entryOf);
    try {
      if (!mend()) throw new JournalFailed('the journal cannot be written');
      write(entries, acts.map((act) => ('event' in act ? act.event : undefined)));
    } catch (cause) {
      const failed = cause instanceof JournalFailed ? cause : new JournalFailed('the journal cannot be written', { cause });
      for (const [at, act] of acts.entries()) {
        const entry = entries[at];
        if ('reserve' in act) act.refused(failed);
        else if (entry) waiting.push({ entry, onKept: act.kept, event: act.event });
      }
      return;
    }
    for (const act of acts) act.kept?.();
  };

  compact();
  return {
    leases,
    reserves,
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

function endOf({ seq, endedAt, outcome, httpStatus, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, costNano, excessNano, estimated }: UsageEvent): SettledEnd {
  const end: SettledEnd = { seq, endedAt, outcome, input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning, costNano, excessNano, estimated };
  if (httpStatus !== undefined) end.httpStatus = httpStatus;
  return end;
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
