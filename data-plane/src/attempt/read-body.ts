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

/** A whole body of at most `capBytes`; `onPiece` runs for each piece. Throws when it is larger. */
export async function readAll(body: AsyncIterable<Uint8Array>, capBytes: number, onPiece: () => void = () => undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const source = openPull(body);
  for (;;) {
    const coming = source.next();
    const chunk = coming instanceof Promise ? await coming : coming;
    if (chunk === undefined) break;
    onPiece();
    size += chunk.length;
    if (size > capBytes) { source.stop(); throw new Error(`the answer is larger than ${capBytes} bytes`); }
    chunks.push(chunk);
  }
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
