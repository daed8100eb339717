import { hash } from 'node:crypto';
import type { Ref } from '@fairlead/shared/snapshot/page.ts';
import { OfferRefused } from './refused.ts';

/** Where pieces and roots come from; for one offer, with its deadline. */
export interface Source {
  /** The piece's bytes, of exactly its length. */
  piece(ref: Ref): Promise<Uint8Array>;
  /** A root's bytes; undefined when there is none of this version. */
  root(version: number): Promise<Uint8Array | undefined>;
}

/** So many pieces are fetched at once. */
const atOnce = 8;

/** Fetches pieces, a few at a time. Each is checked by its hash before anything looks into it; `got` is told of it at once, so that a fetch that is cut short is not for nothing. */
export async function fetchPieces(refs: readonly Ref[], source: Source, got: (ref: Ref, bytes: Uint8Array) => void): Promise<void> {
  const queue = refs.values();
  const worker = async () => {
    for (const ref of queue) {
      const bytes = await source.piece(ref);
      if (bytes.length !== ref.bytes || hash('sha256', bytes) !== ref.sha256) throw new OfferRefused('gather', 'altered', 'A piece is not what its hash says.', ref.sha256);
      got(ref, bytes);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, refs.length) }, worker));
}
