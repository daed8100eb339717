import { expect, test } from 'vitest';
import { dollars, exactDollars, nanoOf, shareOf } from './money.ts';

test.each([
  ['0', '$0.00'], ['0.000000', '$0.00'], ['12.4', '$12.40'], ['1234567.891', '$1,234,567.89'], ['0.5', '$0.50'], ['0.0312', '$0.0312'], ['0.000123', '$0.000123'], ['0.000123456', '$0.000123'], ['0.000000001', '$0.000000001'], ['0.9999999', '$1.00'], ['-0.25', '−$0.25'],
])('an amount of %s reads %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});

test('the whole amount is never rounded', () => {
  expect(exactDollars('0.000123456')).toBe('$0.000123456');
  expect(exactDollars('9007199254740993.000000001')).toBe('$9007199254740993.000000001');
  expect(nanoOf('9007199254740993.000000001')).toBe(9007199254740993000000001n);
});

test('a share is between 0 and 1, also of nothing', () => {
  expect(shareOf('0.25', '0.5')).toBe(0.5);
  expect(shareOf('9', '0.5')).toBe(1);
  expect(shareOf('0', '0')).toBe(0);
  expect(shareOf('1', '0')).toBe(1);
});
