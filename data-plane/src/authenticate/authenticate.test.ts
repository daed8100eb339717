import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyRandomBytes, mintKey } from '@fairlead/shared/keys/key-text.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { tableFrom } from '../snapshot/test-table.ts';
import type { TestTable } from '../snapshot/test-table.ts';
import { authenticate } from './authenticate.ts';
import { createGuessGuard } from './guess-guard.ts';

const mint = () => mintKey('key', crypto.getRandomValues(new Uint8Array(keyRandomBytes))).text;
const known = mint();
const snapshot: TestTable = { keys: [{ id: 'key_1', digest: createHash('sha256').update(known).digest('hex'), tenant: 'ten_1', status: 'ACTIVE', funding: 'WALLET', leased: false }] };

function door() {
  const clock = new TestClock();
  const table = tableFrom(snapshot);
  let refreshes = 0;
  const parts = { guard: createGuessGuard(clock), clock, refresh: () => { refreshes += 1; return Promise.resolve(table); } };
  const knock = (key: string, address: string) => Promise.resolve(authenticate({ headers: new Map([['authorization', `Bearer ${key}`]]), query: new URLSearchParams(), address }, table, parts)).then(() => 'in', (cause: { code?: string }) => cause.code);
  return { knock, refreshes: () => refreshes };
}

test('whoever guesses is slowed down and asks the control plane no more, but a known key from the same address goes on', async () => {
  const { knock, refreshes } = door();
  const heard: unknown[] = [];
  for (let guess = 0; guess < 30; guess++) heard.push(await knock(mint(), '198.51.100.7'));
  expect([heard[0], heard[29], refreshes()]).toEqual(['key.unknown', 'key.guarded', 20]);
  expect(await knock(known, '198.51.100.7')).toBe('in');
  expect(await knock(mint(), '198.51.100.8')).toBe('key.unknown');
});

test('a request may ask for a revision: a node that is behind looks for news once, and refuses rather than serve by an older one', async () => {
  const clock = new TestClock();
  const held = tableFrom(snapshot);
  let newest = held;
  let refreshes = 0;
  const parts = { guard: createGuessGuard(clock), clock, refresh: () => { refreshes += 1; return Promise.resolve(newest); } };
  const ask = async (revision: string) => {
    try {
      return (await authenticate({ headers: new Map([['authorization', `Bearer ${known}`], ['x-fairlead-min-revision', revision]]), query: new URLSearchParams(), address: '198.51.100.7' }, held, parts)).table.revision;
    } catch (cause) {
      return cause instanceof Error && 'code' in cause ? cause.code : cause;
    }
  };
  expect([await ask('1'), refreshes]).toEqual([1, 0]);
  expect([await ask('2'), refreshes]).toEqual(['node.behind', 1]);
  expect(await ask('soon')).toBe('request.invalid');
  newest = tableFrom({ ...snapshot, revision: 3 });
  expect(await ask('2')).toBe(3);
  newest = tableFrom({ ...snapshot, revision: 4, keys: (snapshot.keys ?? []).map((key) => ({ ...key, status: 'REVOKED' as const })) });
  expect(await ask('4')).toBe('key.revoked');
});

test('an IPv6 customer is one guesser, however many of the own addresses are used', async () => {
  const { knock } = door();
  let last: unknown;
  for (let guess = 0; guess < 21; guess++) last = await knock(mint(), guess % 2 === 0 ? `2001:db8:0:7:${guess.toString(16)}::1` : `2001:0db8::7:0:0:0:${guess.toString(16)}`);
  expect(last).toBe('key.guarded');
  expect(await knock(mint(), '2001:db8:0:8::1')).toBe('key.unknown');
});
