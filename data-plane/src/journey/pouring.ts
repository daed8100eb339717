// Pure.

/** Takes bytes on their way to a client; a promise when it must not be given more yet. Throws when the client has left. */
export type Pour = (bytes: Uint8Array) => Promise<void> | undefined;

/** A stream that can also be poured: the same bytes and the same end, without an iterator's step for each piece. Use one of both. */
export interface Pourable extends AsyncIterable<Uint8Array> { pour(to: Pour): Promise<void> }

/** Whether a stream can be poured. */
export function canPour(source: AsyncIterable<Uint8Array>): source is Pourable {
  return 'pour' in source && typeof source.pour === 'function';
}
