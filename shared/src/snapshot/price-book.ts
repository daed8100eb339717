// Pure. The prices of a snapshot, ready to be looked up: nothing to parse on a request.
import type { Price, Times } from '../money/price.ts';
import type { MultiplierSubject, SnapshotMultiplier, SnapshotPrice } from './snapshot-price.ts';
import { priceOfRow } from './snapshot-price.ts';

/** Prices by model, upstream and instant, and what multiplies charges. */
export interface PriceBook {
  /** The price of a model at an upstream at this instant: its own row first, then the common one. */
  priceOf(model: string, upstreamId: string, atMs: number): Price | undefined;
  /** What multiplies the charges of this key at this upstream; undefined when nothing does. */
  timesOf(upstreamId: string, tenantId: string, keyId: string): Times | undefined;
}

/** Rows of one model at one place, the latest first. */
type Rows = { fromMs: number; price: Price }[];

/** Compiles checked rows. */
export function compilePrices(rows: readonly SnapshotPrice[], multipliers: readonly SnapshotMultiplier[] = []): PriceBook {
  const prices = new Map<string, Rows>();
  for (const row of [...rows].sort((a, b) => (b.effectiveAt ?? 0) - (a.effectiveAt ?? 0) || (a.id < b.id ? 1 : -1))) {
    const name = nameOf(row.model, row.upstream ?? '');
    const known = prices.get(name);
    const entry = { fromMs: row.effectiveAt ?? 0, price: priceOfRow(row) };
    if (known) known.push(entry);
    else prices.set(name, [entry]);
  }
  const times = new Map(multipliers.map((row) => [subjectName(row.subject, row.id), row.millionths]));
  return {
    priceOf: (model, upstreamId, atMs) => at(prices.get(nameOf(model, upstreamId)), atMs) ?? at(prices.get(nameOf(model, '')), atMs),
    timesOf(upstreamId, tenantId, keyId) {
      if (times.size === 0) return undefined;
      const upstream = times.get(subjectName('UPSTREAM', upstreamId));
      const tenant = times.get(subjectName('TENANT', tenantId));
      const key = times.get(subjectName('KEY', keyId));
      return upstream === undefined && tenant === undefined && key === undefined ? undefined : { upstream, tenant, key };
    },
  };
}

function at(rows: Rows | undefined, atMs: number): Price | undefined {
  if (rows === undefined) return undefined;
  for (const row of rows) if (row.fromMs <= atMs) return row.price;
  return undefined;
}

function nameOf(model: string, upstream: string): string {
  return `${model.toLowerCase()}|${upstream}`;
}

function subjectName(subject: MultiplierSubject, id: string): string {
  return `${subject}:${id}`;
}
