import type { Price as PriceRow, Tx } from '@fairlead/prisma';
import { Refused } from '../problem.ts';

/** Where a price counts: a model, at one upstream or everywhere. */
export interface PricePlace { modelName: string; upstreamId: string | null }

/** The row that counts at an instant, at this very place. */
export function rowAt(tx: Pick<Tx, 'price'>, place: PricePlace, at: Date): Promise<PriceRow | null> {
  return tx.price.findFirst({ where: { ...place, effectiveAt: { lte: at } }, orderBy: [{ effectiveAt: 'desc' }, { id: 'desc' }] });
}

/**
 * From when a new row counts. Each row counts until the next one takes over, so there is neither a gap nor an overlap;
 * what could break that is refused: two rows of one instant, and a row in the past where something has counted since.
 */
export async function checkEffective(tx: Tx, place: PricePlace, asked: Date | null | undefined, now: Date): Promise<Date> {
  const at = asked ?? now;
  if (at.getTime() > now.getTime() + mostAheadMs) throw refused('It must be within the next five years.');
  const same = await tx.price.findFirst({ where: { ...place, effectiveAt: at }, select: { id: true } });
  if (same && at.getTime() > now.getTime()) throw new Refused({ code: 'TAKEN', message: 'Another price takes effect at this very instant.', path: ['effectiveAt'], fix: 'Choose another instant: of two prices the later one counts.' });
  // Two changes within one millisecond: the second one follows the first.
  if (same && at.getTime() === now.getTime()) return new Date(at.getTime() + 1);
  if (at.getTime() >= now.getTime()) return at;
  const first = await tx.price.findFirst({ where: { ...place, effectiveAt: { lte: now } }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const elsewhere = place.upstreamId === null ? null : await rowAt(tx, { modelName: place.modelName, upstreamId: null }, now);
  if ((first && first.effectiveAt.getTime() <= at.getTime()) || elsewhere) throw refused('A price has counted since then: what was charged by it stays.', 'Leave `effectiveAt` out to let it count from now on. Only a time in which nothing had a price can be filled.');
  return at;
}

const mostAheadMs = 5 * 366 * 86_400_000;

function refused(message: string, fix?: string): Refused {
  return new Refused({ code: 'INVALID', message, path: ['effectiveAt'], ...(fix === undefined ? {} : { fix }) });
}
