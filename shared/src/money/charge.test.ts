import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeOf, partsOf, roundedOf, exactOf } from './charge.ts';
import { millionthsOf, millionthsText, usdNano, usdText } from './dollars.ts';
import { serviceOf } from './price.ts';
import type { Price } from './price.ts';
import { noReading } from './reading.ts';

const price: Price = { id: 'prc_1', inputNano: 4_000_000_000n, outputNano: 20_000_000_000n, cacheReadNano: 400_000_000n, cacheWrite5mNano: 5_000_000_000n, cacheWrite1hNano: 8_000_000_000n };

test('a million input tokens at $4 a million cost $4', () => {
  expect(chargeOf({ ...noReading, input: 1_000_000 }, price)).toBe(4_000_000_000n);
});

test('every kind is charged at its own price and rounded up once', () => {
  expect(chargeOf({ input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1, reasoning: 9 }, price)).toBe(37_400n);
  expect(chargeOf({ ...noReading, input: 1 }, { ...price, inputNano: 1n })).toBe(1n);
});

test('reasoning with a price of its own is taken out of the output', () => {
  expect(chargeOf({ ...noReading, output: 10, reasoning: 4 }, { ...price, reasoningNano: 1_000_000n })).toBe(6n * 20_000n + 4n);
});

test('sound that has a price of its own is taken out of the input; without one it costs what text costs', () => {
  const reading = { ...noReading, input: 1_000, output: 100, units: { 'audio-input': 400, 'audio-output': 100, 'image-input': 50 } };
  expect(chargeOf(reading, price)).toBe(1_000n * 4_000n + 100n * 20_000n);
  expect(chargeOf(reading, { ...price, units: { 'audio-input': 32_000_000_000n, 'audio-output': 64_000_000_000n } })).toBe(600n * 4_000n + 400n * 32_000n + 100n * 64_000n);
  expect(partsOf({ ...reading, units: { 'audio-input': 5_000 } }, { ...price, units: { 'audio-input': 1n } }).parts.map(({ kind, count }) => [kind, count])).toEqual([['audio-input', 1_000], ['output', 100]]);
});

test('uses of a tool cost what is asked for them, by the thousand as by the million', () => {
  expect(chargeOf({ ...noReading, units: { 'web-search': 3 } }, { ...price, units: { 'web-search': 10_000_000_000_000n } })).toBe(30_000_000n);
});

test('from its threshold on a long prompt is charged by its step as a whole, cached tokens counted in', () => {
  const long: Price = { ...price, steps: [{ ...price, fromTokens: 200_001, inputNano: 8_000_000_000n, outputNano: 30_000_000_000n }] };
  expect(chargeOf({ ...noReading, input: 200_000, output: 1 }, long)).toBe(200_000n * 4_000n + 20_000n);
  expect(chargeOf({ ...noReading, input: 1, cacheRead: 200_000, output: 1 }, long)).toBe(8_000n + 200_000n * 400n + 30_000n);
  expect(partsOf({ ...noReading, input: 200_001 }, long).fromTokens).toBe(200_001);
});

test('a grade of service has a multiplier or prices of its own; what the vendor gave counts more than what was asked', () => {
  const graded: Price = { ...price, services: [{ name: 'priority', rates: { ...price, inputNano: 7_000_000_000n }, steps: [] }, { name: 'flex', millionths: 500_000 }], units: { 'web-search': 10_000_000_000_000n } };
  const reading = { ...noReading, input: 1_000, units: { 'web-search': 1 } };
  const search = 10_000_000n;
  expect(chargeOf(reading, graded, { service: 'priority' })).toBe(7_000_000n + search);
  expect(chargeOf(reading, graded, { service: 'flex' })).toBe(2_000_000n + search);
  expect(chargeOf({ ...reading, service: 'standard' }, graded, { service: 'priority' })).toBe(4_000_000n + search);
  expect(chargeOf({ ...reading, service: 'turbo' }, graded)).toBe(4_000_000n + search);
});

test('an amount for a request is charged once, and not for a call that used nothing', () => {
  expect(chargeOf({ ...noReading, input: 1 }, { ...price, requestNano: 5_000n })).toBe(9_000n);
  expect(chargeOf(noReading, { ...price, requestNano: 5_000n })).toBe(0n);
});

test('multipliers count before the one rounding', () => {
  const cheap = { ...price, inputNano: 1n };
  expect(chargeOf({ ...noReading, input: 1_500_000 }, cheap, { times: { upstream: 500_000, tenant: 1_200_000, key: 1_000_000 } })).toBe(1n);
  expect(chargeOf({ ...noReading, input: 1_000 }, price, { times: { tenant: 1_250_000 } })).toBe(5_000_000n);
  expect(roundedOf(exactOf([{ kind: 'input', count: 1, perMillionNano: 1_000_000n, millionths: 1_000_000n }]), { upstream: 1 })).toBe(1n);
});

test.each([['default', 'standard'], ['standard_only', 'standard'], ['auto', undefined], ['Priority', 'priority'], ['', undefined], [7, undefined], ['a b', undefined]])('the word %s names the grade %s', (word, name) => {
  expect(serviceOf(word)).toBe(name);
});

test('property: dollars are written and read back without loss', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (nano) => usdNano(usdText(nano)) === nano));
});

test('property: multipliers are written and read back without loss', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100_000_000 }), (millionths) => millionthsOf(millionthsText(millionths)) === millionths));
});

test.each(['', '-1', '1e3', '1.', '.5', '1.0000000001', 'NaN', '1,5'])('"%s" is no amount of dollars, and no multiplier', (text) => {
  expect(usdNano(text)).toBeUndefined();
  expect(millionthsOf(text)).toBeUndefined();
});
