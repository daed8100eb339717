import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { JournalFailed, openJournal } from './journal.ts';
import type { Act, Append, Journal } from './journal.ts';
import type { OpenReserve } from './journal-records.ts';

const folders: string[] = [];
const folder = () => { const path = mkdtempSync(join(tmpdir(), 'journal-')); folders.push(path); return path; };
afterEach(() => { for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true }); });

const grant = (id: string): LeaseGrant => ({ leaseId: id, holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '1000' });
const reserve = (id: string, leaseId?: string): OpenReserve => ({ id, exchangeId: 'exc_1', attempt: 1, tenantId: 'ten_1', keyId: 'key_1', upstreamId: 'ups_1', modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: 1, reservedNano: '100', unpriced: false, revision: 1, ...(leaseId === undefined ? {} : { leaseId }) });
const settled = (id: string, seq: number, costNano: string, leaseId?: string): UsageEvent => ({ ...reserve(id, leaseId), seq, endedAt: 2, outcome: 'OK', input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano, excessNano: '0', estimated: false });
const idsOf = (journal: Journal) => journal.pending.map(({ text }) => (JSON.parse(text) as UsageEvent).id);
const state = (journal: Journal) => ({
  leases: [...journal.leases.values()].map(({ grant: held, spentNano, excessNano }) => [held.leaseId, spentNano, excessNano]),
  reserves: journal.openReserves().map(({ id }) => id),
  pending: journal.pending.map(({ boot, text }) => { const event = JSON.parse(text) as UsageEvent; return [boot, event.seq, event.id, event.costNano]; }),
});

test('a torn or damaged tail costs only the record it hit', () => {
  const path = folder();
  const journal = openJournal(path);
  journal.settled('bot_1', settled('use_1', 1, '5'));
  const file = join(path, readdirSync(path)[0] ?? '');
  const whole = readFileSync(file);
  journal.settled('bot_1', settled('use_2', 2, '6'));
  const torn = readFileSync(file).subarray(0, whole.length + 20);
  writeFileSync(file, torn);
  expect(idsOf(openJournal(path))).toEqual(['use_1']);
  const other = folder();
  openJournal(other).settled('bot_1', settled('use_3', 3, '1'));
  appendFileSync(join(other, readdirSync(other)[0] ?? ''), Buffer.from([0, 0, 0, 4, 1, 2, 3, 4, 65, 66, 67, 68]));
  expect(idsOf(openJournal(other))).toEqual(['use_3']);
});

test('of leases nothing is said any more once records were lost: more may have been spent than is left to tell', () => {
  const path = folder();
  const journal = openJournal(path);
  journal.granted({ leaseId: 'lse_1', holderId: 'key_1', unit: 'USD', bootId: 'bot_1', reqSeq: 1, grantedNano: '100' });
  const file = join(path, readdirSync(path)[0] ?? '');
  const before = readFileSync(file).length;
  journal.settled('bot_1', { ...settled('use_1', 1, '60'), leaseId: 'lse_1' });
  journal.settled('bot_1', { ...settled('use_2', 2, '1'), leaseId: 'lse_1' });
  const bytes = readFileSync(file);
  bytes[before + 12] = 0;
  writeFileSync(file, bytes);
  const reopened = openJournal(path);
  expect([reopened.whole, reopened.leases.size]).toEqual([false, 0]);
  // What is granted later is kept as ever.
  reopened.granted({ leaseId: 'lse_2', holderId: 'key_1', unit: 'USD', bootId: 'bot_2', reqSeq: 1, grantedNano: '100' });
  expect([...openJournal(path).leases.keys()]).toEqual(['lse_2']);
});

test('files left beside a compact copy by a crash change nothing', () => {
  const path = folder();
  const journal = openJournal(path);
  journal.granted(grant('lse_1'));
  journal.reserved(reserve('use_1', 'lse_1'));
  journal.settled('bot_1', settled('use_1', 1, '40', 'lse_1'));
  const before = state(journal);
  const name = readdirSync(path)[0] ?? '';
  const old = readFileSync(join(path, name));
  openJournal(path);
  writeFileSync(join(path, name), old);
  expect(state(openJournal(path))).toEqual(before);
});

