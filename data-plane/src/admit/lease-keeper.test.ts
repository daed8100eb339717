import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecoveredLease } from '@fairlead/shared/lease/holdings.ts';
import type { LeaseAsk, LeaseDenial, LeaseGrant, LeaseReport } from '@fairlead/shared/lease/lease.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { createLeaseKeeper, Unreached } from './lease-keeper.ts';
import type { LeaseSource } from './lease-keeper.ts';

const never = new AbortController().signal;

/** A budget as the control plane keeps it: one conditional step to grant, finals settle once. */
function openLedger(limit: bigint) {
  const open = new Map<string, { granted: bigint; reqSeq: number }>();
  const ledger = { spent: 0n, escrow: 0n, excess: 0n, asks: 0, reports: [] as LeaseReport[], down: false, refuses: false, loseAnswers: 0, forgets: false };
  const source: LeaseSource = {
    async ask(ask: LeaseAsk): Promise<LeaseGrant | LeaseDenial> {
      ledger.asks += 1;
      if (ledger.down) throw new Unreached('no connection');
      if (ledger.refuses) throw new Error('this node is revoked');
      if (ledger.forgets && ask.closedLeaseId !== undefined) return { code: 'ledger.behind', subject: 'NODE' };
      for (const amount of [BigInt(ask.wantNano), limit - ledger.spent - ledger.escrow, BigInt(ask.needNano)]) {
        if (amount < BigInt(ask.needNano) || ledger.spent + ledger.escrow + amount > limit) continue;
        ledger.escrow += amount;
        const leaseId = `lse_${ask.bootId}_${ask.reqSeq}`;
        open.set(leaseId, { granted: amount, reqSeq: ask.reqSeq });
        if (ledger.loseAnswers > 0) { ledger.loseAnswers -= 1; throw new Error('the answer was lost'); }
        return { leaseId, holderId: ask.holderId, unit: ask.unit, bootId: ask.bootId, reqSeq: ask.reqSeq, grantedNano: String(amount) };
      }
      return { code: 'quota.spent', subject: 'KEY' };
    },
    async report(report: LeaseReport) {
      if (ledger.down) throw new Error('no connection');
      ledger.reports.push(report);
      const closed: string[] = [];
      for (const lease of report.leases) {
        if (!lease.final) continue;
        const held = open.get(lease.leaseId);
        if (held) {
          open.delete(lease.leaseId);
          ledger.escrow -= held.granted;
          ledger.spent += BigInt(lease.spentNano);
        }
        closed.push(lease.leaseId);
      }
      // The orphan rule: what a complete list leaves out and is older than it was never heard of.
      for (const [id, { granted, reqSeq }] of open) {
        if (report.leases.some((lease) => lease.leaseId === id) || reqSeq >= report.reqSeq) continue;
        open.delete(id);
        ledger.escrow -= granted;
      }
      return closed;
    },
  };
  return { ledger, source, open };
}

function keeperOn(source: LeaseSource, clock = new TestClock(), recovered: RecoveredLease[] = []) {
  const written: string[] = [];
  const keeper = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock, recovered, memory: { granted: (grant) => { written.push(`G ${grant.leaseId}`); }, leaseClosed: (id) => written.push(`F ${id}`) } });
  return { keeper, clock, written };
}

test('many requests spend from one slice without asking again', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, written } = keeperOn(source);
  for (let round = 0; round < 8; round++) (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  expect(ledger.asks).toBe(1);
  expect(written).toEqual(['G lse_bot_1_1']);
});

test('a busy key asks for more at a time, a quiet one for less again', async () => {
  const { ledger, source } = openLedger(1_000_000n);
  const { keeper, clock } = keeperOn(source);
  for (let round = 0; round < 1_000; round++) (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  expect(ledger.asks).toBeLessThan(10);
  const before = keeper.held().grantedNano;
  clock.advance(60_000);
  await keeper.report(never);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  expect(keeper.held().grantedNano).toBeLessThan(before);
});

test('a grant is written down before it can be spent', async () => {
  const { source } = openLedger(1_000n);
  const order: string[] = [];
  const keeper = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock: new TestClock(), recovered: [], memory: { granted: () => { order.push('written'); }, leaseClosed: () => undefined } });
  await keeper.reserve('key_1', 10n, never);
  order.push('spent');
  expect(order).toEqual(['written', 'spent']);
});

