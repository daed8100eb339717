import { expect, test } from 'vitest';
import { termLines } from './price-words.ts';

const money = (amount: string) => ({ amount });

test('every term of a price has its line, and what is not there has none', () => {
  expect(termLines({
    reasoning: money('3'), request: money('0.01'), units: [{ kind: 'web-search', price: '10000' }], steps: [{ fromTokens: 200_001, rates: { input: money('6'), output: money('22.5') } }],
    services: [{ name: 'flex', multiplier: '0.5', rates: null }, { name: 'priority', multiplier: null, rates: { input: money('4'), output: money('8') } }],
  })).toEqual(['from 200,001 tokens: $6.00 in, $22.50 out', 'flex: × 0.5', 'priority: $4.00 in, $8.00 out', 'reasoning: $3.00', 'web-search: $10,000.00 a million', '$0.01 a request']);
  expect(termLines({ reasoning: null, request: money('0.00'), units: [], steps: [], services: [] })).toEqual([]);
});
