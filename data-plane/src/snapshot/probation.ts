// Which revision a start begins with. A new one is on probation: when the node ends again and again soon after taking it, the one before it is served.
import type { Head } from '@fairlead/shared/snapshot/head.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import { errorText } from '../telemetry/log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Nack } from './keeper.ts';
import { mostStarts, provenMs, readRecord, writeRecord } from './record.ts';
import type { NodeRecord } from './record.ts';
import type { Shelf } from './shelf.ts';

/** What has been had, and how it does. */
export interface Probation {
  record(): NodeRecord;
  /** Sealed heads to start from, the better first. */
  toStartFrom(): { sealed: Uint8Array; what: 'head' | 'previous' }[];
  /** Whether the record names what this head does: a copy of older files is not served from. */
  isNamed(head: Head): boolean;
  /** A start serves this. */
  started(head: Head): Promise<void>;
  /** Keeps a revision that is about to be served; says what was not kept. */
  took(head: Head, sealed: Uint8Array): Promise<unknown>;
  /** Keeps a newer head of the same revision. */
  renewed(head: Head, sealed: Uint8Array): Promise<void>;
  /** An exchange was answered. */
  served(): void;
  /** What the control plane should hear of a start that did not begin with the newest. */
  nack(): Nack | undefined;
  close(): Promise<void>;
}

/** Reads what was had from the shelf. */
export function openProbation(parts: { shelf: Shelf; clock: Clock; log: Log }): Probation {
  const { shelf, clock, log } = parts;
  const kept = readRecord(shelf.get('record'));
  let record: NodeRecord = kept ?? { revision: shelf.oldFloor(), issuedAt: 0, starts: 0 };
  let head = shelf.get('head');
  /** The one before the newest is served. */
  let fellBack = false;
  let proving = false;
  let nack: Nack | undefined;

  const write = async (next: NodeRecord, heads: { previous?: Uint8Array; head?: Uint8Array } = {}): Promise<unknown> => {
    // What was seen counts, whether it could be kept or not.
    record = next;
    try {
      // The record first: a crash in between may cost a fetch, but never lets an older revision back in.
      await shelf.keep({ record: writeRecord(next), ...heads });
      return undefined;
    } catch (cause) {
      return cause;
    }
  };
  const prove = async () => {
    if (record.starts === 0) return;
    const { left: _, ...rest } = record;
    const lost = await write({ ...rest, starts: 0 });
    if (lost !== undefined) log.warn('snapshot.record-not-kept', { error: errorText(lost) });
  };
  const watch = (of: string | undefined) => {
    void clock.sleep(provenMs).then(() => (record.current?.manifest === of ? prove() : undefined), () => undefined);
  };

  // Given up now, or by an earlier start and not tried again since.
  const isWorn = kept !== undefined && kept.starts >= mostStarts;
  const wasLeft = kept?.left !== undefined && kept.left.manifest === kept.current?.manifest;
  if (kept?.current && kept.previous && shelf.get('previous') && (isWorn || (wasLeft && kept.starts === 0))) {
    const left = isWorn || !kept.left ? { manifest: kept.current.manifest, atMs: clock.now(), times: (wasLeft ? (kept.left?.times ?? 0) : 0) + 1 } : kept.left;
    record = { ...kept, starts: 0, left };
    nack = { revision: kept.current.revision, stage: 'serve', code: 'crash-loop', message: `This node ended ${mostStarts} times soon after it had taken revision ${kept.current.revision}; it serves ${kept.previous.revision}.` };
    log.error('snapshot.left', { revision: kept.current.revision, serves: kept.previous.revision });
  }

  return {
    record: () => record,
    toStartFrom() {
      const previous = shelf.get('previous');
      const isLeft = record.left !== undefined && record.left.manifest === record.current?.manifest && nack !== undefined;
      return [...(head && !isLeft ? [{ sealed: head, what: 'head' as const }] : []), ...(previous ? [{ sealed: previous, what: 'previous' as const }] : []), ...(head && isLeft ? [{ sealed: head, what: 'head' as const }] : [])];
    },
    isNamed({ revision, manifest: { sha256 } }) {
      // Without a record, or with a damaged one, there is only what is there.
      if (!record.current) return revision >= record.revision;
      return [record.current, record.previous].some((slot) => slot?.manifest === sha256);
    },
    async started(found) {
      const isCurrent = found.manifest.sha256 === record.current?.manifest;
      fellBack = record.current !== undefined && !isCurrent;
      if (!record.current) await write({ ...record, revision: Math.max(record.revision, found.revision), issuedAt: found.issuedAt, current: { revision: found.revision, manifest: found.manifest.sha256 }, starts: 0 });
      else if (isCurrent && record.starts > 0) await write({ ...record, starts: record.starts + 1 });
      else if (nack) await write(record);
      record = { ...record, issuedAt: Math.max(record.issuedAt, isCurrent ? found.issuedAt : 0) };
      if (isCurrent) watch(found.manifest.sha256);
    },
    async took(found, sealed) {
      const slot = { revision: found.revision, manifest: found.manifest.sha256 };
      const again = record.left?.manifest === slot.manifest;
      // What is served now is what to fall back to.
      const stays = fellBack || record.current?.manifest === slot.manifest;
      const previous = stays ? record.previous : record.current;
      const before = stays ? undefined : head;
      fellBack = false;
      const { previous: _previous, left, ...rest } = record;
      head = sealed;
      nack = undefined;
      watch(slot.manifest);
      return write({ ...rest, revision: found.revision, issuedAt: found.issuedAt, current: slot, ...(previous ? { previous } : {}), starts: again ? mostStarts - 1 : 1, ...(again && left ? { left } : {}) }, { ...(before ? { previous: before } : {}), head: sealed });
    },
    async renewed(found, sealed) {
      record = { ...record, issuedAt: found.issuedAt };
      if (found.manifest.sha256 !== record.current?.manifest) return;
      head = sealed;
      await Promise.resolve(shelf.keep({ head: sealed })).catch((cause: unknown) => { log.warn('snapshot.head-not-kept', { error: errorText(cause) }); });
    },
    served() {
      // Whoever has answered works: what ends it after that is not how it is made up.
      if (record.starts > 0 && !proving) { proving = true; void prove().finally(() => { proving = false; }); }
    },
    nack: () => nack,
    close: prove,
  };
}