test('a spent budget is refused with its reason, an unreachable control plane with another', async () => {
  const { ledger, source } = openLedger(15n);
  const { keeper } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.spent' });
  ledger.down = true;
  await expect(keeper.reserve('key_2', 1n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
});

test('an idle slice goes back whole and only when nothing is reserved on it', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock, written } = keeperOn(source);
  const held = await keeper.reserve('key_1', 10n, never);
  clock.advance(10_000);
  await keeper.report(never);
  expect(ledger.escrow).toBe(80n);
  held.settle(7n, 0n);
  clock.advance(10_000);
  await keeper.report(never);
  expect({ spent: ledger.spent, escrow: ledger.escrow }).toEqual({ spent: 7n, escrow: 0n });
  expect(written).toEqual(['G lse_bot_1_1', 'F lse_bot_1_1']);
});

test('a slice too small for a request is given back and the rest asked for, so no money is stranded', async () => {
  const { source } = openLedger(100n);
  const { keeper } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  const large = await keeper.reserve('key_1', 90n, never);
  expect(large.amountNano).toBe(90n);
});

test('a lost answer to an ask never becomes money here', async () => {
  const { ledger, source } = openLedger(1_000n);
  ledger.loseAnswers = 1;
  const { keeper } = keeperOn(source);
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
  expect(keeper.held().leases).toBe(0);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  await keeper.report(never);
  expect(ledger.reports.at(-1)?.leases.map((lease) => lease.leaseId)).toEqual(['lse_bot_1_2']);
});

test('leases of an earlier boot are wound up at what they had spent and never used again', async () => {
  const { ledger, source, open } = openLedger(1_000n);
  open.set('lse_old', { granted: 100n, reqSeq: 3 });
  ledger.escrow = 100n;
  const recovered = [{ grant: { leaseId: 'lse_old', holderId: 'key_1', unit: 'USD' as const, bootId: 'bot_0', reqSeq: 3, grantedNano: '100' }, spentNano: 30n, excessNano: 0n }];
  const { keeper } = keeperOn(source, new TestClock(), recovered);
  await keeper.report(never);
  expect({ spent: ledger.spent, escrow: ledger.escrow }).toEqual({ spent: 30n, escrow: 0n });
});

test('what a lost answer granted goes back although nothing else is held, also when the ask arrives after all', async () => {
  const { ledger, source, open } = openLedger(1_000n);
  ledger.loseAnswers = 1;
  const { keeper, clock } = keeperOn(source);
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
  expect(ledger.escrow).toBe(80n);
  await keeper.report(never);
  expect(ledger.escrow).toBe(0n);
  open.set('lse_late', { granted: 80n, reqSeq: 1 });
  ledger.escrow = 80n;
  clock.advance(60_000);
  await keeper.report(never);
  expect(ledger.escrow).toBe(0n);
  await keeper.report(never);
  expect(ledger.reports).toHaveLength(2);
});

test('a new boot sends a complete list although it holds nothing, so an earlier boot strands nothing', async () => {
  const { ledger, source } = openLedger(1_000n);
  await keeperOn(source).keeper.report(never);
  expect(ledger.reports).toMatchObject([{ complete: true, leases: [] }]);
});

test('where records were lost no list is called complete, so nothing that was spent is taken for unused', async () => {
  const { ledger, source, open } = openLedger(1_000n);
  open.set('lse_unknown', { granted: 100n, reqSeq: 0 });
  const keeper = createLeaseKeeper({ bootId: 'bot_1', complete: false, source, clock: new TestClock(), recovered: [], memory: { granted: () => undefined, leaseClosed: () => undefined } });
  await keeper.report(never);
  expect(ledger.reports).toMatchObject([{ complete: false, leases: [] }]);
});

test('money granted in a lost answer is not missing for the next request', async () => {
  const { ledger, source } = openLedger(100n);
  const { keeper } = keeperOn(source);
  await keeper.report(never);
  ledger.loseAnswers = 1;
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
  expect((await keeper.reserve('key_1', 90n, never)).amountNano).toBe(90n);
});

test.each<[string, () => Promise<void>]>([['at once', () => { throw new Error('ENOSPC'); }], ['later', () => Promise.reject(new Error('no answer'))]])('a grant whose writing is refused %s is not spent and goes back', async (_when, granted) => {
  const { ledger, source } = openLedger(1_000n);
  const memory = { granted, leaseClosed: () => undefined };
  const keeper = createLeaseKeeper({ bootId: 'bot_1', complete: true, source, clock: new TestClock(), recovered: [], memory });
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
  await keeper.report(never);
  expect([ledger.escrow, keeper.held().leases]).toEqual([0n, 0]);
});

test('a client that leaves while its ask is under way is told so, and the slice serves the next one', async () => {
  const { ledger, source } = openLedger(1_000n);
  const answer = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const { keeper } = keeperOn({ ...source, ask: async (ask, signal) => { asked.resolve(); await answer.promise; return source.ask(ask, signal); } });
  const client = new AbortController();
  const refused = expect(keeper.reserve('key_1', 10n, client.signal)).rejects.toMatchObject({ code: 'client.left' });
  await asked.promise;
  client.abort();
  await refused;
  answer.resolve();
  expect((await keeper.reserve('key_1', 80n, never)).amountNano).toBe(80n);
  expect(ledger.asks).toBe(1);
});

