// Charges held against a model that shares no code with them: decimals instead of scaled integers.
import { BigNumber } from 'bignumber.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeOf, exactOf, partsOf } from './charge.ts';
import type { Price, Rates, Service, Step, Times } from './price.ts';
import { promptOf, unitKinds } from './reading.ts';
import type { Reading, UnitKind } from './reading.ts';
import { reservationOf } from './reservation.ts';

BigNumber.config({ DECIMAL_PLACES: 60 });
const runs = { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 20_000 : 300, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? Date.now() % 1_000_000) };

const nano = fc.bigInt({ min: 0n, max: 10n ** 15n });
const tokens = fc.nat(2_000_000);
const rates: fc.Arbitrary<Rates> = fc.record({ inputNano: nano, outputNano: nano, cacheReadNano: nano, cacheWrite5mNano: nano, cacheWrite1hNano: nano, reasoningNano: fc.option(nano, { nil: undefined }) });
const steps: fc.Arbitrary<Step[]> = fc.uniqueArray(fc.integer({ min: 1, max: 4_000_000 }), { maxLength: 3 }).chain((starts) => fc.tuple(...starts.sort((a, b) => a - b).map((fromTokens) => rates.map((each): Step => ({ ...each, fromTokens })))));
const millionths = fc.integer({ min: 1, max: 100_000_000 });
const service = fc.constantFrom('priority', 'flex', 'standard', 'unheard-of', undefined);
const grade = (name: string): fc.Arbitrary<Service> => fc.oneof(millionths.map((by): Service => ({ name, millionths: by })), fc.tuple(rates, steps).map(([own, ownSteps]): Service => ({ name, rates: own, steps: ownSteps })));
const units = fc.dictionary(fc.constantFrom(...unitKinds), nano).map((found): Partial<Record<UnitKind, bigint>> => found);
const prices: fc.Arbitrary<Price> = fc.tuple(rates, fc.record({ requestNano: fc.option(nano, { nil: undefined }), units, steps, services: fc.tuple(grade('priority'), grade('flex')) })).map(([usual, rest]) => ({ id: 'prc', ...usual, ...rest }));
const times: fc.Arbitrary<Times> = fc.record({ upstream: fc.option(millionths, { nil: undefined }), tenant: fc.option(millionths, { nil: undefined }), key: fc.option(millionths, { nil: undefined }) });
const uses = fc.nat(40);
/** A reading as vendors give them: what is part of something is no more than the whole. */
const readings: fc.Arbitrary<Reading> = fc.record({ audioIn: fc.nat(9_000), imageIn: fc.nat(9_000), videoIn: fc.nat(9_000), text: tokens, audioOut: fc.nat(9_000), imageOut: fc.nat(9_000), reasoning: fc.nat(90_000), said: tokens, cacheRead: tokens, cacheWrite5m: tokens, cacheWrite1h: tokens, search: uses, fetch: uses, code: uses, service })
  .map((of) => ({
    input: of.text + of.audioIn + of.imageIn + of.videoIn, output: of.said + of.reasoning + of.audioOut + of.imageOut, reasoning: of.reasoning, cacheRead: of.cacheRead, cacheWrite5m: of.cacheWrite5m, cacheWrite1h: of.cacheWrite1h, service: of.service,
    units: { 'audio-input': of.audioIn, 'image-input': of.imageIn, 'video-input': of.videoIn, 'audio-output': of.audioOut, 'image-output': of.imageOut, 'web-search': of.search, 'web-fetch': of.fetch, 'code-execution': of.code },
  }));

const big = (value: bigint | number | undefined) => new BigNumber(String(value ?? 0));

