// Pure. The most an attempt may cost.
import { roundedOf } from './charge.ts';
import type { ChargeContext } from './charge.ts';
import type { Price, Rates } from './price.ts';
import { oneMillionths, standardService } from './price.ts';
import { inputKinds, outputKinds, useKinds } from './reading.ts';
import type { UnitKind, Units } from './reading.ts';

/** How much a request may use. */
export interface Bounds {
  /** The most input tokens; no text has more tokens than bytes. */
  input: number;
  output: number;
  /** Whether it may write to a cache, which can cost more than fresh input. */
  writesCache: boolean;
  /** How often each of the vendor's tools may be used at most; absent = not at all. */
  uses?: Units | undefined;
}

const million = 1_000_000n;
const one = BigInt(oneMillionths);

/**
 * The upper bound of a charge: every input token at the dearest price that input may have, every output token at the
 * dearest of output, by the dearest prices among those that a prompt of this length can reach, at the grade of service
 * that is asked for or the usual one, whichever costs more, with every use of a tool that is allowed.
 */
export function reservationOf(bounds: Bounds, price: Price, context?: ChargeContext): bigint {
  let most = mostOf(bounds, price, price.steps, price, one);
  const asked = context?.service;
  // A vendor that has no room at the grade that is asked for may serve, and charge, as usual.
  const grade = asked === undefined || asked === standardService ? undefined : price.services?.find(({ name }) => name === asked);
  if (grade !== undefined) {
    const other = 'rates' in grade ? mostOf(bounds, grade.rates, grade.steps, price, one) : mostOf(bounds, price, price.steps, price, BigInt(grade.millionths));
    if (other > most) most = other;
  }
  for (const kind of useKinds) most += BigInt(bounds.uses?.[kind] ?? 0) * (price.units?.[kind] ?? 0n) * one;
  return roundedOf(most + (price.requestNano ?? 0n) * million * one, context?.times);
}

function mostOf(bounds: Bounds, usual: Rates, steps: Price['steps'], price: Price, millionths: bigint): bigint {
  let most = atRates(bounds, usual, price);
  if (steps !== undefined) {
    for (const step of steps) {
      if (step.fromTokens > bounds.input) break;
      const at = atRates(bounds, step, price);
      if (at > most) most = at;
    }
  }
  return most * millionths;
}

function atRates({ input, output, writesCache }: Bounds, rates: Rates, { units }: Price): bigint {
  let dearest = larger(rates.inputNano, rates.cacheReadNano);
  if (writesCache) dearest = larger(dearest, larger(rates.cacheWrite5mNano, rates.cacheWrite1hNano));
  const spoken = larger(rates.outputNano, rates.reasoningNano ?? 0n);
  return BigInt(input) * dearestUnit(inputKinds, units, dearest) + BigInt(output) * dearestUnit(outputKinds, units, spoken);
}

function dearestUnit(kinds: readonly UnitKind[], units: Price['units'], plain: bigint): bigint {
  let dearest = plain;
  if (units !== undefined) for (const kind of kinds) dearest = larger(dearest, units[kind] ?? 0n);
  return dearest;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
