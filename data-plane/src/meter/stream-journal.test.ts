// What a journal in Redis promises beside the contract: one writer, one landing, and a state that outlives Redis' own losses.
import { Redis } from 'ioredis';
import { afterAll, describe, expect, test } from 'vitest';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { RedisRefused } from '../stores/redis/owned-stream.ts';
import type { OwnedStream } from '../stores/redis/owned-stream.ts';
import { JournalAway, JournalFailed } from './journal.ts';
import type { Journal } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';
import { streamsForTests } from './testing/streams.ts';

const redisUrl = process.env.FAIRLEAD_TEST_REDIS;
const reserve = (id: string, leaseId?: string): OpenReserve => ({ id, exchangeId: 'exc_1', attempt: 1, tenantId: 'ten_1', keyId: 'key_1', upstreamId: 'ups_1', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: 1, reservedNano: '100', unpriced: false, revision: 1, ...(leaseId === undefined ? {} : { leaseId }) });
const settled = (id: string, seq: number): UsageEvent => ({ ...reserve(id), seq, endedAt: 2, outcome: 'OK', input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '7', excessNano: '0', estimated: false });
const reserving = (journal: Journal, id: string) => new Promise<void>((kept, refused) => { void journal.together([{ reserve: reserve(id), kept, refused }]); });
const settling = (journal: Journal, id: string, seq: number) => new Promise<void>((kept) => { void journal.together([{ boot: 'bot_1', event: settled(id, seq), kept }]); });
const open = (journal: Journal) => journal.openReserves().map(({ id }) => id);
const waiting = (journal: Journal) => journal.pending.map(({ seq }) => seq);

