import { openEnvelope, EnvelopeRefused } from '@fairlead/shared/snapshot/envelope.ts';
import { readSnapshot, SnapshotInvalid } from '@fairlead/shared/snapshot/read-snapshot.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Shelf } from './shelf.ts';
import { compileTable } from './table.ts';
import type { RoutingTable } from './table.ts';

/** A refusal that the control plane should hear of. */
export interface Nack { revision: number; stage: string; code: string; message: string }

/** Why offered bytes were not taken. */
export type Taken = 'applied' | 'not-newer' | 'refused';

/** Holds the one table everything is served from. */
export interface Keeper {
  /** The table in force; throws `node.starting` or `node.stale`. */
  table(): RoutingTable;
  /** The table in force, if any. */
  held(): RoutingTable | undefined;
  /** verify → refuse what is not newer → compile → persist → swap; what the disk refuses is swapped in all the same, and reported. */
  offer(sealed: Uint8Array): Promise<Taken>;
  /** The control plane was heard: what we hold is current. */
  confirmed(): void;
  /** Milliseconds since the control plane last confirmed what we hold. */
  ageMs(): number;
  nack(): Nack | undefined;
}

/** A keeper that starts from the shelf. `onApplied` runs after each swap. */
export async function openKeeper(parts: { shelf: Shelf; snapshotKeys: readonly string[]; fleet: string; clock: Clock; log: Log; onApplied: (table: RoutingTable) => void }): Promise<Keeper> {
  const { shelf, clock, log } = parts;
  let held: RoutingTable | undefined;
  let nack: Nack | undefined;
  let confirmedAtMs = 0;
  let floor = shelf.floor();
  // One after another: between the look at what is held and the swap the snapshot is kept, which may take its time.
  let line: Promise<unknown> = Promise.resolve();

  const open = async (sealed: Uint8Array): Promise<RoutingTable> => {
    const snapshot = readSnapshot(await openEnvelope('fairlead/snapshot/1', sealed, parts.snapshotKeys));
    if (snapshot.fleet !== parts.fleet) throw new SnapshotInvalid('fleet', 'belongs to another fleet');
    return compileTable(snapshot);
  };

  const stored = shelf.snapshot();
  if (stored) {
    try {
      const table = await open(stored);
      if (table.revision < floor) throw new SnapshotInvalid('revision', `is below ${floor}, which this node has already had`);
      held = table;
      floor = Math.max(floor, table.revision); // the floor's own file may be damaged
      confirmedAtMs = table.issuedAtMs;
      parts.onApplied(table);
      log.info('snapshot.from-disk', { revision: table.revision });
    } catch (error) {
      log.warn('snapshot.disk-refused', { error: errorText(error) });
    }
  }

  return {
    table() {
      if (!held) throw new Fault('node.starting', { retryAfterMs: 1_000 });
      if (held.hardStaleMs > 0 && clock.now() - confirmedAtMs > held.hardStaleMs) throw new Fault('node.stale', { retryAfterMs: 30_000 });
      return held;
    },
    held: () => held,
    offer(sealed) {
      const turn = line.then(() => take(sealed));
      line = turn;
      return turn;
    },
    confirmed: () => { confirmedAtMs = clock.now(); },
    ageMs: () => clock.now() - confirmedAtMs,
    nack: () => nack,
  };

  async function take(sealed: Uint8Array): Promise<Taken> {
    let revision = 0;
    try {
      const table = await open(sealed);
      revision = table.revision;
      if (revision < floor) {
        const message = `revision ${revision} is older than ${floor}`;
        nack = { revision, stage: 'verify', code: 'NOT_NEWER', message };
        log.warn('snapshot.refused', { revision, problem: message });
        return 'refused';
      }
      if (held && revision <= held.revision) return 'not-newer';
      let lost: unknown;
      try { await shelf.keepSnapshot(sealed, revision); } catch (cause) { lost = cause; }
      floor = revision;
      held = table;
      confirmedAtMs = clock.now();
      nack = undefined;
      if (lost !== undefined) {
        // A key that was revoked must not go on because a disk is full; it is the restart that suffers, and people must hear of it.
        nack = { revision, stage: 'persist', code: 'failed', message: errorText(lost).slice(0, 500) };
        log.error('snapshot.not-kept', { revision, problem: errorText(lost) });
      }
      parts.onApplied(table);
      log.info('snapshot.applied', { revision });
      return 'applied';
    } catch (error) {
      const stage = error instanceof EnvelopeRefused ? 'verify' : 'compile';
      const code = error instanceof EnvelopeRefused ? error.problem : error instanceof SnapshotInvalid ? 'invalid' : 'failed';
      nack = { revision, stage, code, message: errorText(error).slice(0, 500) };
      log.error('snapshot.refused', { revision, stage, problem: errorText(error) });
      return 'refused';
    }
  }
}
