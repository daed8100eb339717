// Pure. What a node tells of itself, which the API passes on as it came.

/** What a node has not reported yet. */
export interface Spool { events: number; bytes: number; refusing: boolean }

/** A revision that a node refused. */
export interface Nack { revision: number; stage: string; code: string; message: string }

/** The spool in a node's own words; undefined when it told nothing. */
export function readSpool(value: unknown): Spool | undefined {
  if (!isFields(value)) return undefined;
  return { events: numberOf(value.events), bytes: numberOf(value.bytes), refusing: value.refusing === true };
}

/** The refusal in a node's own words; undefined when there is none. */
export function readNack(value: unknown): Nack | undefined {
  if (!isFields(value)) return undefined;
  return { revision: numberOf(value.revision), stage: textOf(value.stage), code: textOf(value.code), message: textOf(value.message) };
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0);
const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
