import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chargeOf, noReading, reservationOf, usdNano, usdText } from './charge.ts';

const price = { id: 'prc_1', inputNano: 4_000_000_000n, outputNano: 20_000_000_000n, cacheReadNano: 400_000_000n, cacheWrite5mNano: 5_000_000_000n, cacheWrite1hNano: 8_000_000_000n };

test('a million input tokens at $4 a million cost $4', () => {
  expect(chargeOf({ ...noReading, input: 1_000_000 }, price)).toBe(4_000_000_000n);
});

test('every kind is charged at its own price and rounded up once', () => {
  expect(chargeOf({ input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1, reasoning: 9 }, price)).toBe(37_400n);
  expect(chargeOf({ ...noReading, input: 1 }, { ...price, inputNano: 1n })).toBe(1n);
});

test('property: a charge never exceeds the reservation made for as many bytes and the output allowance', () => {
  const count = fc.nat(100_000);
  fc.assert(fc.property(count, count, count, count, count, (input, output, cacheRead, cacheWrite5m, cacheWrite1h) => {
    const reading = { input, output, cacheRead, cacheWrite5m, cacheWrite1h, reasoning: 0 };
    return chargeOf(reading, price) <= reservationOf(input + cacheRead + cacheWrite5m + cacheWrite1h, output, price, true);
  }));
});

test('property: dollars are written and read back without loss', () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 17n }), (nano) => usdNano(usdText(nano)) === nano));
});

test.each(['', '-1', '1e3', '1.', '.5', '1.0000000001', 'NaN', '1,5'])('"%s" is no amount of dollars', (text) => {
  expect(usdNano(text)).toBeUndefined();
});
