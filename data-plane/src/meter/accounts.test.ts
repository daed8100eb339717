import { expect, test } from 'vitest';
import type { Reading } from '@fairlead/shared/money/charge.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { checkUsageEvent } from '@fairlead/shared/usage/event.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import { openAccounts } from './accounts.ts';
import type { AccountParts } from './accounts.ts';
import { JournalFailed } from './journal.ts';
import type { Journal } from './journal.ts';

const price = { id: 'prc_1', inputNano: 75_000_000_000n, outputNano: 75_000_000_000n, cacheReadNano: 1n, cacheWrite5mNano: 1n, cacheWrite1hNano: 1n };
const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const candidate: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price, outputCap: 10, bounded: true, reserveNano: 100n };
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', digest: 'd', tenant: 'ten_1', status: 'ACTIVE', funding: 'WALLET', leased: true } };
const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 10, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };

/** Accounts on a lease that notes what is freed, over a journal that keeps, refuses or waits. */
function accountsOn(disk: 'keeps' | 'refuses' | 'waits', leaseId: string | undefined) {
  const freed: bigint[][] = [];
  const events: UsageEvent[] = [];
  const later: (() => void)[] = [];
  const journal: Journal = {
    leases: new Map(), openReserves: () => [], pending: [], sizeBytes: 0, whole: true, granted: () => undefined, leaseClosed: () => undefined, acknowledged: () => undefined, together: () => undefined, mend: () => true, close: () => undefined,
    reserved() { if (disk === 'refuses') throw new JournalFailed('full'); },
    settled(_boot, event, onKept) { events.push(event); if (disk === 'waits') later.push(() => onKept?.()); else onKept?.(); },
  };
  const parts: AccountParts = { journal, bootId: 'bot_1', region: 'local', clock: new TestClock(), spoolMaxBytes: 1_000, nextSeq: () => 1, onSettled: () => undefined };
  const grant = { reserve: (amountNano: bigint) => Promise.resolve({ leaseId, amountNano, settle: (cost: bigint, excess: bigint) => { freed.push([cost, excess]); } }), close: () => undefined };
  return { accounts: openAccounts({ exchangeId: 'exc_1', principal, ask, grant, revision: 1 }, parts), freed, events, later };
}

test('a reserve that the disk refuses frees what was held, and the call is refused with its reason', async () => {
  const { accounts, freed } = accountsOn('refuses', 'lse_1');
  await expect(accounts.open(candidate, 1)).rejects.toMatchObject({ code: 'node.spool-full' });
  expect(freed).toEqual([[0n, 0n]]);
});

test('what was held is freed only when its settlement is on disk', async () => {
  const { accounts, freed, later } = accountsOn('waits', 'lse_1');
  (await accounts.open(candidate, 1)).settle({ outcome: 'FAILED' });
  expect(freed).toEqual([]);
  for (const write of later) write();
  expect(freed).toEqual([[0n, 0n]]);
});

test.each([['a lease', 'lse_1'], ['nothing', undefined]])('an absurd count of tokens, paid by %s, still makes an event that a ledger can book', async (_by, leaseId) => {
  const { accounts, events } = accountsOn('keeps', leaseId);
  const absurd: Reading = { input: Number.MAX_SAFE_INTEGER, output: Number.MAX_SAFE_INTEGER, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };
  (await accounts.open({ ...candidate, price: { ...price, inputNano: 10n ** 17n } }, 1)).settle({ outcome: 'OK', reading: absurd });
  expect(checkUsageEvent(events[0])).toMatchObject({ id: events[0]?.id });
});
