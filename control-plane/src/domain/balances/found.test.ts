import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { billionthsOf, decimalText, roughly } from './decimal.ts';
import { findBalance } from './found.ts';
import { isJsonPath, knownSources } from './sources.ts';
import type { BalancePlan } from './sources.ts';
import { balanceState } from './state.ts';

describe('a balance is found where a vendor puts it', () => {
  test.each<[keyof typeof knownSources, unknown[], object | string]>([
    ['DEEPSEEK', [{ is_available: true, balance_infos: [{ currency: 'CNY', total_balance: '110.00', granted_balance: '10.00', topped_up_balance: '100.00' }] }], { left: '110', unit: 'CNY', limit: null }],
    ['DEEPSEEK', [{ is_available: false, balance_infos: [] }], 'There is no number at $.balance_infos[0].total_balance.'],
    ['MOONSHOT', [{ code: 0, data: { available_balance: 49.58894, voucher_balance: 46.58893, cash_balance: 3.00001 }, scode: '0x0', status: true }], { left: '49.58894', unit: 'USD' }],
    ['NEW_API', [{ object: 'billing_subscription', hard_limit_usd: 20 }, { object: 'list', total_usage: 1234.5 }], { left: '7.655', limit: '20', unit: 'USD' }],
    ['OPENROUTER', [{ data: { total_credits: 100.5, total_usage: 25.75 } }], { left: '74.75', limit: '100.5', unit: 'USD' }],
    ['OPENROUTER_KEY', [{ data: { label: 'x', limit: 10, limit_remaining: 0, usage: 10 } }], { left: '0', limit: '10', unit: 'USD' }],
    ['OPENROUTER_KEY', [{ data: { label: 'x', limit: null, limit_remaining: null, usage: 10 } }], 'There is no number at $.data.limit_remaining, $.data.limit, $.data.usage.'],
    ['SILICONFLOW_CN', [{ code: 20000, data: { balance: '0.88', chargeBalance: '88.00', totalBalance: '88.88' } }], { left: '88.88', unit: 'CNY' }],
  ])('%s %j', (source, answers, expected) => {
    const found = findBalance(knownSources[source], answers);
    if (typeof expected === 'string') expect(found).toBe(expected);
    else expect(found).toMatchObject(expected);
  });

  test.each<[unknown, string | null]>([
    ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00.000Z'], [1_796_083_200, '2026-12-01T00:00:00.000Z'], [1_796_083_200_000, '2026-12-01T00:00:00.000Z'], ['1796083200', '2026-12-01T00:00:00.000Z'], ['soon', null], [-1, null], [null, null],
  ])('an instant written %j', (written, expected) => {
    const plan: BalancePlan = { reads: [{ path: '/x', left: '$.left', resetsAt: '$.at' }], unit: 'REQUESTS' };
    expect(findBalance(plan, [{ left: 5, at: written }])).toMatchObject({ left: '5', resetsAt: expected === null ? null : new Date(expected) });
  });

  test.each([undefined, null, 'none', '', 'NaN', '1e5', Infinity, {}, [1], true])('%j is no number, and not 0', (written) => {
    expect(findBalance({ reads: [{ path: '/x', left: '$.left' }], unit: 'USD' }, [{ left: written }])).toBe('There is no number at $.left.');
  });

  test('an answer that is no JSON, or in no currency, is a problem', () => {
    expect(findBalance(knownSources.DEEPSEEK, [undefined])).toContain('no number');
    expect(findBalance(knownSources.DEEPSEEK, [{ balance_infos: [{ total_balance: '1' }] }])).toContain('currency');
  });
});

test('property: decimal numbers go through text and back, and their rough form is never further from 0 nor off by a tenth', () => {
  fc.assert(fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (billionths) => {
    expect(billionthsOf(decimalText(billionths))).toBe(billionths);
    const rough = billionthsOf(roughly(decimalText(billionths))) ?? 0n;
    const abs = (value: bigint) => (value < 0n ? -value : value);
    expect(abs(rough) <= abs(billionths) && (abs(billionths) - abs(rough)) * 10n <= abs(billionths)).toBe(true);
    expect(rough === 0n).toBe(billionths === 0n);
  }));
});

test.each([['$.data.left', true], ['$["a b"][0].c', true], ['$..balance', true], ['', false], ['data.left', false], ['$.[', false], [`$.${'a'.repeat(300)}`, false]])('%s is a JSONPath: %s', (path, expected) => {
  expect(isJsonPath(path)).toBe(expected);
});

test('a balance is fresh for three reads, then stale; what was never read is unknown, or an error', () => {
  const readAt = new Date(0);
  const at = (minutes: number, row: Parameters<typeof balanceState>[0] = { left: '1', readAt, problem: null }) => balanceState(row, { everyMinutes: 10 }, minutes * 60_000);
  expect([at(0), at(30), at(31), at(5, { left: '1', readAt, problem: 'no' }), at(0, null), at(0, { left: null, readAt: null, problem: null }), at(0, { left: null, readAt: null, problem: 'no' })]).toEqual(['OK', 'OK', 'STALE', 'OK', 'UNKNOWN', 'UNKNOWN', 'ERROR']);
  expect(balanceState({ left: '1', readAt, problem: null }, undefined, 0)).toBe('UNKNOWN');
});
