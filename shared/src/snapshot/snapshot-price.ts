// Pure. Prices as a snapshot and the database's columns write them: amounts are decimal strings of nano-USD.
import type { Price, Rates, Service, Step } from '../money/price.ts';
import { isServiceName, timesMost } from '../money/price.ts';
import { unitKinds } from '../money/reading.ts';
import type { UnitKind } from '../money/reading.ts';

export interface SnapshotRates { inputNano: string; outputNano: string; cacheReadNano: string; cacheWrite5mNano: string; cacheWrite1hNano: string; reasoningNano?: string }

export interface SnapshotStep extends SnapshotRates { fromTokens: number }

export type SnapshotService = { name: string } & ({ millionths: number } | (SnapshotRates & { steps?: SnapshotStep[] }));

/** What a row of prices says beside the usual prices of tokens. */
export interface SnapshotPriceTerms { requestNano?: string; units?: Partial<Record<UnitKind, string>>; steps?: SnapshotStep[]; services?: SnapshotService[] }

export interface SnapshotPrice extends SnapshotRates, SnapshotPriceTerms {
  id: string;
  model: string;
  /** Only for this upstream; absent = everywhere. */
  upstream?: string;
  /** From when it counts, in epoch ms; absent = since ever. Of those that count the latest one does. */
  effectiveAt?: number;
}

/** What multiplies the charges of one upstream, tenant or key. */
export interface SnapshotMultiplier { subject: MultiplierSubject; id: string; millionths: number }

/** Whose charges a multiplier counts for. */
export const multiplierSubjects = ['UPSTREAM', 'TENANT', 'KEY'] as const;
export type MultiplierSubject = (typeof multiplierSubjects)[number];

/** How many steps of long prompts, and how many grades of service, a price may have. */
export const mostSteps = 8;
export const mostServices = 8;

const rateFields = ['inputNano', 'outputNano', 'cacheReadNano', 'cacheWrite5mNano', 'cacheWrite1hNano'] as const;

/** Where a price breaks the schema, and how; undefined when it is sound. */
export function priceProblem(row: Readonly<Record<string, unknown>>): { at: string; problem: string } | undefined {
  const wrong = ratesProblem(row, '') ?? stepsProblem(row.steps, 'steps');
  if (wrong) return wrong;
  if (row.requestNano !== undefined && !isAmount(row.requestNano)) return { at: 'requestNano', problem: 'is no amount' };
  if (row.effectiveAt !== undefined && !isCount(row.effectiveAt)) return { at: 'effectiveAt', problem: 'is no instant' };
  if (row.units !== undefined) {
    if (!isObject(row.units)) return { at: 'units', problem: 'must be an object' };
    for (const [kind, amount] of Object.entries(row.units)) if (!unitKinds.some((known) => known === kind) || !isAmount(amount)) return { at: `units.${kind}`, problem: 'is no amount of a known kind' };
  }
  return row.services === undefined ? undefined : servicesProblem(row.services);
}

function servicesProblem(value: unknown): { at: string; problem: string } | undefined {
  if (!Array.isArray(value) || value.length > mostServices) return { at: 'services', problem: `must be a list of at most ${mostServices}` };
  const names = new Set<string>();
  for (const [at, item] of value.entries()) {
    const path = `services[${at}]`;
    if (!isObject(item) || typeof item.name !== 'string' || !isServiceName(item.name) || names.has(item.name)) return { at: path, problem: 'must have a name of its own' };
    names.add(item.name);
    if (item.millionths !== undefined) {
      if (!isMillionths(item.millionths)) return { at: `${path}.millionths`, problem: 'is no multiplier' };
    } else {
      const wrong = ratesProblem(item, `${path}.`) ?? stepsProblem(item.steps, `${path}.steps`);
      if (wrong) return wrong;
    }
  }
  return undefined;
}

function stepsProblem(value: unknown, path: string): { at: string; problem: string } | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > mostSteps) return { at: path, problem: `must be a list of at most ${mostSteps}` };
  let before = 0;
  for (const [at, step] of value.entries()) {
    if (!isObject(step) || !isCount(step.fromTokens) || Number(step.fromTokens) <= before) return { at: `${path}[${at}].fromTokens`, problem: 'must be more than the one before' };
    before = Number(step.fromTokens);
    const wrong = ratesProblem(step, `${path}[${at}].`);
    if (wrong) return wrong;
  }
  return undefined;
}

