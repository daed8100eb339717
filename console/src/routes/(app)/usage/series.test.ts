import { expect, test } from 'vitest';
import { bucketsOf, mostSeries, niceTop, seriesOf } from './series.ts';

const hour = 3_600_000;
const row = (id: string | null, at: number, requests: number) => ({ id, at: new Date(at).toISOString(), requests, inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: { amount: '0' } });
const name = (id: string | null) => id ?? 'unknown';

test('a span has one bucket for each step, the running one too', () => {
  expect(bucketsOf(hour * 1.5, hour * 3.2, hour).map(({ at }) => at / hour)).toEqual([1, 2, 3]);
});

test('rows are added up by bucket, with the largest series first', () => {
  const series = seriesOf([row('a', hour, 1), row('b', hour, 5), row('a', 2 * hour, 2), row(null, hour, 1)], bucketsOf(hour, 3 * hour, hour), 'requests', name, 'Others');
  expect(series.map((one) => [one.name, one.values])).toEqual([['b', [5, 0]], ['a', [1, 2]], ['unknown', [1, 0]]]);
});

test('the smallest are one together, and nothing is lost', () => {
  const rows = Array.from({ length: 20 }, (_, index) => row(`m${index}`, hour, index + 1));
  const series = seriesOf(rows, bucketsOf(hour, 2 * hour, hour), 'requests', name, 'Others');
  expect(series).toHaveLength(mostSeries);
  expect(series.at(-1)?.name).toBe('Others');
  expect(series.reduce((sum, one) => sum + one.total, 0)).toBe(210);
});

test.each([[0, 1], [0.00031, 0.0004], [1, 1], [37, 40], [501, 1000]])('the axis over %d ends at %d', (largest, top) => {
  expect(niceTop(largest)).toBeCloseTo(top, 10);
});
