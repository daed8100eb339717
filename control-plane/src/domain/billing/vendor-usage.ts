// Pure. A vendor's export of usage or costs, read as what it counts per day (UTC), model and kind. The forms are those of
// the vendors' public references: Anthropic's usage and cost reports, OpenAI's organization usage and costs, and tables (CSV)
// whose headers name the same things.
import { usdNano } from '@fairlead/shared/money/charge.ts';
import { Refused } from '../problem.ts';
import { readCsv } from './csv.ts';

/** What a vendor counts. COST is in nano-dollars, the others in tokens. */
export type VendorKind = 'INPUT' | 'OUTPUT' | 'CACHE_READ' | 'CACHE_WRITE' | 'COST';

/** One count. Costs may name no model. */
export interface VendorCount { day: string; model: string; kind: VendorKind; amount: bigint }

const mostCounts = 200_000;

/** Reads an export; what is none is refused with the line where that shows. */
export function readVendorUsage(content: string): VendorCount[] {
  const counts = /^\s*[{[]/.test(content) ? fromJson(content) : fromCsv(content);
  if (counts.length === 0) throw refused(1, 'There is no usage in it.');
  if (counts.length > mostCounts) throw new Refused({ code: 'TOO_LONG', message: `It has more than ${mostCounts} counts.`, path: ['content'], fix: 'Export fewer days at a time.' });
  return counts;
}

const refused = (line: number, message: string) => new Refused({ code: 'INVALID', message: `Line ${line}: ${message}`, path: ['content', String(line)], fix: 'Export usage or costs by day and model, as CSV or JSON.' });

// Headers by what they mean; compared in lower case, with anything but letters and digits left out.
const headers: Record<'day' | 'model' | 'total' | 'INPUT' | 'OUTPUT' | 'CACHE_READ' | 'CACHE_WRITE' | 'COST', readonly string[]> = {
  day: ['usagedateutc', 'date', 'day', 'startingat', 'starttimeiso', 'starttime', 'timestamp'],
  model: ['model', 'modelversion', 'snapshotid'],
  // Includes what was read from a cache.
  total: ['inputtokens', 'ncontexttokenstotal', 'contexttokens'],
  INPUT: ['uncachedinputtokens', 'usageinputtokensnocache', 'inputtokensnocache', 'inputuncachedtokens'],
  OUTPUT: ['outputtokens', 'usageoutputtokens', 'ngeneratedtokenstotal', 'generatedtokens'],
  CACHE_READ: ['cachereadinputtokens', 'usageinputtokenscacheread', 'inputcachedtokens', 'ncachedcontexttokenstotal', 'cachedinputtokens'],
  CACHE_WRITE: ['cachecreation5minputtokens', 'cachecreation1hinputtokens', 'usageinputtokenscachewrite5m', 'usageinputtokenscachewrite1h', 'cachecreationinputtokens'],
  COST: ['costusd', 'amountvalue', 'costinusd', 'cost'],
};

function fromCsv(content: string): VendorCount[] {
  const records = readCsv(content);
  if (!records) throw refused(content.split('\n').length, 'A quote is not closed.');
  const [head, ...rows] = records;
  if (!head) throw refused(1, 'It is empty.');
  const names = head.cells.map((cell) => cell.toLowerCase().replace(/[^a-z0-9]/g, ''));
  const placesOf = (meaning: keyof typeof headers) => names.flatMap((name, at) => (headers[meaning].includes(name) ? [at] : []));
  const [day] = placesOf('day'), [model] = placesOf('model');
  const kinds = (['INPUT', 'OUTPUT', 'CACHE_READ', 'CACHE_WRITE', 'COST'] as const).map((kind) => ({ kind, places: placesOf(kind) }));
  const [total] = placesOf('total');
  if (day === undefined) throw refused(head.line, 'No column says which day it was.');
  if (total === undefined && kinds.every(({ places }) => places.length === 0)) throw refused(head.line, 'No column counts tokens or costs.');
  const counts: VendorCount[] = [];
  for (const { line, cells } of rows) {
    if (cells.length !== head.cells.length) throw refused(line, `It has ${cells.length} cells where the header has ${head.cells.length}.`);
    const at = { day: dayOf(cells[day] ?? '', line), model: model === undefined ? '' : (cells[model] ?? '').trim() };
    let cached = 0n;
    for (const { kind, places } of kinds) {
      let amount = 0n;
      for (const place of places) amount += kind === 'COST' ? dollars(cells[place] ?? '', line) : tokens(cells[place] ?? '', line);
      if (kind === 'CACHE_READ' || kind === 'CACHE_WRITE') cached += amount;
      if (places.length > 0) counts.push({ ...at, kind, amount });
    }
    if (total !== undefined && !kinds.some(({ kind, places }) => kind === 'INPUT' && places.length > 0)) counts.push({ ...at, kind: 'INPUT', amount: atLeastNone(tokens(cells[total] ?? '', line) - cached, line) });
  }
  return counts;
}

function fromJson(content: string): VendorCount[] {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    const place = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
    throw refused(place === undefined ? content.split('\n').length : content.slice(0, Number(place)).split('\n').length, 'This is not JSON.');
  }
  const pages: unknown[] = Array.isArray(value) ? value : [value];
  const counts: VendorCount[] = [];
  let number = 0;
  for (const bucket of pages.flatMap((page) => listIn(page, 'data') ?? [page])) {
    number += 1;
    const results = listIn(bucket, 'results');
    const start = fieldOf(bucket, 'starting_at') ?? fieldOf(bucket, 'start_time');
    // JSON has no lines that mean something: the number of the bucket tells where.
    if (!results || start === undefined) throw refused(number, 'It is no bucket with a start and results.');
    const day = dayOf(String(start), number);
    for (const result of results) counts.push(...countsIn(result, day, number));
  }
  return counts;
}

function countsIn(result: unknown, day: string, line: number): VendorCount[] {
  const at = { day, model: textOf(fieldOf(result, 'model')) };
  const amount = fieldOf(result, 'amount');
  // OpenAI tells dollars as a number in an object, Anthropic cents as a text.
  if (typeof amount === 'object' && amount !== null) return [{ day, model: textOf(fieldOf(result, 'line_item')), kind: 'COST', amount: dollars(String(fieldOf(amount, 'value')), line) }];
  if (typeof amount === 'string') return [{ ...at, kind: 'COST', amount: dollars(amount, line) / 100n }];
  const count = (name: string, of: unknown = result) => tokens(String(fieldOf(of, name) ?? '0'), line);
  const output = count('output_tokens');
  const uncached = fieldOf(result, 'uncached_input_tokens');
  if (uncached === undefined) {
    if (fieldOf(result, 'input_tokens') === undefined) throw refused(line, 'A result counts neither tokens nor costs.');
    const cached = count('input_cached_tokens'), written = count('input_cache_write_tokens');
    return [{ ...at, kind: 'INPUT', amount: atLeastNone(count('input_tokens') - cached - written, line) }, { ...at, kind: 'OUTPUT', amount: output }, { ...at, kind: 'CACHE_READ', amount: cached }, { ...at, kind: 'CACHE_WRITE', amount: written }];
  }
  const creation = fieldOf(result, 'cache_creation');
  const written = creation === undefined ? count('cache_creation_5m_input_tokens') + count('cache_creation_1h_input_tokens') : count('ephemeral_5m_input_tokens', creation) + count('ephemeral_1h_input_tokens', creation);
  return [{ ...at, kind: 'INPUT', amount: count('uncached_input_tokens') }, { ...at, kind: 'OUTPUT', amount: output }, { ...at, kind: 'CACHE_READ', amount: count('cache_read_input_tokens') }, { ...at, kind: 'CACHE_WRITE', amount: written }];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function listIn(value: unknown, name: string): unknown[] | undefined {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : undefined;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '');

function atLeastNone(amount: bigint, line: number): bigint {
  if (amount < 0n) throw refused(line, 'More input was cached than there was.');
  return amount;
}

/** The day in UTC of a date, an ISO time or epoch seconds. */
function dayOf(text: string, line: number): string {
  const trimmed = text.trim();
  const at = /^\d{9,11}$/.test(trimmed) ? new Date(Number(trimmed) * 1000) : /^\d{4}-\d\d-\d\d/.test(trimmed) ? new Date(trimmed.length === 10 ? `${trimmed}T00:00:00Z` : trimmed) : undefined;
  if (!at || Number.isNaN(at.getTime())) throw refused(line, `"${trimmed.slice(0, 40)}" is no day.`);
  return at.toISOString().slice(0, 10);
}

function tokens(text: string, line: number): bigint {
  const digits = text.trim().replaceAll(',', '');
  if (digits === '') return 0n;
  if (!/^\d{1,15}(\.0+)?$/.test(digits)) throw refused(line, `"${text.slice(0, 40)}" is no count.`);
  return BigInt(digits.replace(/\.0+$/, ''));
}

/** Dollars as nano-dollars; what is finer than those is cut off. */
function dollars(text: string, line: number): bigint {
  const plain = text.trim().replace(/^\$/, '').replaceAll(',', '');
  if (plain === '') return 0n;
  const number = /e/i.test(plain) ? Number(plain).toFixed(9) : plain;
  const nano = usdNano(number.replace(/(\.\d{9})\d+$/, '$1'));
  if (nano === undefined) throw refused(line, `"${text.slice(0, 40)}" is no amount of dollars.`);
  return nano;
}
