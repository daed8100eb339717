import { expect, test } from 'vitest';
import { compilePrices } from './price-book.ts';
import { priceProblem, rowOfRates, rowOfTerms, priceOfRow } from './snapshot-price.ts';
import type { SnapshotPrice } from './snapshot-price.ts';

const row = (id: string, change: Partial<SnapshotPrice> = {}): SnapshotPrice => ({ id, model: 'M', inputNano: '1', outputNano: '1', cacheReadNano: '1', cacheWrite5mNano: '1', cacheWrite1hNano: '1', ...change });

test('of the prices that have taken effect the latest counts, and one to come counts from its moment on', () => {
  const book = compilePrices([row('later', { effectiveAt: 2_000 }), row('now'), row('latest', { effectiveAt: 3_000 })]);
  expect([0, 1_999, 2_000, 2_999, 3_000].map((atMs) => book.priceOf('m', 'u', atMs)?.id)).toEqual(['now', 'now', 'later', 'later', 'latest']);
  expect(book.priceOf('n', 'u', 0)).toBeUndefined();
});

test('an upstream\'s own price goes before the common one, once it has taken effect', () => {
  const book = compilePrices([row('common'), row('own', { upstream: 'u', effectiveAt: 1_000 })]);
  expect([book.priceOf('m', 'u', 999)?.id, book.priceOf('m', 'u', 1_000)?.id, book.priceOf('m', 'v', 1_000)?.id]).toEqual(['common', 'own', 'common']);
});

test('multipliers count for their upstream, tenant or key alone', () => {
  const book = compilePrices([], [{ subject: 'UPSTREAM', id: 'u', millionths: 500_000 }, { subject: 'TENANT', id: 't', millionths: 1_200_000 }, { subject: 'KEY', id: 'k', millionths: 900_000 }]);
  expect(book.timesOf('u', 't', 'k')).toEqual({ upstream: 500_000, tenant: 1_200_000, key: 900_000 });
  expect(book.timesOf('v', 't', 'l')).toEqual({ upstream: undefined, tenant: 1_200_000, key: undefined });
  expect(book.timesOf('v', 's', 'l')).toBeUndefined();
});

test('a price says the same after it was written and read', () => {
  const rates = { inputNano: 1n, outputNano: 2n, cacheReadNano: 3n, cacheWrite5mNano: 4n, cacheWrite1hNano: 5n, reasoningNano: 6n };
  const price = { id: 'p', ...rates, requestNano: 7n, units: { 'web-search': 8n } as const, steps: [{ fromTokens: 9, ...rates }], services: [{ name: 'flex', millionths: 500_000 }, { name: 'priority', rates, steps: [{ fromTokens: 10, ...rates }] }] };
  const written: SnapshotPrice = JSON.parse(JSON.stringify({ id: 'p', model: 'm', ...rowOfRates(price), ...rowOfTerms(price) }));
  expect(priceProblem({ ...written })).toBeUndefined();
  expect(priceOfRow(written)).toEqual(price);
});

test.each<[string, Record<string, unknown>, string]>([
  ['an amount below nothing', { inputNano: '-1' }, 'inputNano'],
  ['an amount that no column holds', { outputNano: '1234567890123456789' }, 'outputNano'],
  ['an amount that is a number', { reasoningNano: 1 }, 'reasoningNano'],
  ['a unit that nobody knows', { units: { smell: '1' } }, 'units.smell'],
  ['steps that do not rise', { steps: [{ ...row('a'), fromTokens: 5 }, { ...row('b'), fromTokens: 5 }] }, 'steps[1].fromTokens'],
  ['a step from nothing on', { steps: [{ ...row('a'), fromTokens: 0 }] }, 'steps[0].fromTokens'],
  ['a grade without a name', { services: [{ millionths: 1 }] }, 'services[0]'],
  ['a grade twice', { services: [{ name: 'flex', millionths: 1 }, { name: 'flex', millionths: 2 }] }, 'services[1]'],
  ['a multiplier of nothing', { services: [{ name: 'flex', millionths: 0 }] }, 'services[0].millionths'],
  ['a multiplier of more than a hundred', { services: [{ name: 'flex', millionths: 100_000_001 }] }, 'services[0].millionths'],
])('%s is told by its place', (_, change, at) => {
  expect(priceProblem({ ...row('p'), ...change })?.at).toBe(at);
});
