import fc from 'fast-check';
import { expect, test } from 'vitest';
import { piecesOf } from './pieces.ts';

const hour = 3_600_000, day = 24 * hour;
const text = (pieces: ReturnType<typeof piecesOf>) => pieces.map(({ unit, from, to }) => `${unit} ${from.toISOString().slice(0, 13)} ${to.toISOString().slice(0, 13)}`);

test('whole days are read from days, the edges from hours', () => {
  const at = (from: string, to: string, ...starts: string[]) => text(piecesOf(new Date(`${from}:00Z`), new Date(`${to}:00Z`), [from, ...starts].map((start) => new Date(`${start}:00Z`))));
  expect(at('2026-11-01T00:00', '2026-11-30T00:00')).toEqual(['day 2026-11-01T00 2026-11-30T00']);
  expect(at('2026-11-01T05:00', '2026-11-30T02:00')).toEqual(['hour 2026-11-01T05 2026-11-02T00', 'day 2026-11-02T00 2026-11-30T00', 'hour 2026-11-30T00 2026-11-30T02']);
  expect(at('2026-11-01T05:00', '2026-11-01T22:00')).toEqual(['hour 2026-11-01T05 2026-11-01T22']);
  // Months of a zone east of UTC begin in the evening.
  expect(at('2026-10-31T23:00', '2026-12-31T23:00', '2026-11-30T23:00')).toEqual(['hour 2026-10-31T23 2026-11-01T00', 'day 2026-11-01T00 2026-11-30T00', 'hour 2026-11-30T00 2026-12-01T00', 'day 2026-12-01T00 2026-12-31T00', 'hour 2026-12-31T00 2026-12-31T23']);
});

test('pieces cover a span once, days are whole, and no period begins within one', () => {
  const hours = fc.integer({ min: 0, max: 24 * 120 });
  fc.assert(fc.property(hours, fc.integer({ min: 1, max: 24 * 90 }), fc.array(hours, { maxLength: 40 }), (first, length, inner) => {
    const from = first * hour, to = (first + length) * hour;
    const starts = [from, ...[...new Set(inner)].sort((a, b) => a - b).map((at) => at * hour).filter((at) => at > from)];
    const pieces = piecesOf(new Date(from), new Date(to), starts.map((at) => new Date(at)));
    expect(pieces[0]?.from.getTime()).toBe(from);
    expect(pieces.at(-1)?.to.getTime()).toBe(to);
    pieces.forEach((piece, at) => {
      if (at > 0) expect(piece.from).toEqual(pieces[at - 1]?.to);
      expect(piece.from < piece.to).toBe(true);
      if (piece.unit === 'hour') return;
      expect([piece.from.getTime() % day, piece.to.getTime() % day]).toEqual([0, 0]);
      for (const start of starts) if (start > piece.from.getTime() && start < piece.to.getTime()) expect(start % day).toBe(0);
    });
  }));
});
