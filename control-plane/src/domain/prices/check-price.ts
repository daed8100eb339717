// Pure. A price as people give it, in dollars, becomes one that is counted with; every problem is said by its place.
import { millionthsOf } from '@fairlead/shared/money/dollars.ts';
import { isServiceName, standardService } from '@fairlead/shared/money/price.ts';
import type { Price, Rates, Service, Step } from '@fairlead/shared/money/price.ts';
import { unitKinds } from '@fairlead/shared/money/reading.ts';
import type { UnitKind } from '@fairlead/shared/money/reading.ts';
import { isMillionths, mostServices, mostSteps } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { Checks, Unset } from '../check.ts';

/** Prices of tokens in dollars for a million of them; what is left out follows from the input's price. */
export interface RatesInput { input: string; output: string; cacheRead?: string | Unset; cacheWrite5m?: string | Unset; cacheWrite1h?: string | Unset; reasoning?: string | Unset }

/** Prices of prompts from so many tokens on. */
export interface StepInput extends RatesInput { fromTokens: number }

/** A grade of service: a multiplier, or prices of its own. */
export interface ServiceInput { name: string; multiplier?: string | Unset; rates?: RatesInput | Unset; steps?: readonly StepInput[] | Unset }

/** Everything that a price may say, in dollars. */
export interface PriceInput extends RatesInput {
  request?: string | Unset;
  /** Dollars for a million uses of a tool, or a million tokens. */
  units?: readonly { kind: string; price: string }[] | Unset;
  steps?: readonly StepInput[] | Unset;
  services?: readonly ServiceInput[] | Unset;
}

// A snapshot holds amounts of at most eighteen digits: one that does not fit would stop publishing for everyone.
const mostNano = 1_000_000n * 1_000_000_000n;
const mostTokens = 100_000_000;

/** The price that is meant; gathers what is wrong with it. */
export function checkPrice(checks: Checks, input: PriceInput, path: string[] = []): Omit<Price, 'id'> {
  const units = checkUnits(checks, input.units ?? [], [...path, 'units']);
  const steps = checkSteps(checks, input.steps ?? [], [...path, 'steps']);
  const services = checkServices(checks, input.services ?? [], [...path, 'services']);
  const requestNano = input.request ? amount(checks, input.request, [...path, 'request']) : 0n;
  return {
    ...checkRates(checks, input, path),
    ...(requestNano === 0n ? {} : { requestNano }), ...(units ? { units } : {}), ...(steps.length === 0 ? {} : { steps }), ...(services.length === 0 ? {} : { services }),
  };
}

function checkRates(checks: Checks, input: RatesInput, path: string[]): Rates {
  const inputNano = amount(checks, input.input, [...path, 'input']);
  const or = (text: string | Unset, field: string, otherwise: bigint) => (text ? amount(checks, text, [...path, field]) : within(checks, otherwise, [...path, field]));
  return {
    inputNano, outputNano: amount(checks, input.output, [...path, 'output']),
    cacheReadNano: or(input.cacheRead, 'cacheRead', inputNano / 10n), cacheWrite5mNano: or(input.cacheWrite5m, 'cacheWrite5m', (inputNano * 5n) / 4n), cacheWrite1hNano: or(input.cacheWrite1h, 'cacheWrite1h', inputNano * 2n),
    ...(input.reasoning ? { reasoningNano: amount(checks, input.reasoning, [...path, 'reasoning']) } : {}),
  };
}

function checkSteps(checks: Checks, rows: readonly StepInput[], path: string[]): Step[] {
  if (rows.length > mostSteps) checks.say(path, 'TOO_LONG', `It must have at most ${mostSteps} steps.`);
  let before = 0;
  return rows.slice(0, mostSteps).map((row, at) => {
    const here = [...path, String(at)];
    const fromTokens = checks.count(row.fromTokens, [...here, 'fromTokens'], 1, mostTokens) ?? 1;
    if (at > 0 && fromTokens <= before) checks.say([...here, 'fromTokens'], 'INVALID', 'It must be more than that of the step before.', 'Put the steps in the order of their thresholds.');
    before = fromTokens;
    return { fromTokens, ...checkRates(checks, row, here) };
  });
}

function checkServices(checks: Checks, rows: readonly ServiceInput[], path: string[]): Service[] {
  if (rows.length > mostServices) checks.say(path, 'TOO_LONG', `It must have at most ${mostServices} grades of service.`);
  const seen = new Set<string>([standardService]);
  return rows.slice(0, mostServices).flatMap((row, at): Service[] => {
    const here = [...path, String(at)];
    const name = row.name.trim().toLowerCase();
    if (!isServiceName(name)) checks.say([...here, 'name'], 'INVALID', 'It must be a vendor\'s word for a grade of service, such as "priority", "flex" or "batch".');
    else if (seen.has(name)) checks.say([...here, 'name'], 'TAKEN', `There is another price for "${name}".`);
    seen.add(name);
    if (row.rates) {
      if (row.multiplier) checks.say([...here, 'multiplier'], 'INVALID', 'A grade of service has either a multiplier or prices of its own.');
      return [{ name, rates: checkRates(checks, row.rates, [...here, 'rates']), steps: checkSteps(checks, row.steps ?? [], [...here, 'steps']) }];
    }
    if (row.steps && row.steps.length > 0) checks.say([...here, 'steps'], 'INVALID', 'Steps need prices to start from.', 'Give `rates` too.');
    return [{ name, millionths: checkMultiplier(checks, row.multiplier ?? '', [...here, 'multiplier']) }];
  });
}

function checkUnits(checks: Checks, rows: readonly { kind: string; price: string }[], path: string[]): Partial<Record<UnitKind, bigint>> | undefined {
  const units: Partial<Record<UnitKind, bigint>> = {};
  rows.forEach((row, at) => {
    const here = [...path, String(at)];
    const kind = unitKinds.find((known) => known === row.kind);
    if (kind === undefined) return checks.say([...here, 'kind'], 'INVALID', `It must be one of ${unitKinds.join(', ')}.`);
    if (units[kind] !== undefined) return checks.say([...here, 'kind'], 'TAKEN', `There is another price for ${kind}.`);
    units[kind] = amount(checks, row.price, [...here, 'price']);
  });
  return rows.length === 0 ? undefined : units;
}

/** The millionths of a multiplier; gathers what is wrong with it. */
export function checkMultiplier(checks: Checks, text: string, path: string[]): number {
  const millionths = millionthsOf(text.trim());
  if (millionths !== undefined && isMillionths(millionths)) return millionths;
  checks.say(path, 'INVALID', 'It must be a number above 0 and up to 100, such as "0.85", with at most six digits after the point.');
  return 1;
}

function amount(checks: Checks, text: string, path: string[]): bigint {
  return within(checks, checks.amount(text, path, 0n), path);
}

function within(checks: Checks, nano: bigint, path: string[]): bigint {
  if (nano <= mostNano) return nano;
  checks.say(path, 'INVALID', 'It must be at most $1,000,000 for a million; what is left out is derived from the input.');
  return 0n;
}
