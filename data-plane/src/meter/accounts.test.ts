import { expect, test } from 'vitest';
import type { Price } from '@fairlead/shared/money/price.ts';
import { noReading } from '@fairlead/shared/money/reading.ts';
import type { Reading } from '@fairlead/shared/money/reading.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { checkUsageEvent } from '@fairlead/shared/usage/event.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import type { AttemptEnd } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Candidate } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import { openAccounts } from './accounts.ts';
import type { AccountParts } from './accounts.ts';
import { JournalFailed } from './journal.ts';
import type { Gathered } from './gather.ts';

const price = { id: 'prc_1', inputNano: 75_000_000_000n, outputNano: 75_000_000_000n, cacheReadNano: 1n, cacheWrite5mNano: 1n, cacheWrite1hNano: 1n };
const upstream = { id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat' as const], auth: 'BEARER' as const, priority: 0, weight: 1, status: 'ACTIVE' as const, credentials: [] };
const candidate: Candidate = { upstream, model: 'm', dialect: 'openai-chat', priority: 0, weight: 1, reason: '', credential: { id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }, price, outputCap: 10, bounded: true, reserveNano: 100n, tokensMost: 0 };
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', tenant: 'ten_1', status: 'ACTIVE', funding: 'WALLET', leased: true } };
const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 10, maxOutputTokens: 10, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };

/** Accounts on a lease that notes what is freed, over a journal that keeps, refuses or waits. */
function accountsOn(disk: 'keeps' | 'refuses' | 'waits', leaseId: string | undefined, units: readonly QuotaUnit[] = [], asked = ask) {
  const freed: bigint[][] = [];
  const drawn: unknown[][] = [];
  const events: UsageEvent[] = [];
  const later: (() => void)[] = [];
  const journal: Gathered = {
    pending: [], sizeBytes: 0,
    reserved() { if (disk === 'refuses') throw new JournalFailed('full'); },
    settled(_boot, event, onKept) { events.push(event); if (disk === 'waits') later.push(() => onKept?.()); else onKept?.(); },
  };
  const parts: AccountParts = { journal, bootId: 'bot_1', region: 'local', callees: { draw: () => Promise.resolve(units.map((unit) => ({ unit, leaseId: `lse_${unit}`, amount: 100n, settle: (spent, excess) => { drawn.push([unit, spent, excess]); } }))) }, clock: new TestClock(), spoolMaxBytes: 1_000, nextSeq: () => 1, onSettled: () => undefined };
  const grant = { reserve: (amountNano: bigint) => Promise.resolve({ leaseId, amountNano, settle: (cost: bigint, excess: bigint) => { freed.push([cost, excess]); } }), close: () => undefined };
  return { drawn, accounts: openAccounts({ exchangeId: 'exc_1', principal, ask: asked, grant, revision: 1, signal: new AbortController().signal }, parts), freed, events, later };
}

test('what was charged is known as soon as it is settled, and not where no price is', async () => {
  const reading: Reading = { input: 10, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0 };
  const charged = async (at: typeof candidate) => {
    const account = await accountsOn('waits', undefined).accounts.open(at, 1);
    const before = account.charged?.();
    account.settle({ outcome: 'OK', reading });
    return [before, account.charged?.()];
  };
  expect(await charged({ ...candidate, price: { ...price, inputNano: 7_000_000n } })).toEqual([undefined, 70n]);
  expect(await charged({ ...candidate, price: undefined })).toEqual([undefined, undefined]);
});

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

