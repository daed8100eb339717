// The contract of Journal, kept by the file and by the stream in Redis.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { settleCrashed } from './accounts.ts';
import { openJournal } from './journal.ts';
import type { Act, Journal } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';
import { streamsForTests } from './testing/streams.ts';

/** Journals by their place; `killed` is what a process that is gone leaves. */
interface Places { place(): string; open(place: string, compactAtBytes?: number): Promise<Journal>; killed(place: string): Promise<void>; end(): Promise<void> }

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;

function folders(): Places {
  const paths: string[] = [];
  return {
    place() { const path = mkdtempSync(join(tmpdir(), 'journal-')); paths.push(path); return path; },
    open: (place, compactAtBytes) => Promise.resolve(openJournal(place, compactAtBytes)),
    killed: () => Promise.resolve(),
    end() { for (const path of paths) rmSync(path, { recursive: true, force: true }); return Promise.resolve(); },
  };
}

function redis(): Places {
  const admin = new Redis(redisUrl ?? '');
  const streams = streamsForTests(redisUrl ?? '', admin);
  return {
    place: () => streams.name(),
    open: async (name, compactAtBytes) => (await streams.open(name, compactAtBytes === undefined ? {} : { compactAtBytes })).journal,
    killed: (name) => streams.killed(name),
    end: () => streams.end(),
  };
}

const grant = (id: string): LeaseGrant => ({ leaseId: id, holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '1000' });
const reserve = (id: string, leaseId?: string): OpenReserve => ({ id, exchangeId: 'exc_1', attempt: 1, tenantId: 'ten_1', keyId: 'key_1', upstreamId: 'ups_1', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: 1, reservedNano: '100', unpriced: false, revision: 1, ...(leaseId === undefined ? {} : { leaseId }) });
const settled = (id: string, seq: number, costNano: string, leaseId?: string): UsageEvent => ({ ...reserve(id, leaseId), seq, endedAt: 2, outcome: 'OK', input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano, excessNano: '0', estimated: false });
const state = (journal: Journal) => ({
  leases: [...journal.leases.values()].map(({ grant: held, spentNano, excessNano }) => [held.leaseId, spentNano, excessNano]),
  reserves: journal.openReserves().map(({ id }) => id),
  pending: journal.pending.map(({ boot, text }) => { const event = JSON.parse(text) as UsageEvent; return [boot, event.seq, event.id, event.costNano]; }),
});
const reserving = (journal: Journal, one: OpenReserve) => new Promise<void>((kept, refused) => { void journal.together([{ reserve: one, kept, refused }]); });
const settling = (journal: Journal, ...events: UsageEvent[]) => Promise.all(events.map((event) => new Promise<void>((kept) => { void journal.together([{ boot: 'bot_1', event, kept }]); })));

