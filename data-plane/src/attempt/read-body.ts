import { openPull } from '../journey/pull.ts';

/** The beginning of a body: some vendors' errors repeat the whole request. */
export async function readSome(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Uint8Array> {
  let size = 0;
  async function* beginning(): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      yield chunk.subarray(0, mostBytes - size);
      size += chunk.length;
      if (size >= mostBytes) return;
    }
  }
  return readAll(beginning(), mostBytes);
}

/** A whole body of at most `capBytes`; `onPiece` runs for each piece. Throws when it is larger. What is at hand already comes without a promise. */
export function readAll(body: AsyncIterable<Uint8Array>, capBytes: number, onPiece: () => void = () => undefined): Uint8Array | Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = openPull(body);
  const take = (chunk: Uint8Array) => {
    onPiece();
    size += chunk.length;
    if (size > capBytes) { source.stop(); throw new Error(`the answer is larger than ${capBytes} bytes`); }
    chunks.push(chunk);
  };
  const rest = async (coming: Promise<Uint8Array | undefined>): Promise<Uint8Array> => {
    for (let chunk = await coming; chunk !== undefined; chunk = await source.next()) take(chunk);
    return joined(chunks, size);
  };
  for (;;) {
    const coming = source.next();
    if (coming instanceof Promise) return rest(coming);
    if (coming === undefined) return joined(chunks, size);
    take(coming);
  }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  if (chunks.length === 1) return chunks[0] ?? new Uint8Array();
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) { all.set(chunk, at); at += chunk.length; }
  return all;
}

/** A header as one text. */
export function headerText(value: string | string[] | undefined): string {
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

/** The beginning of a body on one line, for people. */
export function briefly(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 300)).replace(/\s+/g, ' ').trim();
}
