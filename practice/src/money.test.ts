import { describe, expect, it } from 'vitest';
import { costNano, createBill, NO_TOKENS } from './bill.ts';
import { hasModel, MODEL_NAMES } from './models.ts';
import { createPrefixMemory } from './prefix-memory.ts';
import { PRICES, priceOf } from './prices.ts';

describe('prices', () => {
  it.each([
    ['claude-opus-5-5', '4000000000', '20000000000', '400000000', '5000000000', '8000000000'],
    ['claude-fable-5-2', '8000000000', '40000000000', '800000000', '10000000000', '16000000000'],
    ['claude-sonnet-5-5', '2000000000', '10000000000', '200000000', '2500000000', '4000000000'],
    ['claude-haiku-5-5', '100000000', '500000000', '10000000', '125000000', '200000000'],
    ['practice-1', '1000000000', '5000000000', '100000000', '1250000000', '2000000000'],
    ['gpt-5.5', '1250000000', '10000000000', '125000000', '1562500000', '2500000000'],
    ['gpt-6-astra', '2000000000', '12000000000', '200000000', '2500000000', '4000000000'],
    ['gemini-3.8-flash', '500000000', '3000000000', '50000000', '625000000', '1000000000'],
    ['anything-else', '3000000000', '15000000000', '300000000', '3750000000', '6000000000'],
  ])('of %s are as published', (model, input, output, cacheRead, cacheWrite5m, cacheWrite1h) => {
    expect(priceOf(model)).toMatchObject({ input, output, cacheRead, cacheWrite5m, cacheWrite1h });
  });

  it('survive JSON', () => {
    expect(JSON.parse(JSON.stringify(PRICES))).toEqual(PRICES);
  });

  it('are rounded up once for a call, not once for each kind of token', () => {
    // 125 nano a cached token: three kinds of a fraction of a million add up before the rounding.
    expect(costNano('gpt-5.5', { ...NO_TOKENS, cacheWrite5m: 1 })).toBe(1_563n);
    expect(costNano('gpt-5.5', { ...NO_TOKENS, cacheWrite5m: 1, cacheRead: 1 })).toBe(1_688n);
    expect(costNano('practice-1', NO_TOKENS)).toBe(0n);
  });

  it('do not charge reasoning beside the output that holds it', () => {
    expect(costNano('practice-1', { ...NO_TOKENS, output: 2, reasoning: 2 })).toBe(10_000n);
  });
});

it('a bill parts credentials and models and adds up', () => {
  const bill = createBill();
  bill.add('a', 'practice-1', { ...NO_TOKENS, input: 3 });
  bill.add('a', 'practice-1', { ...NO_TOKENS, input: 4 });
  bill.add('b', 'practice-1', { ...NO_TOKENS, input: 5 });
  expect(bill.lines().map((line) => [line.credential, line.requests, line.tokens.input, line.costNano])).toEqual([['a', 2, 7, '7000'], ['b', 1, 5, '5000']]);
});

describe('the prompt cache', () => {
  const long = (letter: string): string => letter.repeat(400);
  const marked = { kind: 'marked' } as const;

  it('writes a marked prefix once and reads it again, also when the mark has moved on', () => {
    const memory = createPrefixMemory(() => 0);
    expect(memory.count('s', [{ text: long('a'), mark: '5m' }, { text: long('b') }], marked)).toEqual({ input: 100, cacheRead: 0, cacheWrite5m: 100, cacheWrite1h: 0 });
    expect(memory.count('s', [{ text: long('a') }, { text: long('b'), mark: '1h' }, { text: long('c') }], marked)).toEqual({ input: 100, cacheRead: 100, cacheWrite5m: 0, cacheWrite1h: 100 });
  });

  it('forgets after the time of its mark, which each use begins anew', () => {
    let now = 0;
    const memory = createPrefixMemory(() => now);
    const readAt = (minutes: number): number => {
      now = minutes * 60_000;
      return memory.count('s', [{ text: long('a'), mark: '5m' }], marked).cacheRead;
    };
    expect([readAt(0), readAt(4), readAt(8), readAt(13)]).toEqual([0, 100, 100, 0]);
  });

  it('shares nothing between accounts or models', () => {
    const memory = createPrefixMemory(() => 0);
    memory.count('one', [{ text: long('a'), mark: '5m' }], marked);
    expect(memory.count('two', [{ text: long('a'), mark: '5m' }], marked).cacheRead).toBe(0);
  });

  it('without marks caches nothing, or what is long enough in whole steps', () => {
    const memory = createPrefixMemory(() => 0);
    const segments = [{ text: 'x'.repeat(6_000) }, { text: 'y' }];
    const automatic = { kind: 'automatic', least: 1024, step: 128 } as const;
    expect(memory.count('s', segments, marked).cacheWrite5m).toBe(0);
    memory.count('s', segments, automatic);
    expect(memory.count('s', segments, automatic)).toMatchObject({ cacheRead: 1408, input: 93 });
    expect(memory.count('s', [{ text: 'short' }], automatic).cacheRead).toBe(0);
  });

  it('never holds more than its capacity', () => {
    const memory = createPrefixMemory(() => 0, 2);
    for (const text of ['a', 'b', 'c']) memory.count('s', [{ text: long(text), mark: '5m' }], marked);
    expect(['c', 'a'].map((text) => memory.count('s', [{ text: long(text), mark: '5m' }], marked).cacheRead)).toEqual([100, 0]);
  });
});

it('every listed model exists, dated names too, and others do not', () => {
  expect(MODEL_NAMES.filter((name) => !hasModel(name))).toEqual([]);
  expect(['claude-opus-5-5-20260801', 'gpt-6.1-sol', 'gpt-5.6', 'gemini-3.8-flash'].every(hasModel)).toBe(true);
  expect(['gpt-4', 'gpt-65', 'claude-opus-9', ''].some(hasModel)).toBe(false);
});