describe.each<[string, boolean, () => Places]>([['a file', true, folders], [`Redis${redisUrl === undefined ? ' (not available here)' : ''}`, redisUrl !== undefined, redis]])('a journal in %s', (_name, here, make) => {
  if (!here) { test.skip('needs Redis', () => undefined); return; }
  const places = make();
  afterAll(() => places.end());
  const reopened = async (place: string, compactAtBytes?: number) => { await places.killed(place); return places.open(place, compactAtBytes); };

  test('finds a reserve without its settlement again after the process is gone', async () => {
    const place = places.place();
    const journal = await places.open(place);
    await Promise.all([reserving(journal, reserve('use_1')), reserving(journal, reserve('use_2'))]);
    await settling(journal, settled('use_2', 1, '7'));
    expect(state(await reopened(place))).toEqual({ leases: [], reserves: ['use_1'], pending: [['bot_1', 1, 'use_2', '7']] });
  });

  test('writes what comes together in one order, and acknowledges one run of it', async () => {
    const place = places.place();
    const journal = await places.open(place);
    const told: string[] = [];
    const acts = ['use_1', 'use_2', 'use_3'].map((id): Act => ({ reserve: reserve(id), kept: () => told.push(id), refused: () => told.push(`refused ${id}`) }));
    await journal.together(acts);
    expect(told).toEqual(['use_1', 'use_2', 'use_3']);
    await settling(journal, settled('use_1', 1, '1'), settled('use_2', 2, '2'), settled('use_3', 3, '3'));
    await journal.acknowledged('bot_1', 2);
    expect(state(journal)).toEqual({ leases: [], reserves: [], pending: [['bot_1', 3, 'use_3', '3']] });
    expect(state(await reopened(place))).toEqual(state(journal));
  });

  test('charges every purse that an attempt drew on once, however often it is opened; a crash charges what was set aside', async () => {
    const place = places.place();
    const journal = await places.open(place);
    for (const [id, unit] of [['lse_1', 'USD'], ['lse_2', 'TOKENS'], ['lse_3', 'REQUESTS']] as const) await journal.granted({ ...grant(id), unit, holderId: unit === 'USD' ? 'key_1' : 'ups_1' });
    const holds = [{ leaseId: 'lse_2', unit: 'TOKENS' as const, amount: '300' }, { leaseId: 'lse_3', unit: 'REQUESTS' as const, amount: '1' }];
    await reserving(journal, { ...reserve('use_1', 'lse_1'), holds });
    await settling(journal, { ...settled('use_1', 1, '40', 'lse_1'), holds, drawn: [{ spent: '250', excess: '7' }, { spent: '1', excess: '0' }] });
    await reserving(journal, { ...reserve('use_2', 'lse_1'), holds });
    for (let round = 0; round < 3; round++) expect(state(await reopened(place))).toMatchObject({ leases: [['lse_1', 40n, 0n], ['lse_2', 250n, 7n], ['lse_3', 1n, 0n]], reserves: ['use_2'] });
    let seq = 1;
    for (let round = 0; round < 2; round++) {
      const again = await reopened(place);
      await settleCrashed({ journal: again, bootId: 'bot_2', clock: new TestClock(), nextSeq: () => ++seq });
      expect(state(again).leases).toEqual([['lse_1', 140n, 0n], ['lse_2', 550n, 7n], ['lse_3', 2n, 0n]]);
    }
  });

  test('books what a loan came to on its lease once, however often that is written, and knows over restarts and compactions what is lent and what is over', async () => {
    const place = places.place();
    const journal = await places.open(place);
    const loan = (loanId: string) => ({ loanId, leaseId: 'lse_1', holderId: 'key_1', unit: 'USD' as const, borrowerId: 'nod_2', bootId: 'bot_9', reqSeq: 1, grantedNano: '50' });
    await journal.granted(grant('lse_1'));
    for (const id of ['lon_1', 'lon_2', 'lon_3']) await journal.lent(loan(id));
    const known = (from: Journal) => [[...from.loans.keys()], [...from.closedLoans.values()].map(({ loan: { loanId }, spentNano }) => [loanId, spentNano]), [...from.leases.values()].map(({ spentNano, excessNano }) => [spentNano, excessNano])];
    const over = { loan: loan('lon_1'), spentNano: 40n, excessNano: 2n, closedAtMs: 5 };
    await journal.loansClosed([over, { loan: loan('lon_2'), spentNano: 3n, excessNano: 0n, closedAtMs: 6 }]);
    await journal.loansClosed([over, { ...over, loan: loan('lon_9') }]);
    const expected = [['lon_3'], [['lon_1', 40n], ['lon_2', 3n]], [[43n, 2n]]];
    expect(known(journal)).toEqual(expected);
    for (let round = 0; round < 3; round++) expect(known(await reopened(place, 100))).toEqual(expected);
    const again = await reopened(place);
    await again.loansClosed([over]);
    expect(known(again)).toEqual(expected);
  });

  test('keeps what was borrowed apart from what the control plane granted: attempts are booked on the loan they name, and the ledger is told nothing of it', async () => {
    const place = places.place();
    const journal = await places.open(place);
    await journal.granted(grant('lse_1'));
    for (const id of ['lon_1', 'lon_2']) await journal.granted({ ...grant(id), loan: { lenderId: 'nod_2', leaseId: 'lse_7' } });
    const holds = [{ leaseId: 'lse_7', loanId: 'lon_2', unit: 'USD' as const, amount: '30' }];
    await reserving(journal, { ...reserve('use_1', 'lse_7'), loanId: 'lon_1', holds });
    await settling(journal, { ...settled('use_1', 1, '40', 'lse_7'), loanId: 'lon_1', holds, drawn: [{ spent: '20', excess: '1' }] });
    await reserving(journal, { ...reserve('use_2', 'lse_7'), loanId: 'lon_2' });
    const again = await reopened(place);
    expect(state(again).leases).toEqual([['lse_1', 0n, 0n], ['lon_1', 40n, 0n], ['lon_2', 20n, 1n]]);
    expect([...again.leases.values()].map(({ grant: of }) => of.loan?.leaseId)).toEqual([undefined, 'lse_7', 'lse_7']);
    let seq = 1;
    await settleCrashed({ journal: again, bootId: 'bot_2', clock: new TestClock(), nextSeq: () => ++seq });
    again.leaseClosed('lon_1', 1_000);
    await again.acknowledged('bot_1', 1);
    const last = await reopened(place);
    expect([state(last).leases, last.closed.size]).toEqual([[['lse_1', 0n, 0n], ['lon_2', 120n, 1n]], 0]);
  });

  test('keeps for a day what a closed lease had spent, over restarts and compactions', async () => {
    const place = places.place();
    const journal = await places.open(place);
    const day = 24 * 3_600_000;
    for (const id of ['lse_1', 'lse_2', 'lse_3']) await journal.granted(grant(id));
    await settling(journal, settled('use_1', 1, '40', 'lse_1'), settled('use_3', 2, '5', 'lse_3'));
    journal.leaseClosed('lse_1', 1_000);
    journal.leaseClosed('lse_2', 1_001);
    await journal.acknowledged('bot_1', 1);
    const kept = (from: Journal) => [...from.closed.values()].map(({ grant: of, spentNano, closedAtMs }) => [of.leaseId, spentNano, closedAtMs]);
    for (let round = 0; round < 3; round++) expect(kept(await reopened(place))).toEqual([['lse_1', 40n, 1_000]]);
    const again = await reopened(place);
    again.leaseClosed('lse_3', 1_000 + day);
    await again.acknowledged('bot_1', 2);
    expect(kept(await reopened(place))).toEqual([['lse_3', 5n, 1_000 + day]]);
  });

  test('property: reopened it is what it was, after any history', async () => {
    const act = fc.oneof(
      fc.record({ t: fc.constant('grant' as const), n: fc.nat(5) }), fc.record({ t: fc.constant('reserve' as const), n: fc.nat(20) }),
      fc.record({ t: fc.constant('settle' as const), n: fc.nat(20) }), fc.record({ t: fc.constant('close' as const), n: fc.nat(5) }), fc.record({ t: fc.constant('ack' as const), n: fc.nat(20) }),
      fc.record({ t: fc.constant('reopen' as const), n: fc.nat(1) }),
    );
    await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const place = places.place();
      let journal = await places.open(place, 2_000);
      let seq = 0;
      for (const { t, n } of acts) {
        if (t === 'grant' && !journal.leases.has(`lse_${n}`)) await journal.granted(grant(`lse_${n}`));
        if (t === 'reserve') await reserving(journal, reserve(`use_${n}`, `lse_${n % 6}`));
        if (t === 'settle' && state(journal).reserves.includes(`use_${n}`)) await settling(journal, settled(`use_${n}`, ++seq, String(n), `lse_${n % 6}`));
        // What follows it is written after it.
        if (t === 'close') { journal.leaseClosed(`lse_${n}`, 1); await journal.acknowledged('bot_0', 1); }
        if (t === 'ack' && n <= seq) await journal.acknowledged('bot_1', n);
        if (t === 'reopen') { const before = state(journal); journal = await reopened(place, 2_000); expect(state(journal)).toEqual(before); }
      }
      const before = state(journal);
      expect(state(await reopened(place, 2_000))).toEqual(before);
      await places.killed(place);
    }), { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 500 : 30, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? 1) });
  });
});
