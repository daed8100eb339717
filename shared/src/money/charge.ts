// Pure. Reading × Price. Sums are exact; one charge is rounded once.
import type { Price, Terms, Times } from './price.ts';
import { oneMillionths, termsOf } from './price.ts';
import type { Reading, UnitKind } from './reading.ts';
import { inputKinds, outputKinds, promptOf, useKinds } from './reading.ts';

export type { Price } from './price.ts';
export type { Reading, UnitKind, Units } from './reading.ts';
export { noReading, unitKinds } from './reading.ts';
export { usdNano, usdText } from './dollars.ts';

/** What a charge depends on besides the reading and the price. */
export interface ChargeContext {
  /** The grade of service that was asked for; what the vendor says that it gave counts more. */
  service?: string | undefined;
  times?: Times | undefined;
}

/** What a part of a charge is for. */
export type PartKind = 'input' | 'cache-read' | 'cache-write-5m' | 'cache-write-1h' | 'output' | 'reasoning' | 'request' | UnitKind;

/** One part of a charge: so many, at a price for a million, times the millionths of a grade of service. */
export interface ChargePart { kind: PartKind; count: number; perMillionNano: bigint; millionths: bigint }

/** The parts of a charge, and the terms they were made by. */
export interface ChargeParts extends Terms { parts: ChargePart[] }

const million = 1_000_000n;
const one = BigInt(oneMillionths);
const noTimes: Times = {};

/** What a reading is made up of, at its prices, before multipliers and before rounding. Parts of nothing are left out. */
export function partsOf(reading: Reading, price: Price, asked?: string): ChargeParts {
  const terms = termsOf(price, promptOf(reading), reading.service ?? asked);
  const { rates, millionths } = terms;
  const parts: ChargePart[] = [];
  const add = (kind: PartKind, count: number, perMillionNano: bigint, by: bigint) => { if (count > 0) parts.push({ kind, count, perMillionNano, millionths: by }); };
  // What has a price of its own is taken out of what it is part of: nothing is charged twice.
  const takeOut = (kinds: readonly UnitKind[], whole: number) => {
    let plain = whole;
    for (const kind of kinds) {
      const unitNano = price.units?.[kind];
      if (unitNano === undefined) continue;
      const count = Math.min(reading.units?.[kind] ?? 0, plain);
      add(kind, count, unitNano, millionths);
      plain -= count;
    }
    return plain;
  };
  add('input', takeOut(inputKinds, reading.input), rates.inputNano, millionths);
  add('cache-read', reading.cacheRead, rates.cacheReadNano, millionths);
  add('cache-write-5m', reading.cacheWrite5m, rates.cacheWrite5mNano, millionths);
  add('cache-write-1h', reading.cacheWrite1h, rates.cacheWrite1hNano, millionths);
  const spoken = takeOut(outputKinds, reading.output);
  const reasoning = rates.reasoningNano === undefined ? 0 : Math.min(reading.reasoning, spoken);
  add('output', spoken - reasoning, rates.outputNano, millionths);
  add('reasoning', reasoning, rates.reasoningNano ?? 0n, millionths);
  // Vendors ask the same for their tools whatever the grade of service.
  for (const kind of useKinds) add(kind, reading.units?.[kind] ?? 0, price.units?.[kind] ?? 0n, one);
  // A call that used nothing, as one that was refused, is no request that anyone charges for.
  if (price.requestNano !== undefined && price.requestNano > 0n && parts.length > 0) add('request', 1, price.requestNano * million, one);
  return { rates, fromTokens: terms.fromTokens, millionths, service: terms.service, parts };
}

/** The exact sum of parts in nano-USD × 10^12. */
export function exactOf(parts: readonly ChargePart[]): bigint {
  let sum = 0n;
  for (const part of parts) sum += BigInt(part.count) * part.perMillionNano * part.millionths;
  return sum;
}

/** An exact sum times the multipliers, rounded up to whole nano-USD. */
export function roundedOf(exact: bigint, times: Times = noTimes): bigint {
  let numerator = exact;
  let denominator = million * one;
  for (const factor of [times.upstream, times.tenant, times.key]) {
    if (factor === undefined || factor === oneMillionths) continue;
    numerator *= BigInt(factor);
    denominator *= one;
  }
  return (numerator + denominator - 1n) / denominator;
}

/** What a reading costs in nano-USD, rounded up once. */
export function chargeOf(reading: Reading, price: Price, context?: ChargeContext): bigint {
  return roundedOf(exactOf(partsOf(reading, price, context?.service).parts), context?.times);
}
