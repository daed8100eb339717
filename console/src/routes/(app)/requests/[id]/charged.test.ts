import { expect, test } from 'vitest';
import { charged } from './charged.ts';

const money = (amount: string) => ({ amount });
const price = { input: money('2'), output: money('10'), cacheRead: money('0.2'), cacheWrite5m: money('2.5'), cacheWrite1h: money('4') };

test('each line is tokens times the price of a million, exactly', () => {
  const lines = charged({ inputTokens: 12, outputTokens: 28, cacheReadTokens: 1_000_001, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, price });
  expect(lines.map(({ kind, amount }) => [kind, amount])).toEqual([['input', '0.000024000'], ['cacheRead', '0.200000200'], ['output', '0.000280000']]);
});

test('without a price no amount is made up', () => {
  const lines = charged({ inputTokens: 12, outputTokens: 28, cacheReadTokens: 0, cacheWrite5mTokens: 0, cacheWrite1hTokens: 0, price: null });
  expect(lines).toEqual([{ kind: 'input', tokens: 12, rate: undefined, amount: undefined }, { kind: 'output', tokens: 28, rate: undefined, amount: undefined }]);
});
