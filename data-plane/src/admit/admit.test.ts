import { expect, test } from 'vitest';
import type { LeaseAsk } from '@fairlead/shared/lease/lease.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import type { SnapshotKey, SnapshotTenant } from '@fairlead/shared/snapshot/snapshot.ts';
import { tableFrom } from '../snapshot/test-table.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { admit } from './admit.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const candidate = (reserveNano: bigint, tokensMost = 0): Candidate => ({ upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 10, bounded: true, reserveNano, tokensMost });
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', tenant: 'ten_1', status: 'ACTIVE', funding: 'POOL', leased: true } };
const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 10, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };

const tableOf = (tenant: Partial<SnapshotTenant> = {}) => tableFrom({ schema: 3, fleet: 'f', revision: 1, issuedAt: 0, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://x', tenants: [{ id: 'ten_1', status: 'ACTIVE', ...tenant }], keys: [], upstreams: [], models: [], prices: [], routes: [] });
const sessionOf = ({ sessionId }: Ask) => sessionId ?? '';
const inbound = { json: {} };
const signal = new AbortController().signal;

function admitting(amounts: readonly bigint[]) {
  const clock = new TestClock();
  const asked: string[] = [];
  const source = {
    ask: (at: { needNano: string; bootId: string; reqSeq: number; holderId: string; unit: QuotaUnit }) => { asked.push(at.needNano); return Promise.resolve({ leaseId: `lse_${at.reqSeq}`, holderId: at.holderId, unit: at.unit, bootId: at.bootId, reqSeq: at.reqSeq, grantedNano: at.needNano }); },
    report: () => Promise.resolve([]),
  };
  const leases = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock, recovered: [], memory: { granted: () => undefined, leaseClosed: () => undefined } });
  const grant = admit({ principal, ask, plan: { route: undefined, candidates: amounts.map(candidate), leftOut: [] }, table: tableOf(), inbound, signal }, { leases, counters: createMemoryCounters(), clock, sessionOf });
  return { asked, leases, grant };
}

test('of candidates with different prices the dearest is held, and what a failed one did not use serves the next', async () => {
  const { asked, leases, grant } = admitting([30n, 100n, 70n]);
  const held = await grant;
  (await held.reserve(30n)).settle(5n, 0n);
  (await held.reserve(70n)).settle(70n, 0n);
  held.close();
  expect([asked, leases.held().spentNano]).toEqual([['100'], 75n]);
});

test('closing frees what was held, however often it is called', async () => {
  const { leases, grant, asked } = admitting([100n]);
  const held = await grant;
  held.close();
  held.close();
  await leases.reserve('key_1', 100n, new AbortController().signal);
  expect(asked).toEqual(['100']);
});

test('a key with a quota may use what costs nothing without any budget', async () => {
  const { asked, grant } = admitting([0n]);
  expect((await (await grant).reserve(0n)).leaseId).toBeUndefined();
  expect(asked).toEqual([]);
});

const noBudget = { ask: () => Promise.resolve({ code: 'quota.spent' as const, subject: 'key_1' }), report: () => Promise.resolve([]) };

/** A node that holds no budget, and what a key with these limits gets there. */
function limited(tenant: Partial<SnapshotTenant> = {}) {
  const clock = new TestClock();
  const leases = createLeaseKeeper({ bootId: 'bot_1', complete: true, source: noBudget, clock, recovered: [], memory: { granted: () => undefined, leaseClosed: () => undefined } });
  const parts = { leases, counters: createMemoryCounters(), clock, sessionOf };
  const of = async (key: Partial<SnapshotKey>, more: { reserveNano?: bigint; ask?: Partial<Ask> } = {}) => admit(
    { principal: { ...principal, key: { ...principal.key, leased: false, ...key } }, ask: { ...ask, ...more.ask }, plan: { route: undefined, candidates: [candidate(more.reserveNano ?? 0n)], leftOut: [] }, table: tableOf(tenant), inbound, signal }, parts);
  return { clock, of };
}
const reading = (input: number, output: number, cacheRead = 0) => ({ input, output, cacheRead, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 });

test('a key has only so many requests at once: a place is free again when its grant is closed, and when no budget could be had', async () => {
  const { of } = limited();
  const first = await of({ concurrent: 2 });
  await expect(of({ concurrent: 2, leased: true }, { reserveNano: 10n })).rejects.toMatchObject({ code: 'quota.spent' });
  await of({ concurrent: 2 });
  await expect(of({ concurrent: 2 })).rejects.toMatchObject({ code: 'concurrency.exceeded' });
  first.close();
  first.close();
  await of({ concurrent: 2 });
  await expect(of({ concurrent: 2 })).rejects.toMatchObject({ code: 'concurrency.exceeded' });
});

