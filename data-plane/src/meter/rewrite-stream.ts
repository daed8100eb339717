import { Buffer } from 'node:buffer';
import type { OwnedStream, Said } from '../stores/redis/owned-stream.ts';
import { frames } from './frames.ts';
import { JournalFailed } from './journal.ts';
import { idText } from './stream-id.ts';
import type { StreamId } from './stream-id.ts';

const charsMost = 256 * 1024;

/**
 * Puts these records in the place of a stream that ends with `from`: beside it, piece by piece, then at once, so that
 * no reader ever finds half of them. Tries until Redis has said how it ended, `elsewhere` when the stream ends
 * otherwise; throws RedisRefused when it refuses.
 */
export async function rewriteStream(at: { stream: OwnedStream; heard: (call: () => Promise<Said>) => Promise<Said | undefined>; texts: readonly string[]; from: string; after: StreamId; mayGoOn: () => boolean }): Promise<{ last: StreamId; sizeBytes: number } | { taken: true } | { elsewhere: string }> {
  const { stream, heard } = at;
  const pieces = piecesOf(at.texts);
  while (at.mayGoOn()) {
    const draft = crypto.randomUUID();
    let last = at.after;
    let ready = '';
    let sizeBytes = 0;
    let whole = true;
    for (const piece of pieces) {
      const id = { epochMs: last.epochMs, number: last.number + 1 };
      const bytes = Buffer.from(frames(piece));
      const [before, here] = [ready, idText(id)];
      const said = await heard(() => stream.prepare(draft, before, here, bytes));
      if (said?.is === 'taken') return { taken: true };
      whole = said?.is === 'kept';
      if (!whole) break;
      last = id;
      ready = here;
      sizeBytes += bytes.length;
    }
    if (!whole) continue;
    for (let open = true; open && at.mayGoOn(); ) {
      const said = await heard(() => stream.swap(draft, at.from, ready));
      if (said?.is === 'kept' || said?.is === 'there') return { last, sizeBytes };
      // It ends where it should, so it is the draft that is gone: once more from the beginning.
      if (said?.is === 'other' && said.last === at.from) open = false;
      else if (said?.is === 'other') return { elsewhere: said.last };
      else if (said) return { taken: true };
    }
  }
  throw new JournalFailed('the journal cannot be written anew');
}

function piecesOf(texts: readonly string[]): string[][] {
  const pieces: string[][] = [[]];
  let chars = 0;
  for (const text of texts) {
    if (chars > 0 && chars + text.length > charsMost) { pieces.push([]); chars = 0; }
    pieces[pieces.length - 1]?.push(text);
    chars += text.length;
  }
  return pieces;
}