test('a control plane that hangs holds up nobody longer than one ask may take, however many wait', async () => {
  const { keeper, clock } = keeperOn({ ask: () => new Promise(() => undefined), report: () => Promise.resolve([]) });
  const waiting = ['key_1', 'key_2', 'key_3'].map((key) => expect(keeper.reserve(key, 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' }));
  clock.advance(5_000);
  await Promise.all(waiting);
});

test('a slice is kept while the control plane is away, and given back when it is heard again', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  ledger.down = true;
  for (let round = 0; round < 5; round++) {
    await keeper.report(never).catch(() => undefined);
    clock.advance(1_000);
  }
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  ledger.down = false;
  clock.advance(2_000);
  await keeper.report(never);
  await keeper.report(never);
  expect({ spent: ledger.spent, escrow: ledger.escrow }).toEqual({ spent: 20n, escrow: 0n });
});

test('a clock that is set back strands no slice', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  clock.advance(-3_600_000);
  await keeper.report(never);
  clock.advance(2_000);
  await keeper.report(never);
  expect(ledger.escrow).toBe(0n);
});

test('settling twice books once', async () => {
  const { source } = openLedger(1_000n);
  const { keeper } = keeperOn(source);
  const held = await keeper.reserve('key_1', 10n, never);
  held.settle(4n, 0n);
  held.settle(4n, 0n);
  expect(keeper.held().spentNano).toBe(4n);
});

test('property: over any history of outages and lost answers, what is settled stays within the limit and adds up', async () => {
  const act = fc.oneof(
    fc.record({ t: fc.constant('spend' as const), n: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ t: fc.constantFrom('report' as const, 'down' as const, 'up' as const, 'lose' as const), n: fc.constant(0) }),
    fc.record({ t: fc.constant('wait' as const), n: fc.integer({ min: 1, max: 4_000 }) }),
  );
  await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 80 }), async (acts) => {
    const limit = 500n;
    const { ledger, source } = openLedger(limit);
    const { keeper, clock } = keeperOn(source);
    let paid = 0n;
    for (const { t, n } of acts) {
      if (t === 'spend') {
        const held = await Promise.resolve(keeper.reserve('key_1', BigInt(n), never)).catch(() => undefined);
        const cost = BigInt(Math.floor(n * 0.7));
        if (held) { held.settle(cost, 0n); paid += cost; }
      }
      if (t === 'report') await keeper.report(never).catch(() => undefined);
      if (t === 'down') ledger.down = true;
      if (t === 'up') ledger.down = false;
      if (t === 'lose') ledger.loseAnswers = 1;
      if (t === 'wait') clock.advance(n);
      expect(paid <= limit && ledger.spent + ledger.escrow <= limit, 'within the limit').toBe(true);
    }
    ledger.down = false;
    await keeper.release(never);
    clock.advance(60_000);
    await keeper.report(never);
    expect({ spent: ledger.spent, stranded: ledger.escrow }).toEqual({ spent: paid, stranded: 0n });
  }), { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 5_000 : 200, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? 1) });
});

