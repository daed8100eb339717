// Pure. Rows of usage as the series of a chart.

/** What a chart can show. */
export type Measure = 'cost' | 'tokens' | 'requests';

/** Sums as the API answers them. */
export interface Sums { requests: number; inputTokens: number; outputTokens: number; cacheReadTokens: number; cacheWriteTokens: number; cost: { amount: string } }

/** One bar's place: where it begins, and how it is labelled. */
export interface Bucket { at: number }

/** One colour of the chart, with one value for each bucket. */
export interface Series { id: string; name: string; colour: number; values: number[]; total: number }

/** How many series have a colour of their own. */
export const mostSeries = 6;

/** How much a row counts; only for drawing, for it goes through a float. */
export function sizeOf(row: Sums, measure: Measure): number {
  if (measure === 'cost') return Number(row.cost.amount);
  return measure === 'requests' ? row.requests : row.inputTokens + row.outputTokens + row.cacheReadTokens + row.cacheWriteTokens;
}

/** The buckets of a span, from the one `from` is in until before `to`. */
export function bucketsOf(from: number, to: number, stepMs: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let at = Math.floor(from / stepMs) * stepMs; at < to; at += stepMs) buckets.push({ at });
  return buckets;
}

/** Rows as series, the largest first; the smallest are one together. */
export function seriesOf(rows: readonly (Sums & { at: string | null; id: string | null })[], buckets: readonly Bucket[], measure: Measure, nameOf: (id: string | null) => string, others: string): Series[] {
  const place = new Map(buckets.map((bucket, index) => [bucket.at, index]));
  const byId = new Map<string | null, Series>();
  for (const row of rows) {
    const index = row.at === null ? undefined : place.get(new Date(row.at).getTime());
    if (index === undefined) continue;
    const series = byId.get(row.id) ?? { id: row.id ?? '', name: nameOf(row.id), colour: 0, values: buckets.map(() => 0), total: 0 };
    byId.set(row.id, series);
    const size = sizeOf(row, measure);
    series.values[index] = (series.values[index] ?? 0) + size;
    series.total += size;
  }
  const sorted = [...byId.values()].sort((a, b) => b.total - a.total || (a.name < b.name ? -1 : 1)).map((series, colour) => ({ ...series, colour }));
  if (sorted.length <= mostSeries) return sorted;
  const rest = sorted.slice(mostSeries - 1);
  const together: Series = { id: '*', name: others, colour: mostSeries - 1, values: buckets.map((_, index) => rest.reduce((sum, series) => sum + (series.values[index] ?? 0), 0)), total: rest.reduce((sum, series) => sum + series.total, 0) };
  return [...sorted.slice(0, mostSeries - 1), together];
}

/** The next round number from which an axis can be halved: 1, 2, 4 or 5 times a power of ten. */
export function niceTop(largest: number): number {
  if (!(largest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  return ([1, 2, 4, 5, 10].find((times) => times * power >= largest * 0.999999) ?? 10) * power;
}
