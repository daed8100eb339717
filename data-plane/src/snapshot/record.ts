// Pure. What a node has had, so that it never falls behind it; and how its newest revision does.
import { objectOf, parseJson } from '@fairlead/shared/wire/json.ts';

/** A revision by the hash of its manifest. */
export interface Slot { revision: number; manifest: string }

/**
 * What is kept beside heads and pieces. Only the slots named here are served from after a restart: a copy of older files is
 * not. `starts`: how often the current one was activated and has not yet proven itself; `left`: one that was given up.
 */
export interface NodeRecord { revision: number; issuedAt: number; current?: Slot; previous?: Slot; starts: number; left?: { manifest: string; atMs: number; times: number } }

/** After so many starts that did not last, the revision before is served. */
export const mostStarts = 3;

/** What lasts so long has proven itself. */
export const provenMs = 60_000;

/** For how long a revision that was given up is not tried again: a minute, twice as long each time, an hour at most. */
export function leftForMs(times: number): number {
  return Math.min(3_600_000, 60_000 * 2 ** Math.min(10, times - 1));
}

/** The record in these bytes; undefined when it is damaged. */
export function readRecord(bytes: Uint8Array | undefined): NodeRecord | undefined {
  const fields = bytes && objectOf(parseJson(new TextDecoder().decode(bytes)));
  if (!fields || !isCount(fields.revision) || !isCount(fields.issuedAt) || !isCount(fields.starts)) return undefined;
  const [current, previous, left] = [slotOf(fields.current), slotOf(fields.previous), objectOf(fields.left)];
  return {
    revision: fields.revision, issuedAt: fields.issuedAt, starts: fields.starts, ...(current ? { current } : {}), ...(previous ? { previous } : {}),
    ...(left && typeof left.manifest === 'string' && isCount(left.atMs) && isCount(left.times) ? { left: { manifest: left.manifest, atMs: left.atMs, times: left.times } } : {}),
  };
}

/** The bytes of a record. */
export function writeRecord(record: NodeRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record));
}

function slotOf(value: unknown): Slot | undefined {
  const fields = objectOf(value);
  return fields && isCount(fields.revision) && typeof fields.manifest === 'string' ? { revision: fields.revision, manifest: fields.manifest } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
