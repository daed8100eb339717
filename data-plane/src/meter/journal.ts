import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { frame, readFrames } from './frames.ts';

/** A usage event before it is settled: what a crash leaves to be charged. */
export type OpenReserve = Omit<UsageEvent, 'seq' | 'endedAt' | 'outcome' | 'input' | 'output' | 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h' | 'reasoning' | 'costNano' | 'excessNano' | 'estimated'>;

/** A lease as the journal knows it. Amounts in nano-USD. */
export interface HeldLease { grant: LeaseGrant; spentNano: bigint; excessNano: bigint }

type Entry =
  | { t: 'C' }
  | { t: 'G'; grant: LeaseGrant; spent?: string; excess?: string }
  | { t: 'R'; reserve: OpenReserve }
  | { t: 'S'; boot: string; event: UsageEvent; counted?: boolean }
  | { t: 'F'; lease: string }
  | { t: 'K'; boot: string; seq: number };

/** An event on its way to the control plane. */
export interface PendingEvent { boot: string; event: UsageEvent; sizeBytes: number }

/**
 * The node's durable memory of money: grants, reserves before each call, settlements, acknowledgements.
 * Every record is in the file before the act it stands for; a torn tail is cut at the first bad checksum.
 */
export interface Journal {
  readonly leases: ReadonlyMap<string, HeldLease>;
  readonly reserves: ReadonlyMap<string, OpenReserve>;
  /** Settled and not acknowledged, oldest first. */
  readonly pending: readonly PendingEvent[];
  readonly sizeBytes: number;
  granted(grant: LeaseGrant): void;
  reserved(reserve: OpenReserve): void;
  settled(boot: string, event: UsageEvent): void;
  leaseClosed(leaseId: string): void;
  acknowledged(boot: string, seq: number): void;
  close(): void;
}

/** Opens the journal of a state folder: reads what is there, writes a compact copy, goes on from it. */
export function openJournal(folder: string, compactAtBytes = 16 * 1024 * 1024): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const leases = new Map<string, HeldLease>();
  const reserves = new Map<string, OpenReserve>();
  let pending: PendingEvent[] = [];
  let file = -1;
  let number = 0;
  let sizeBytes = 0;

  const take = (entry: Entry, bytes: number) => {
    switch (entry.t) {
      // A checkpoint: what follows is the whole state, whatever stood before it.
      case 'C': leases.clear(); reserves.clear(); pending = []; break;
      case 'G': leases.set(entry.grant.leaseId, { grant: entry.grant, spentNano: BigInt(entry.spent ?? 0), excessNano: BigInt(entry.excess ?? 0) }); break;
      case 'R': reserves.set(entry.reserve.id, entry.reserve); break;
      case 'S': {
        reserves.delete(entry.event.id);
        pending.push({ boot: entry.boot, event: entry.event, sizeBytes: bytes });
        const lease = entry.counted ? undefined : leases.get(entry.event.leaseId ?? '');
        if (lease) { lease.spentNano += BigInt(entry.event.costNano); lease.excessNano += BigInt(entry.event.excessNano); }
        break;
      }
      case 'F': leases.delete(entry.lease); break;
      case 'K': pending = pending.filter(({ boot, event }) => boot !== entry.boot || event.seq > entry.seq); break;
    }
  };

  const files = () => readdirSync(folder).filter((name) => /^journal-\d+\.log$/.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  for (const name of files()) {
    number = numberOf(name);
    for (const { text, bytes } of readFrames(readFileSync(join(folder, name)))) take(JSON.parse(text), bytes);
  }

  /** Writes the living state to a new file and removes the older ones; a crash in between repeats nothing wrongly. */
  const compact = () => {
    const old = files();
    number += 1;
    const path = join(folder, `journal-${number}.log`);
    const target = openSync(`${path}.tmp`, 'w', 0o600);
    let size = 0;
    const put = (entry: Entry) => { const bytes = frame(JSON.stringify(entry)); writeSync(target, bytes); size += bytes.length; };
    put({ t: 'C' });
    for (const { grant, spentNano, excessNano } of leases.values()) put({ t: 'G', grant, spent: String(spentNano), excess: String(excessNano) });
    for (const reserve of reserves.values()) put({ t: 'R', reserve });
    // A settled event is already inside its lease's `spent` here: it must not be added a second time.
    for (const { boot, event } of pending) put({ t: 'S', boot, event, counted: true });
    fsyncSync(target);
    closeSync(target);
    renameSync(`${path}.tmp`, path);
    syncFolder(folder);
    if (file >= 0) closeSync(file);
    file = openSync(path, 'a', 0o600);
    sizeBytes = size;
    for (const name of old) if (existsSync(join(folder, name))) unlinkSync(join(folder, name));
  };

  const write = (entry: Entry) => {
    const bytes = frame(JSON.stringify(entry));
    writeSync(file, bytes);
    sizeBytes += bytes.length;
    take(entry, bytes.length);
    if (sizeBytes > compactAtBytes && entry.t === 'K') compact();
  };

  compact();
  return {
    leases,
    reserves,
    get pending() { return pending; },
    get sizeBytes() { return sizeBytes; },
    granted: (grant) => write({ t: 'G', grant }),
    reserved: (reserve) => write({ t: 'R', reserve }),
    settled: (boot, event) => write({ t: 'S', boot, event }),
    leaseClosed: (lease) => { if (leases.has(lease)) write({ t: 'F', lease }); },
    acknowledged: (boot, seq) => write({ t: 'K', boot, seq }),
    close: () => { if (file >= 0) { fsyncSync(file); closeSync(file); file = -1; } },
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
