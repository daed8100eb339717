import { expect, test } from 'vitest';
import { amountText, exactAmount } from './amount.ts';

test('what a limit counts is told in its own words, exactly', () => {
  expect([amountText('12.4', 'USD'), amountText('1250000', 'TOKENS'), amountText('1', 'REQUESTS'), amountText('0', 'REQUESTS')]).toEqual(['$12.40', '1,250,000 tokens', '1 request', '0 requests']);
  expect([exactAmount('0.000123456', 'USD'), exactAmount('999999999999999', 'TOKENS')]).toEqual(['$0.000123456 USD', '999,999,999,999,999 tokens']);
});