/** A disk of a size: what does not fit is refused after as much of it as does. */
function diskOf(bytes: number) {
  const disk = { free: bytes };
  const append: Append = (file, data, offset) => {
    const fits = Math.min(data.length - offset, disk.free, 11);
    if (fits === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    disk.free -= fits;
    return writeSync(file, data, offset, fits);
  };
  return { disk, append };
}

test('a full disk refuses a reserve, keeps a settlement in line, and hides nothing that is written later', () => {
  const path = folder();
  const { disk, append } = diskOf(1_000_000);
  const journal = openJournal(path, 1_000_000, append);
  journal.reserved(reserve('use_1'));
  disk.free = 40;
  const kept: string[] = [];
  expect(() => journal.reserved(reserve('use_2'))).toThrow(JournalFailed);
  disk.free = 40;
  journal.settled('bot_1', settled('use_1', 1, '7'), () => kept.push('use_1'));
  expect(() => journal.reserved(reserve('use_3'))).toThrow(JournalFailed);
  expect([kept, journal.pending.length, journal.mend()]).toEqual([[], 0, false]);
  disk.free = 1_000_000;
  expect(journal.mend()).toBe(true);
  journal.reserved(reserve('use_4'));
  expect(kept).toEqual(['use_1']);
  expect(state(openJournal(path))).toEqual({ leases: [], reserves: ['use_4'], pending: [['bot_1', 1, 'use_1', '7']] });
});

test('what is written together is in the file together or not at all: reserves are refused, a settlement waits', () => {
  const path = folder();
  const { disk, append } = diskOf(1_000_000);
  const journal = openJournal(path, 1_000_000, append);
  const told: string[] = [];
  const acts = (...ids: string[]) => ids.map((id): Act => ({ reserve: reserve(id), kept: () => told.push(`kept ${id}`), refused: () => told.push(`refused ${id}`) }));
  journal.together(acts('use_1', 'use_2'));
  disk.free = 300;
  journal.together([...acts('use_3'), { boot: 'bot_1', event: settled('use_1', 1, '7'), kept: () => told.push('settled use_1') }, ...acts('use_4')]);
  expect([told.splice(0), state(openJournal(path)).reserves]).toEqual([['kept use_1', 'kept use_2', 'refused use_3', 'refused use_4'], ['use_1', 'use_2']]);
  const { disk: room, append: more } = diskOf(1_000_000);
  const again = openJournal(path, 1_000_000, more);
  room.free = 0;
  again.together([{ boot: 'bot_1', event: settled('use_1', 1, '7'), kept: () => told.push('settled use_1') }]);
  room.free = 1_000_000;
  again.together(acts('use_5'));
  expect(told).toEqual(['settled use_1', 'kept use_5']);
  expect(state(openJournal(path))).toEqual({ leases: [], reserves: ['use_2', 'use_5'], pending: [['bot_1', 1, 'use_1', '7']] });
});

test('without room for a second file the first goes on to serve, and nothing is lost', () => {
  const path = folder();
  const { disk, append } = diskOf(1_000_000);
  const journal = openJournal(path, 600, append);
  for (let seq = 1; seq <= 3; seq++) journal.settled('bot_1', settled(`use_${seq}`, seq, '1'));
  disk.free = 60;
  journal.acknowledged('bot_1', 2);
  disk.free = 1_000_000;
  journal.reserved(reserve('use_9'));
  expect(readdirSync(path)).toEqual(['journal-1.log']);
  expect(state(openJournal(path))).toEqual({ leases: [], reserves: ['use_9'], pending: [['bot_1', 3, 'use_3', '1']] });
});

test('a long backlog is not copied again for every acknowledgement', () => {
  const path = folder();
  let written = 0;
  const journal = openJournal(path, 1_000, (file, bytes, offset) => { const size = writeSync(file, bytes, offset); written += size; return size; });
  for (let seq = 1; seq <= 400; seq++) journal.settled('bot_1', settled(`use_${seq}`, seq, '1'));
  const once = written;
  for (let seq = 1; seq <= 400; seq++) journal.acknowledged('bot_1', seq);
  expect(written).toBeLessThan(once * 3);
  expect(journal.sizeBytes).toBeLessThan(2_000);
});

test.each<[string, (bytes: Buffer) => Buffer, boolean]>([
  ['cut in its last record', (bytes) => bytes.subarray(0, -5), true],
  ['with a bit turned in its middle', (bytes) => { bytes[bytes.length - 60] = (bytes[bytes.length - 60] ?? 0) ^ 1; return bytes; }, false],
  ['with zeros at its end, as after a power cut', (bytes) => Buffer.concat([bytes, Buffer.alloc(4_096)]), false],
])('a journal %s opens, and says for ever whether records may be lost', (_what, change, whole) => {
  const path = folder();
  const journal = openJournal(path);
  journal.granted(grant('lse_1'));
  journal.settled('bot_1', settled('use_1', 1, '5'));
  const file = join(path, readdirSync(path)[0] ?? '');
  writeFileSync(file, change(readFileSync(file)));
  for (let round = 0; round < 3; round++) {
    const again = openJournal(path);
    expect([again.whole, again.leases.has('lse_1')]).toEqual([whole, whole]);
  }
});

test('a grant of the first form, which names a key alone, is one of its dollars', () => {
  const path = folder();
  const { holderId, unit: _unit, ...first } = grant('lse_1');
  openJournal(path).granted({ ...first, keyId: holderId } as unknown as LeaseGrant);
  expect(openJournal(path).leases.get('lse_1')?.grant).toMatchObject({ holderId: 'key_1', unit: 'USD' });
});