function ratesProblem(row: Readonly<Record<string, unknown>>, path: string): { at: string; problem: string } | undefined {
  for (const field of rateFields) if (!isAmount(row[field])) return { at: `${path}${field}`, problem: 'is no amount' };
  if (row.reasoningNano !== undefined && !isAmount(row.reasoningNano)) return { at: `${path}reasoningNano`, problem: 'is no amount' };
  return undefined;
}

/** Whether a value is a multiplier in millionths: more than nothing, at most a hundredfold. */
export function isMillionths(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= timesMost;
}

/** A sound row as it is counted with. */
export function priceOfRow(row: SnapshotPrice): Price {
  return {
    id: row.id, ...ratesOfRow(row),
    ...(row.requestNano === undefined ? {} : { requestNano: BigInt(row.requestNano) }),
    ...(row.units === undefined ? {} : { units: unitsOfRow(row.units) }),
    ...(row.steps === undefined ? {} : { steps: row.steps.map(stepOfRow) }),
    ...(row.services === undefined ? {} : { services: row.services.map(serviceOfRow) }),
  };
}

function ratesOfRow(row: SnapshotRates): Rates {
  return {
    inputNano: BigInt(row.inputNano), outputNano: BigInt(row.outputNano), cacheReadNano: BigInt(row.cacheReadNano), cacheWrite5mNano: BigInt(row.cacheWrite5mNano), cacheWrite1hNano: BigInt(row.cacheWrite1hNano),
    ...(row.reasoningNano === undefined ? {} : { reasoningNano: BigInt(row.reasoningNano) }),
  };
}

function stepOfRow(row: SnapshotStep): Step {
  return { fromTokens: row.fromTokens, ...ratesOfRow(row) };
}

function serviceOfRow(row: SnapshotService): Service {
  return 'millionths' in row ? { name: row.name, millionths: row.millionths } : { name: row.name, rates: ratesOfRow(row), steps: (row.steps ?? []).map(stepOfRow) };
}

function unitsOfRow(row: Partial<Record<UnitKind, string>>): Partial<Record<UnitKind, bigint>> {
  const units: Partial<Record<UnitKind, bigint>> = {};
  for (const kind of unitKinds) {
    const amount = row[kind];
    if (amount !== undefined) units[kind] = BigInt(amount);
  }
  return units;
}

/** Prices of tokens in words that survive JSON. */
export function rowOfRates(rates: Rates): SnapshotRates {
  return {
    inputNano: String(rates.inputNano), outputNano: String(rates.outputNano), cacheReadNano: String(rates.cacheReadNano), cacheWrite5mNano: String(rates.cacheWrite5mNano), cacheWrite1hNano: String(rates.cacheWrite1hNano),
    ...(rates.reasoningNano === undefined ? {} : { reasoningNano: String(rates.reasoningNano) }),
  };
}

/** What a price says beside its usual prices of tokens, in words that survive JSON. */
export function rowOfTerms({ requestNano, units, steps, services }: Omit<Price, 'id'>): SnapshotPriceTerms {
  const prices: Partial<Record<UnitKind, string>> = {};
  for (const kind of unitKinds) if (units?.[kind] !== undefined) prices[kind] = String(units[kind]);
  return {
    ...(requestNano === undefined || requestNano === 0n ? {} : { requestNano: String(requestNano) }),
    ...(Object.keys(prices).length === 0 ? {} : { units: prices }),
    ...(steps === undefined || steps.length === 0 ? {} : { steps: steps.map(rowOfStep) }),
    ...(services === undefined || services.length === 0 ? {} : {
      services: services.map((service) => ('millionths' in service ? { name: service.name, millionths: service.millionths } : { name: service.name, ...rowOfRates(service.rates), ...(service.steps.length === 0 ? {} : { steps: service.steps.map(rowOfStep) }) })),
    }),
  };
}

function rowOfStep(step: Step): SnapshotStep {
  return { fromTokens: step.fromTokens, ...rowOfRates(step) };
}

function isAmount(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,18}$/.test(value);
}
function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
