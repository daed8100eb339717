// Pure. Which sums a span is read from: whole days of UTC from sums of days, what is left at their edges from sums of hours.

/** A part of a span, and the sums it is read from. */
export interface Piece { unit: 'day' | 'hour'; from: Date; to: Date }

const hourMs = 3_600_000, dayMs = 24 * hourMs;
// More pieces would cost more than the hours that they save.
const mostPieces = 13;

/** Cuts a span of whole hours so that no day is read as a whole in which another period begins. `starts` are the beginnings of its periods. */
export function piecesOf(from: Date, to: Date, starts: readonly Date[]): Piece[] {
  const cuts = [...starts.map((start) => start.getTime()).filter((start) => start > from.getTime() && start < to.getTime()), to.getTime()];
  const pieces: Piece[] = [];
  let at = from.getTime();
  for (const cut of cuts) {
    const firstDay = Math.ceil(at / dayMs) * dayMs, lastDay = Math.floor(cut / dayMs) * dayMs;
    if (firstDay < lastDay) {
      put(pieces, 'hour', at, firstDay);
      put(pieces, 'day', firstDay, lastDay);
      put(pieces, 'hour', lastDay, cut);
    } else put(pieces, 'hour', at, cut);
    at = cut;
  }
  return pieces.length <= mostPieces ? pieces : [{ unit: 'hour', from, to }];
}

/** The hours or days of a piece; undefined when there are more than `most`. */
export function timesIn({ unit, from, to }: Piece, most: number): Date[] | undefined {
  const stepMs = unit === 'day' ? dayMs : hourMs;
  const count = Math.ceil((to.getTime() - from.getTime()) / stepMs);
  return count > most ? undefined : Array.from({ length: count }, (_, at) => new Date(from.getTime() + at * stepMs));
}

function put(pieces: Piece[], unit: Piece['unit'], from: number, to: number): void {
  if (from >= to) return;
  const last = pieces.at(-1);
  if (last?.unit === unit) last.to = new Date(to);
  else pieces.push({ unit, from: new Date(from), to: new Date(to) });
}
