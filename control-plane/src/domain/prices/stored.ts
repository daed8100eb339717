// Pure. Prices between the database's columns, the snapshot and what is counted with.
import type { Price as PriceRow, Prisma } from '@fairlead/prisma';
import type { Price } from '@fairlead/shared/money/price.ts';
import { priceOfRow, priceProblem, rowOfRates, rowOfTerms } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { SnapshotPrice } from '@fairlead/shared/snapshot/snapshot-price.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';

/** The columns that say what a model costs. */
export type PriceColumns = Pick<PriceRow, 'id' | 'modelName' | 'upstreamId' | 'inputNano' | 'outputNano' | 'cacheReadNano' | 'cacheWrite5mNano' | 'cacheWrite1hNano' | 'reasoningNano' | 'requestNano' | 'units' | 'steps' | 'services' | 'effectiveAt'>;

/** A stored price as nodes are told it. One that cannot be read is none: its model then shows as unpriced, and is not charged by half of a price. */
export function snapshotPriceOf(row: PriceColumns, nowMs: number): SnapshotPrice | undefined {
  // A node whose clock is behind must not wait for what counts already: only what is to come says when.
  const coming = row.effectiveAt.getTime() > nowMs;
  const price: Record<string, unknown> = {
    id: row.id, model: row.modelName, ...(row.upstreamId === null ? {} : { upstream: row.upstreamId }), ...(coming ? { effectiveAt: row.effectiveAt.getTime() } : {}),
    inputNano: String(row.inputNano), outputNano: String(row.outputNano), cacheReadNano: String(row.cacheReadNano), cacheWrite5mNano: String(row.cacheWrite5mNano), cacheWrite1hNano: String(row.cacheWrite1hNano),
    ...(row.reasoningNano === null ? {} : { reasoningNano: String(row.reasoningNano) }),
    ...(row.requestNano === 0n ? {} : { requestNano: String(row.requestNano) }),
    ...(row.units === null ? {} : { units: row.units }), ...(row.steps === null ? {} : { steps: row.steps }), ...(row.services === null ? {} : { services: row.services }),
  };
  return isSnapshotPrice(price) ? price : undefined;
}

/** A stored price as it is counted with. */
export function priceOfStored(row: PriceColumns): Price | undefined {
  const price = snapshotPriceOf(row, Infinity);
  return price && priceOfRow(price);
}

function isSnapshotPrice(row: unknown): row is SnapshotPrice {
  return isLoose(row) && priceProblem(row) === undefined;
}

/** What is written of a price. */
export function columnsOf(price: Omit<Price, 'id'>): Pick<Prisma.PriceUncheckedCreateInput, 'inputNano' | 'outputNano' | 'cacheReadNano' | 'cacheWrite5mNano' | 'cacheWrite1hNano' | 'reasoningNano' | 'requestNano' | 'units' | 'steps' | 'services'> {
  const { units, steps, services } = rowOfTerms(price);
  return {
    inputNano: price.inputNano, outputNano: price.outputNano, cacheReadNano: price.cacheReadNano, cacheWrite5mNano: price.cacheWrite5mNano, cacheWrite1hNano: price.cacheWrite1hNano,
    reasoningNano: price.reasoningNano ?? null, requestNano: price.requestNano ?? 0n,
    ...(units ? { units } : {}), ...(steps ? { steps: steps.map((step) => ({ ...step })) } : {}), ...(services ? { services: services.map((service) => JSON.parse(JSON.stringify(service))) } : {}),
  };
}

/** Whether a stored price says the same as another one. */
export function isSamePrice(row: PriceColumns, price: Omit<Price, 'id'>): boolean {
  const stored = priceOfStored(row);
  return stored !== undefined && JSON.stringify({ ...rowOfRates(stored), ...rowOfTerms(stored) }) === JSON.stringify({ ...rowOfRates(price), ...rowOfTerms(price) });
}
