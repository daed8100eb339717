// A memory that takes its time: what a lease keeper does meanwhile.
import { expect, test } from 'vitest';
import type { LeaseGrant } from '@fairlead/shared/lease/lease.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLeaseKeeper, Unreached } from './lease-keeper.ts';
import type { LeaseSource } from './lease-keeper.ts';

const never = new AbortController().signal;

test('while a grant is being written nothing is spent from it, and requests that nothing covers share one', async () => {
  const ledger = { down: false };
  const asked = Promise.withResolvers<void>();
  const source: LeaseSource = {
    ask(ask) {
      if (ledger.down) return Promise.reject(new Unreached('no connection'));
      setImmediate(asked.resolve);
      return Promise.resolve({ leaseId: 'lse_1', holderId: ask.holderId, unit: ask.unit, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: ask.wantNano });
    },
    report: () => Promise.resolve([]),
  };
  const writing: { grant: LeaseGrant; done: () => void }[] = [];
  const memory = { granted: (grant: LeaseGrant) => new Promise<void>((done) => { writing.push({ grant, done }); }), leaseClosed: () => undefined };
  const keeper = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock: new TestClock(), recovered: [], memory });
  let held = false;
  const first = Promise.resolve(keeper.reserve('key_1', 10n, never)).then((slice) => { held = true; return slice; });
  await asked.promise;
  expect([held, keeper.held().leases]).toEqual([false, 0]);
  writing[0]?.done();
  expect((await first).leaseId).toBe(writing[0]?.grant.leaseId);
  ledger.down = true;
  // The first one finds that nobody answers; those after it do not ask.
  const uncovered = Promise.all([1, 2, 3].map(() => keeper.reserve('key_2', 10n, never, 'USD', true)));
  for (let turn = 0; turn < 50 && writing.length < 2; turn++) await new Promise(setImmediate);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect(writing.length).toBe(2);
  writing[1]?.done();
  expect((await uncovered).map(({ leaseId }) => leaseId)).toEqual(Array(3).fill(writing[1]?.grant.leaseId));
});
