import { expect, test } from 'vitest';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { gather } from './gather.ts';
import { JournalFailed } from './journal.ts';
import type { Act } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';

const reserve: OpenReserve = { id: 'use_1', exchangeId: 'exc_1', attempt: 1, tenantId: 'ten_1', keyId: 'key_1', upstreamId: 'ups_1', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: 1, reservedNano: '1', unpriced: false, revision: 1 };
const event: UsageEvent = { ...reserve, seq: 1, endedAt: 2, outcome: 'OK', input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '1', excessNano: '0', estimated: false };

test('what comes in one turn is written once, in order, and a reserve is waited for until it is', async () => {
  const written: Act[][] = [];
  let end = (): void => undefined;
  const gathered = gather({ pending: [], sizeBytes: 0, together: (acts) => { written.push([...acts]); for (const act of acts) act.kept?.(); } }, (work) => { end = work; });
  const told: string[] = [];
  const first = Promise.resolve(gathered.reserved(reserve)).then(() => told.push('reserved'));
  gathered.settled('bot_1', event, () => told.push('settled'));
  await Promise.resolve();
  expect([told, written.length]).toEqual([[], 0]);
  end();
  await first;
  expect(told.sort()).toEqual(['reserved', 'settled']);
  expect(written.map((acts) => acts.map((act) => ('reserve' in act ? 'R' : 'S')))).toEqual([['R', 'S']]);
  gathered.flush();
  expect(written).toHaveLength(1);
});

test('a reserve that the disk refuses is heard of by who waits for it', async () => {
  const gathered = gather({ pending: [], sizeBytes: 0, together: (acts) => { for (const act of acts) if ('reserve' in act) act.refused(new JournalFailed('full')); } }, (work) => { work(); });
  await expect(gathered.reserved(reserve)).rejects.toThrow(JournalFailed);
});

test('who sends the end of an answer waits until its settlement was written, and no longer when the disk refuses it', async () => {
  let end = (): void => undefined;
  const gathered = gather({ pending: [], sizeBytes: 0, together: () => undefined }, (work) => { end = work; });
  const told: string[] = [];
  const waited = Promise.resolve(gathered.settled('bot_1', event)).then(() => told.push('tried'));
  await Promise.resolve();
  expect(told).toEqual([]);
  end();
  await waited;
  expect(told).toEqual(['tried']);
});