/** The charge in decimals, told as a price list tells it. */
function told(reading: Reading, price: Price, asked: string | undefined, by: Times): BigNumber {
  const name = reading.service ?? asked;
  const found = price.services?.find((each) => each.name === name);
  const list = found && 'rates' in found ? [{ ...found.rates, fromTokens: 0 }, ...found.steps] : [{ ...price, fromTokens: 0 }, ...(price.steps ?? [])];
  const prompt = promptOf(reading);
  const row = list.filter((each) => each.fromTokens <= prompt).reduce((a, b) => (b.fromTokens >= a.fromTokens ? b : a));
  const factor = found && 'millionths' in found ? big(found.millionths).times('1e-6') : big(1);
  const each = (count: number | undefined, amount: bigint) => big(count).times(big(amount)).times('1e-6');
  const unit = (kind: UnitKind, plain: bigint) => each(reading.units?.[kind], price.units?.[kind] ?? plain);
  const plainIn = reading.input - (reading.units?.['audio-input'] ?? 0) - (reading.units?.['image-input'] ?? 0) - (reading.units?.['video-input'] ?? 0);
  const plainOut = reading.output - (reading.units?.['audio-output'] ?? 0) - (reading.units?.['image-output'] ?? 0) - reading.reasoning;
  const inTokens = each(plainIn, row.inputNano).plus(unit('audio-input', row.inputNano)).plus(unit('image-input', row.inputNano)).plus(unit('video-input', row.inputNano));
  const cached = each(reading.cacheRead, row.cacheReadNano).plus(each(reading.cacheWrite5m, row.cacheWrite5mNano)).plus(each(reading.cacheWrite1h, row.cacheWrite1hNano));
  const outTokens = each(plainOut, row.outputNano).plus(each(reading.reasoning, row.reasoningNano ?? row.outputNano)).plus(unit('audio-output', row.outputNano)).plus(unit('image-output', row.outputNano));
  const tools = unit('web-search', 0n).plus(unit('web-fetch', 0n)).plus(unit('code-execution', 0n));
  const used = Object.values(reading.units ?? {}).some((count) => count > 0) || prompt > 0 || reading.output > 0;
  const sum = inTokens.plus(cached).plus(outTokens).times(factor).plus(tools).plus(used ? big(price.requestNano) : 0);
  return [by.upstream, by.tenant, by.key].reduce((so, times) => (times === undefined ? so : so.times(big(times)).times('1e-6')), sum);
}

test('property: a charge is what decimals say, rounded up once', () => {
  fc.assert(fc.property(readings, prices, service, times, (reading, price, asked, by) => {
    expect(String(chargeOf(reading, price, { service: asked, times: by }))).toBe(told(reading, price, asked, by).integerValue(BigNumber.ROUND_CEIL).toFixed());
  }), runs);
});

test('property: before rounding charges add up, in whatever order', () => {
  const flat = prices.map((price): Price => ({ ...price, requestNano: undefined, steps: [], services: [] }));
  fc.assert(fc.property(fc.array(readings, { minLength: 1, maxLength: 6 }), flat, (all, price) => {
    const exact = (reading: Reading) => exactOf(partsOf(reading, price).parts);
    const sum = all.map(exact).reduce((a, b) => a + b);
    expect(all.toReversed().map(exact).reduce((a, b) => a + b)).toBe(sum);
    expect(exact(all.reduce(plus))).toBe(sum);
    expect(exactOf(all.flatMap((reading) => partsOf(reading, price).parts).toReversed())).toBe(sum);
  }), runs);
});

test('property: no reading within its bounds costs more than what is reserved', () => {
  const slack = fc.nat(1_000_000);
  fc.assert(fc.property(readings, prices, fc.constantFrom('priority', 'flex', undefined), fc.boolean(), times, slack, slack, (seen, price, asked, downgraded, by, moreIn, moreOut) => {
    const reading: Reading = { ...seen, service: downgraded ? 'standard' : undefined };
    const bounds = { input: promptOf(reading) + moreIn, output: reading.output + moreOut, writesCache: true, uses: reading.units };
    expect(chargeOf(reading, price, { service: asked, times: by })).toBeLessThanOrEqual(reservationOf(bounds, price, { service: asked, times: by }));
    const dry = { ...reading, cacheWrite5m: 0, cacheWrite1h: 0 };
    expect(chargeOf(dry, price, { service: asked, times: by })).toBeLessThanOrEqual(reservationOf({ ...bounds, writesCache: false }, price, { service: asked, times: by }));
  }), runs);
});

test('the reservation reaches for a step that the prompt may come to, and for no other', () => {
  const price: Price = { id: 'p', inputNano: 1_000_000n, outputNano: 1_000_000n, cacheReadNano: 0n, cacheWrite5mNano: 0n, cacheWrite1hNano: 0n, steps: [{ fromTokens: 100, inputNano: 2_000_000n, outputNano: 3_000_000n, cacheReadNano: 0n, cacheWrite5mNano: 0n, cacheWrite1hNano: 0n }] };
  expect(reservationOf({ input: 99, output: 10, writesCache: false }, price)).toBe(109n);
  expect(reservationOf({ input: 100, output: 10, writesCache: false }, price)).toBe(230n);
});

function plus(a: Reading, b: Reading): Reading {
  const sums: Partial<Record<UnitKind, number>> = {};
  for (const kind of unitKinds) sums[kind] = (a.units?.[kind] ?? 0) + (b.units?.[kind] ?? 0);
  return { input: a.input + b.input, output: a.output + b.output, cacheRead: a.cacheRead + b.cacheRead, cacheWrite5m: a.cacheWrite5m + b.cacheWrite5m, cacheWrite1h: a.cacheWrite1h + b.cacheWrite1h, reasoning: a.reasoning + b.reasoning, units: sums };
}