describe.skipIf(redisUrl === undefined)('a journal in Redis', () => {
  const admin = new Redis(redisUrl ?? '', { lazyConnect: true });
  const streams = streamsForTests(redisUrl ?? '', admin);
  afterAll(() => streams.end());
  const reopened = async (name: string) => { await streams.killed(name); return streams.open(name); };
  /** A way there on which writes fail as told: before they arrive, or on the way back. */
  const roadOf = () => {
    const road = { lost: undefined as 'there' | 'back' | 'refused' | undefined };
    const wrap = (stream: OwnedStream): OwnedStream => ({
      ...stream,
      async append(last, id, bytes) {
        if (road.lost === 'there') throw new Error('no connection');
        if (road.lost === 'refused') throw new RedisRefused('OOM command not allowed');
        const said = await stream.append(last, id, bytes);
        if (road.lost === 'back') throw new Error('no answer');
        return said;
      },
    });
    return { road, wrap };
  };

  test('writes once what it has to send again, since the answer was lost', async () => {
    const name = streams.name();
    const { road, wrap } = roadOf();
    const { journal } = await streams.open(name, { wrap, waitMs: 30_000 });
    await reserving(journal, 'use_1');
    road.lost = 'back';
    const settledOnce = settling(journal, 'use_1', 1);
    while ((await admin.xlen(`${name}:journal`)) < 3) await new Promise((go) => { setTimeout(go, 5); });
    road.lost = undefined;
    await settledOnce;
    await reserving(journal, 'use_2');
    expect([await admin.xlen(`${name}:journal`), waiting(journal), open(journal)]).toEqual([4, [1], ['use_2']]);
    const again = await reopened(name);
    expect([waiting(again.journal), open(again.journal), again.journal.whole]).toEqual([[1], ['use_2'], true]);
  });

  test.each(['there', 'back'] as const)('refuses in time a reserve whose write is lost on the way %s, and nothing of it stays; a settlement waits', async (way) => {
    const name = streams.name();
    const { road, wrap } = roadOf();
    const { journal } = await streams.open(name, { wrap, waitMs: 100 });
    await reserving(journal, 'use_1');
    road.lost = way;
    await expect(reserving(journal, 'use_2')).rejects.toBeInstanceOf(JournalAway);
    const later = settling(journal, 'use_1', 1);
    await expect(journal.granted({ leaseId: 'lse_1', holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '5' })).rejects.toBeInstanceOf(JournalAway);
    expect([waiting(journal), journal.mend()]).toEqual([[], false]);
    road.lost = undefined;
    await later;
    await journal.acknowledged('bot_0', 1);
    for (const each of [journal, (await reopened(name)).journal]) expect([open(each), waiting(each), each.leases.size]).toEqual([[], [1], 0]);
  });

  test('refuses at once what Redis refuses, and keeps what has happened in line', async () => {
    const { road, wrap } = roadOf();
    const { journal } = await streams.open(streams.name(), { wrap, waitMs: 60_000 });
    road.lost = 'refused';
    const cause: unknown = await reserving(journal, 'use_1').catch((error: unknown) => error);
    expect([cause instanceof JournalFailed, cause instanceof JournalAway]).toEqual([true, false]);
    const later = settling(journal, 'use_2', 1);
    road.lost = undefined;
    await later;
    expect([waiting(journal), open(journal)]).toEqual([[1], []]);
  });

  test.each([['while it is alive', true], ['that is gone again', false]])('is no longer written by a process that another one has followed %s', async (_what, alive) => {
    const name = streams.name();
    const first = await streams.open(name, { waitMs: 30_000 });
    await reserving(first.journal, 'use_1');
    await admin.del(`${name}:lock`);
    const second = await streams.open(name);
    await reserving(second.journal, 'use_2');
    if (!alive) await admin.del(`${name}:lock`);
    await expect(reserving(first.journal, 'use_3')).rejects.toThrow(/taken over this node/);
    await expect(reserving(first.journal, 'use_4')).rejects.toThrow(/taken over this node/);
    expect([first.taken.length, first.logged.some((line) => line.includes('journal.taken'))]).toEqual([1, true]);
    await reserving(second.journal, 'use_5');
    expect(open((await reopened(name)).journal)).toEqual(['use_1', 'use_2', 'use_5']);
  });

  test('writes nothing more once another process has the lock, before that one has written anything', async () => {
    const name = streams.name();
    const { journal } = await streams.open(name);
    await reserving(journal, 'use_1');
    await admin.set(`${name}:lock`, 'another', 'PX', 60_000);
    await expect(reserving(journal, 'use_2')).rejects.toThrow(/taken over this node/);
    expect(open((await reopened(name)).journal)).toEqual(['use_1']);
  });

  test.each<[string, (name: string) => Promise<unknown>]>([
    ['emptied', (name) => admin.del(`${name}:journal`, `${name}:lock`)],
    ['set back', async (name) => { const [last] = await admin.xrevrange(`${name}:journal`, '+', '-', 'COUNT', 1); await admin.xdel(`${name}:journal`, last?.[0] ?? ''); }],
  ])('is whole again after Redis was %s: the node writes all that it knows anew, and what stands beside it first', async (_what, lose) => {
    const name = streams.name();
    const restored: number[] = [];
    const one = await streams.open(name, { waitMs: 30_000, restore: async () => { restored.push(await admin.xlen(`${name}:journal`)); } });
    await one.journal.granted({ leaseId: 'lse_1', holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '500' });
    await reserving(one.journal, 'use_1');
    await settling(one.journal, 'use_1', 1);
    await reserving(one.journal, 'use_2');
    await lose(name);
    await reserving(one.journal, 'use_3');
    expect([restored.length, one.logged.some((line) => line.includes('journal.rewritten'))]).toEqual([1, true]);
    const { journal } = await reopened(name);
    expect([open(journal), waiting(journal), [...journal.leases.keys()], journal.whole]).toEqual([['use_2', 'use_3'], [1], ['lse_1'], true]);
  });

  test.each<[string, (name: string, ids: string[]) => Promise<unknown>]>([
    ['missing in its middle', (name, ids) => admin.xdel(`${name}:journal`, ids[2] ?? '')],
    ['missing at its beginning', (name, ids) => admin.xdel(`${name}:journal`, ids[0] ?? '')],
    ['changed', async (name, ids) => { await admin.xdel(`${name}:journal`, ids.at(-1) ?? ''); const [ms, number] = (ids.at(-1) ?? '').split('-'); await admin.xadd(`${name}:journal`, `${ms}-${Number(number) + 1}`, 'r', 'nothing that one could read'); }],
  ])('says for ever that records may be lost when one is %s', async (_what, harm) => {
    const name = streams.name();
    const { journal } = await streams.open(name);
    await journal.granted({ leaseId: 'lse_1', holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '500' });
    for (const id of ['use_1', 'use_2', 'use_3']) await reserving(journal, id);
    await streams.killed(name);
    await harm(name, (await admin.xrange(`${name}:journal`, '-', '+')).map(([id]) => id));
    for (let round = 0; round < 2; round++) expect((await reopened(name)).journal.whole).toBe(false);
  });

  test('stays small: what is acknowledged goes, and a batch is one entry', async () => {
    const name = streams.name();
    const { journal } = await streams.open(name, { compactAtBytes: 2_000 });
    for (let round = 0; round < 20; round++) {
      await Promise.all(Array.from({ length: 10 }, (_, at) => settling(journal, `use_${round * 10 + at}`, round * 10 + at + 1)));
      await journal.acknowledged('bot_1', round * 10 + 10);
    }
    expect(journal.sizeBytes).toBeLessThan(8_000);
    expect(await admin.xlen(`${name}:journal`)).toBeLessThan(10);
    expect(waiting((await reopened(name)).journal)).toEqual([]);
  });
});
