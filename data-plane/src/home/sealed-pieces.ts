import { hash } from 'node:crypto';
import { openBytes, sealBytes } from '@fairlead/shared/crypto/seal.ts';
import type { PieceShelf } from '../snapshot/shelf.ts';
import type { OwnedStream } from '../stores/redis/owned-stream.ts';

const piecesAtOnce = 64;
const bytesAtOnce = 512 * 1024;

/** The pieces of a snapshot in Redis, each sealed and under its hash, some at a time: a million keys are some 110 MB there. `gone`: Redis has lost them. */
export function openSealedPieces(at: { stream: Pick<OwnedStream, 'pieces' | 'pieceNames' | 'keepPieces' | 'dropPieces'>; key: Uint8Array; name: string }): PieceShelf & { gone(): Promise<void> } {
  const { stream, key } = at;
  const aadOf = (sha256: string) => `fairlead-home\n${at.name}\npiece ${sha256}`;
  let owed = false;
  let keptSince = 0;
  let again: () => Promise<unknown> = () => Promise.resolve();
  const said = (answer: { is: string }) => { if (answer.is !== 'kept') throw new Error('another process has this node in Redis'); };

  const open = async (sha256: string, text: string): Promise<Uint8Array | undefined> => {
    try {
      const bytes = await openBytes(key, text, aadOf(sha256));
      return hash('sha256', bytes) === sha256 ? bytes : undefined;
    } catch {
      // Damaged, or of another secret: it is fetched anew.
      return undefined;
    }
  };

  return {
    owes: () => owed,
    onGone: (keep) => { again = keep; },
    async gone() {
      owed = true;
      await again();
    },
    async read(hashes) {
      const found = new Map<string, Uint8Array>();
      for (let from = 0; from < hashes.length; from += piecesAtOnce) {
        const some = hashes.slice(from, from + piecesAtOnce);
        const texts = await stream.pieces(some).catch(() => []);
        for (const [index, sha256] of some.entries()) {
          const text = texts[index];
          const bytes = text === undefined ? undefined : await open(sha256, text);
          if (bytes) found.set(sha256, bytes);
        }
      }
      return found;
    },
    async keep(pieces) {
      let batch: Record<string, string> = {};
      let [count, size] = [0, 0];
      const flush = async () => {
        if (count > 0) said(await stream.keepPieces(batch));
        [batch, count, size] = [{}, 0, 0];
      };
      for (const [sha256, bytes] of pieces) {
        batch[sha256] = await sealBytes(key, bytes, aadOf(sha256));
        count += 1;
        size += bytes.length;
        if (count >= piecesAtOnce || size >= bytesAtOnce) await flush();
      }
      await flush();
      keptSince += pieces.size;
      owed = false;
    },
    async retain(live) {
      // Not worth it for a few.
      if (keptSince < 4 * piecesAtOnce) return;
      keptSince = 0;
      const names = await stream.pieceNames();
      const kept = live();
      const gone = names.filter((sha256) => !kept.has(sha256));
      for (let from = 0; from < gone.length; from += piecesAtOnce) said(await stream.dropPieces(gone.slice(from, from + piecesAtOnce)));
    },
  };
}
