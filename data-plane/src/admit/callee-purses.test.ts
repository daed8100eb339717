import { Fault } from '@fairlead/shared/faults/fault.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { expect, test } from 'vitest';
import type { Candidate } from '../journey/candidate.ts';
import { createCalleePurses } from './callee-purses.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

const price = { id: 'prc_1', inputNano: 1n, outputNano: 1n, cacheReadNano: 1n, cacheWrite5mNano: 1n, cacheWrite1hNano: 1n };
const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [], purses: ['USD' as const, 'TOKENS' as const] };
const candidate: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x', purses: ['REQUESTS'] }, price, outputCap: 10, bounded: true, reserveNano: 100n, tokensMost: 30 };
const never = new AbortController().signal;

/** A keeper with so much in each purse. */
function purses(left: Record<string, bigint>, refusal = () => new Fault('quota.spent', { retryAfterMs: 5_000 })) {
  const asked: string[] = [];
  const leases: LeaseKeeper = {
    reserve(holderId, amountNano, _signal, unit = 'USD') {
      const purse = `${holderId} ${unit}`;
      asked.push(`${purse} ${amountNano}`);
      if ((left[purse] ?? 0n) < amountNano) throw refusal();
      left[purse] = (left[purse] ?? 0n) - amountNano;
      return { leaseId: `lse_${purse}`, amountNano, settle: (spent) => { left[purse] = (left[purse] ?? 0n) + amountNano - spent; } };
    },
    report: () => Promise.resolve(), lost: () => undefined, lastClosed: () => undefined, heardOf: () => undefined, release: () => Promise.resolve(), held: () => ({ leases: 0, grantedNano: 0n, spentNano: 0n }),
  };
  const clock = new TestClock();
  return { asked, left, clock, callees: createCalleePurses({ leases, clock }) };
}

test('a call draws on the upper bound of dollars and tokens and on one request, of upstream and credential each', async () => {
  const { callees, left } = purses({ 'ups_1 USD': 1_000n, 'ups_1 TOKENS': 100n, 'crd_1 REQUESTS': 2n });
  const drawn = await callees.draw(candidate, never);
  expect(drawn.map(({ unit, amount, leaseId }) => [unit, amount, leaseId])).toEqual([['USD', 100n, 'lse_ups_1 USD'], ['TOKENS', 30n, 'lse_ups_1 TOKENS'], ['REQUESTS', 1n, 'lse_crd_1 REQUESTS']]);
  for (const one of drawn) one.settle(1n, 0n);
  expect(left).toEqual({ 'ups_1 USD': 999n, 'ups_1 TOKENS': 99n, 'crd_1 REQUESTS': 1n });
});

test('when one purse has too little, what the others gave goes back and the upstream is passed over', async () => {
  const { callees, left } = purses({ 'ups_1 USD': 1_000n, 'ups_1 TOKENS': 100n, 'crd_1 REQUESTS': 0n });
  await expect(callees.draw(candidate, never)).rejects.toMatchObject({ code: 'upstream.over-quota', detail: 'its credential\'s budget of requests has too little left', retryAfterMs: 5_000 });
  expect(left).toEqual({ 'ups_1 USD': 1_000n, 'ups_1 TOKENS': 100n, 'crd_1 REQUESTS': 0n });
});

test('a refusal is believed for a second, for what needs as much; less is asked for at once', async () => {
  const { callees, asked, left, clock } = purses({ 'ups_1 USD': 50n, 'ups_1 TOKENS': 100n, 'crd_1 REQUESTS': 9n });
  const tries = async (reserveNano: bigint) => callees.draw({ ...candidate, reserveNano }, never).then(() => 'drawn', () => 'passed over');
  expect([await tries(100n), await tries(120n), asked.length]).toEqual(['passed over', 'passed over', 1]);
  expect(await tries(50n)).toBe('drawn');
  left['ups_1 USD'] = 1_000n;
  expect(await tries(100n)).toBe('passed over');
  clock.advance(1_000);
  expect(await tries(100n)).toBe('drawn');
});

test('a control plane that cannot be asked is no budget; a client that left is no refusal', async () => {
  await expect(purses({}, () => new Fault('quota.unavailable')).callees.draw(candidate, never)).rejects.toMatchObject({ code: 'upstream.over-quota', detail: 'its budget of dollars cannot be asked for now' });
  await expect(purses({}, () => new Fault('client.left')).callees.draw(candidate, never)).rejects.toMatchObject({ code: 'client.left' });
});

test('what has no price is not paid from a budget of dollars; what costs nothing needs none', async () => {
  const { callees, asked } = purses({ 'ups_1 TOKENS': 100n, 'crd_1 REQUESTS': 9n });
  await expect(callees.draw({ ...candidate, price: undefined, reserveNano: 0n }, never)).rejects.toMatchObject({ code: 'upstream.over-quota' });
  expect((await callees.draw({ ...candidate, reserveNano: 0n }, never)).map(({ unit }) => unit)).toEqual(['TOKENS', 'REQUESTS']);
  expect(asked).toEqual(['ups_1 TOKENS 30', 'crd_1 REQUESTS 1']);
});