test('what the key\'s level took is given back when the account\'s refuses', async () => {
  const { of } = limited({ concurrent: 1, tokensPerMinute: 100 });
  const other = await of({ id: 'key_2', concurrent: 1 });
  for (let count = 0; count < 3; count++) await expect(of({ concurrent: 1, tokensPerMinute: 50 })).rejects.toMatchObject({ code: 'concurrency.exceeded', say: expect.stringContaining('The account may have 1') as unknown });
  other.used?.(reading(90, 0));
  other.close();
  for (let count = 0; count < 3; count++) await expect(of({ concurrent: 1, tokensPerMinute: 50 })).rejects.toMatchObject({ code: 'pace.exceeded', say: expect.stringContaining('The account may use 100 tokens') as unknown });
  (await of({ concurrent: 1, tokensPerMinute: 15 }, { ask: { inputBytes: 0 } })).close();
});

test('a request takes the tokens that it may use at most, and gives back what it did not use', async () => {
  const { of } = limited();
  const key = { tokensPerMinute: 40 };
  const [first] = [await of(key), await of(key)]; // five for ten bytes, ten for the answer
  await expect(of(key)).rejects.toMatchObject({ code: 'pace.exceeded', retryAfterMs: 7_500 });
  first.used?.(reading(2, 1, 5_000));
  first.close();
  first.close();
  await of(key);
  await expect(of(key)).rejects.toMatchObject({ code: 'pace.exceeded' });
});

test('tokens beyond what was taken are owed, also those of an attempt that ends after the one that served', async () => {
  const { of, clock } = limited();
  const key = { tokensPerMinute: 60 };
  const grant = await of(key);
  grant.used?.(reading(20, 10));
  grant.close();
  expect(grant.tokens?.standing(clock.now())).toEqual({ limit: 60, remaining: 30, wholeAtMs: clock.now() + 30_000 });
  grant.used?.(reading(60, 30));
  await expect(of(key)).rejects.toMatchObject({ retryAfterMs: 75_000 });
  expect(grant.tokens?.standing(clock.now())).toMatchObject({ remaining: 0 });
});

test('no budget, no tokens taken', async () => {
  const { of } = limited();
  for (let count = 0; count < 5; count++) await expect(of({ tokensPerMinute: 15, leased: true }, { reserveNano: 10n })).rejects.toMatchObject({ code: 'quota.spent' });
  await of({ tokensPerMinute: 15 });
});

test('a new session above the limit is refused in words that say so, and those that are there go on until they have been idle', async () => {
  const { of, clock } = limited();
  const from = (sessionId: string) => of({ sessions: 2 }, { ask: { sessionId } });
  const [a, b] = [await from('a'), await from('b')];
  await expect(from('c')).rejects.toMatchObject({ code: 'sessions.exceeded', status: 429, mayRetry: false, say: expect.stringContaining('It may have 2; those that are there go on') as unknown });
  clock.advance(299_999);
  a.close();
  b.close();
  (await from('a')).close();
  clock.advance(299_999);
  await expect(from('c')).rejects.toMatchObject({ code: 'sessions.exceeded' });
  clock.advance(1);
  await from('c');
});

test('a key with quotas of tokens and requests holds what the largest candidate needs of each, draws on it once, and gives all back when one is short', async () => {
  const clock = new TestClock();
  const left: Record<string, bigint> = { USD: 1_000n, TOKENS: 100n, REQUESTS: 2n };
  const source = {
    ask: ({ needNano, wantNano: _want, ...at }: LeaseAsk) => {
      const need = BigInt(needNano);
      if ((left[at.unit] ?? 0n) < need) return Promise.resolve({ code: 'quota.spent' as const, subject: at.holderId });
      left[at.unit] = (left[at.unit] ?? 0n) - need;
      return Promise.resolve({ ...at, leaseId: `lse_${at.reqSeq}`, grantedNano: needNano });
    },
    report: () => Promise.resolve([]),
  };
  const leases = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock, recovered: [], memory: { granted: () => undefined, leaseClosed: () => undefined } });
  const of = (...candidates: Candidate[]) => admit({ principal: { ...principal, key: { ...principal.key, purses: ['TOKENS', 'REQUESTS'] } }, ask, plan: { route: undefined, candidates, leftOut: [] }, table: tableOf(), inbound, signal }, { leases, counters: createMemoryCounters(), clock, sessionOf });
  const grant = await of(candidate(30n, 40), candidate(20n, 60));
  expect(left).toEqual({ USD: 970n, TOKENS: 40n, REQUESTS: 1n });
  const first = await grant.draw?.(candidate(30n, 40));
  expect(first?.map(({ unit, amount }) => [unit, amount])).toEqual([['TOKENS', 60n], ['REQUESTS', 1n]]);
  first?.forEach((one) => one.settle(0n, 0n));
  // The next attempt draws anew, from what the first has not used.
  const second = await grant.draw?.(candidate(20n, 60));
  expect([second?.length, left]).toEqual([2, { USD: 970n, TOKENS: 40n, REQUESTS: 1n }]);
  second?.forEach((one) => one.settle(one.amount, 0n));
  grant.close();
  await expect(of(candidate(30n, 90))).rejects.toMatchObject({ code: 'quota.spent', say: 'The budget of this key is used up. It is a limit of tokens.' });
  // The dollars that it held by then are free again: nothing more is asked for.
  const again = await leases.reserve('key_1', 30n, new AbortController().signal);
  expect([again.leaseId, left.USD]).toEqual(['lse_1', 970n]);
});