test('an event says what its charge was made from, so that it can be made again', async () => {
  const { accounts, events, freed } = accountsOn('keeps', 'lse_1');
  const rates = { inputNano: 3_000_000n, outputNano: 9_000_000n, cacheReadNano: 1n, cacheWrite5mNano: 1n, cacheWrite1hNano: 1n };
  const dear: Price = { id: 'prc_2', ...rates, steps: [{ ...rates, inputNano: 6_000_000n, fromTokens: 100 }], units: { 'web-search': 5_000_000n }, services: [{ name: 'priority', millionths: 2_000_000 }] };
  const reading: Reading = { ...noReading, input: 150, output: 10, units: { 'web-search': 2 }, service: 'priority' };
  (await accounts.open({ ...candidate, price: dear, times: { tenant: 1_500_000 }, reserveNano: 1_000_000n }, 1)).settle({ outcome: 'OK', reading });
  const charge = (150n * 6n + 10n * 9n) * 2n + 2n * 5n;
  expect(events[0]).toMatchObject({ priceId: 'prc_2', fromTokens: 100, service: 'priority', times: { tenant: 1_500_000 }, units: { 'web-search': 2 }, costNano: String((charge * 3n + 1n) / 2n) });
  expect(freed).toEqual([[(charge * 3n + 1n) / 2n, 0n]]);
  expect(checkUsageEvent(events[0])).toBe(events[0]);
});

test('an event says what its request was for, and nothing where nothing was said', async () => {
  const eventOf = async (change: Partial<Ask>) => {
    const { accounts, events } = accountsOn('keeps', undefined, [], { ...ask, ...change });
    (await accounts.open(candidate, 1)).settle({ outcome: 'OK' });
    expect(checkUsageEvent(events[0])).toBe(events[0]);
    return JSON.stringify(events[0]);
  };
  const said = { labels: { repo: 'acme/harbour', branch: undefined, ticket: 'T-1' }, notes: undefined };
  expect(await eventOf({ sessionId: 'ses-1', labelled: said })).toMatch(/"repo":"acme\/harbour","ticket":"T-1","sessionId":"ses-1"/);
  for (const sessionId of [undefined, '']) expect(await eventOf({ sessionId })).not.toMatch(/repo|branch|ticket|session/);
});

test.each<[string, AttemptEnd, unknown[][]]>([
  ['a whole answer: its charge, every token of it, one request', { outcome: 'OK', httpStatus: 200, reading: { ...noReading, input: 10, cacheRead: 20, cacheWrite5m: 3, output: 7, reasoning: 5 } }, [['USD', 100n, 1_175n], ['TOKENS', 40n, 0n], ['REQUESTS', 1n, 0n]]],
  ['more tokens than were set aside: the rest is excess', { outcome: 'OK', reading: { ...noReading, cacheRead: 130 } }, [['USD', 0n, 0n], ['TOKENS', 100n, 30n], ['REQUESTS', 1n, 0n]]],
  ['a refusal with a status: one request', { outcome: 'FAILED', httpStatus: 429 }, [['USD', 0n, 0n], ['TOKENS', 0n, 0n], ['REQUESTS', 1n, 0n]]],
  ['no connection: nothing', { outcome: 'FAILED' }, [['USD', 0n, 0n], ['TOKENS', 0n, 0n], ['REQUESTS', 0n, 0n]]],
])('of an upstream\'s purses is used: %s', async (_what, end, used) => {
  const { accounts, drawn, events } = accountsOn('keeps', undefined, ['USD', 'TOKENS', 'REQUESTS']);
  const rates = { inputNano: 75_000_000n, outputNano: 75_000_000n, cacheReadNano: 0n, cacheWrite5mNano: 0n, cacheWrite1hNano: 0n };
  const limited = { ...candidate, upstream: { ...upstream, purses: ['USD' as const] }, price: { id: 'prc_3', ...rates } };
  (await accounts.open(limited, 1)).settle(end);
  expect(drawn).toEqual(used);
  expect(events[0]?.holds?.map(({ leaseId }) => leaseId)).toEqual(['lse_USD', 'lse_TOKENS', 'lse_REQUESTS']);
  expect(events[0]?.drawn).toEqual(used.map(([, spent, excess]) => ({ spent: String(spent), excess: String(excess) })));
});

test('a reserve that the disk refuses frees every purse', async () => {
  const { accounts, drawn } = accountsOn('refuses', 'lse_1', ['TOKENS']);
  await expect(accounts.open({ ...candidate, upstream: { ...upstream, purses: ['TOKENS'] } }, 1)).rejects.toMatchObject({ code: 'node.spool-full' });
  expect(drawn).toEqual([['TOKENS', 0n, 0n]]);
});