test('a busy key goes on spending from the half that is left while more is asked for', async () => {
  const { ledger, source } = openLedger(1_000_000n);
  let answer: Promise<void> = Promise.resolve();
  let asks = 0;
  const { keeper } = keeperOn({ ...source, async ask(ask, signal) { asks += 1; await answer; return source.ask(ask, signal); } });
  const spend = async () => (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  for (let round = 0; round < 1_000; round++) await spend();
  await new Promise(setImmediate);
  let release: () => void = () => undefined;
  answer = new Promise((resolve) => { release = resolve; });
  const before = asks;
  let spent = 0;
  while (asks === before) { await Promise.race([spend(), new Promise((_, fail) => { setImmediate(() => setImmediate(() => fail(new Error('it waits for the answer')))); })]); spent += 1; }
  for (let more = 0; more < 10; more++) await Promise.race([spend(), new Promise((_, fail) => { setImmediate(() => setImmediate(() => fail(new Error('it waits for the answer')))); })]);
  release();
  await new Promise(setImmediate);
  expect([asks, keeper.held().spentNano]).toEqual([before + 1, BigInt(1_000 + spent + 10) * 10n]);
  expect(ledger.spent + ledger.escrow).toBeLessThanOrEqual(1_000_000n);
});

test('a refusal of what was asked ahead hits nobody who can still be served', async () => {
  const { ledger, source } = openLedger(20_000n);
  const { keeper } = keeperOn(source);
  let served = 0;
  for (let round = 0; round < 2_100; round++) {
    await Promise.resolve(keeper.reserve('key_1', 10n, never)).then((held) => { held.settle(10n, 0n); served += 1; }, () => undefined);
  }
  expect([served, ledger.spent + ledger.escrow <= 20_000n]).toEqual([2_000, true]);
});

test('while nobody can be asked, whoever may go on does so uncovered: all of it is excess, told once somebody hears, and given up when idle', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock, written } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(10n, 0n);
  await keeper.release(never);
  ledger.down = true;
  await expect(keeper.reserve('key_1', 10n, never)).rejects.toMatchObject({ code: 'quota.unavailable' });
  const [one, two] = [await keeper.reserve('key_1', 10n, never, 'USD', true), await keeper.reserve('key_1', 90n, never, 'USD', true)];
  expect([one.uncovered, one.amountNano, two.leaseId === one.leaseId, one.leaseId?.startsWith('lse_')]).toEqual([true, 0n, true, true]);
  // Asked once in two seconds, not by every request.
  expect(ledger.asks).toBe(2);
  one.settle(0n, 7n);
  ledger.down = false;
  clock.advance(2_000);
  await keeper.report(never);
  const uncovered = () => ledger.reports.at(-1)?.leases.filter(({ grantedNano }) => grantedNano === '0');
  expect(uncovered()).toMatchObject([{ spentNano: '0', excessNano: '7', final: false }]);
  two.settle(0n, 5n);
  clock.advance(2_000);
  await keeper.report(never);
  expect(uncovered()).toMatchObject([{ spentNano: '0', excessNano: '12', final: true }]);
  expect(written.at(-1)).toBe(`F ${one.leaseId}`);
  expect((await keeper.reserve('key_1', 10n, never, 'USD', true)).uncovered).toBeUndefined();
});

test('a control plane that refuses this node, or has no budget left, is reached: nobody goes on', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper } = keeperOn(source, new TestClock());
  ledger.refuses = true;
  await expect(keeper.reserve('key_1', 10n, never, 'USD', true)).rejects.toMatchObject({ code: 'quota.unavailable' });
  ledger.refuses = false;
  await expect(keeper.reserve('key_1', 10_000n, never, 'USD', true)).rejects.toMatchObject({ code: 'quota.spent' });
});

test('after the control plane was lost it is told of closed leases anew, with what they cost, once; those that cost nothing are forgotten', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(7n, 0n);
  (await keeper.reserve('key_2', 10n, never)).settle(0n, 0n);
  clock.advance(2_000);
  await keeper.report(never);
  expect(keeper.held().leases).toBe(0);
  keeper.lost();
  await keeper.report(never);
  expect(ledger.reports.at(-1)).toMatchObject({ closedLeaseId: keeper.lastClosed(), leases: [{ holderId: 'key_1', spentNano: '7', final: true }] });
  const told = ledger.reports.length;
  await keeper.report(never);
  expect(ledger.reports).toHaveLength(told);
  clock.advance(25 * 3_600_000);
  keeper.lost();
  await keeper.report(never);
  expect(ledger.reports.at(-1)?.leases).toEqual([]);
});

test('a database that does not know what was closed last is told before it grants, also by a keeper that noticed nothing; once for each lease', async () => {
  const { ledger, source } = openLedger(1_000n);
  const { keeper, clock } = keeperOn(source);
  (await keeper.reserve('key_1', 10n, never)).settle(7n, 0n);
  clock.advance(2_000);
  await keeper.report(never);
  ledger.forgets = true;
  const told = ledger.reports.length;
  const lastId = keeper.lastClosed();
  (await keeper.reserve('key_1', 10n, never)).settle(0n, 0n);
  expect(ledger.reports.slice(told).flatMap(({ leases }) => leases)).toMatchObject([{ leaseId: lastId, spentNano: '7', final: true }]);
  const again = ledger.reports.length;
  // It will not take it: it is not told for ever, and lists count without it.
  await keeper.reserve('key_2', 10n, never);
  expect(ledger.reports.at(-1)).not.toHaveProperty('closedLeaseId');
  const heardOf = (known: boolean) => { if (lastId !== undefined) keeper.heardOf(lastId, known); };
  heardOf(false);
  expect(ledger.reports).toHaveLength(again);
  // Restored a second time: once it was known, it may be forgotten anew.
  heardOf(true);
  heardOf(false);
  await keeper.report(never);
  expect(ledger.reports.at(-1)?.leases).toContainEqual(expect.objectContaining({ leaseId: lastId, spentNano: '7', final: true }));
});
