import { expect, test } from 'vitest';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import { createMemoryCounters } from '../stores/memory/counters.ts';
import { admit } from './admit.ts';
import { createLeaseKeeper } from './lease-keeper.ts';

const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const candidate = (reserveNano: bigint): Candidate => ({ upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price: undefined, outputCap: 10, bounded: true, reserveNano });
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', digest: 'd', tenant: 'ten_1', status: 'ACTIVE', funding: 'POOL', leased: true } };
const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 10, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };

function admitting(amounts: readonly bigint[]) {
  const clock = new TestClock();
  const asked: string[] = [];
  const source = {
    ask: (at: { needNano: string; bootId: string; reqSeq: number; keyId: string }) => { asked.push(at.needNano); return Promise.resolve({ leaseId: `lse_${at.reqSeq}`, keyId: at.keyId, bootId: at.bootId, reqSeq: at.reqSeq, grantedNano: at.needNano }); },
    report: () => Promise.resolve([]),
  };
  const leases = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock, recovered: [], memory: { granted: () => undefined, leaseClosed: () => undefined } });
  const grant = admit({ principal, ask, plan: { route: undefined, candidates: amounts.map(candidate), leftOut: [] }, signal: new AbortController().signal }, { leases, counters: createMemoryCounters(), clock });
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
