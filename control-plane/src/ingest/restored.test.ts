// A database that is restored to an older state: nodes that are still there tell it what it forgot, before it grants anew.
import { ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest, nodeHeartbeat } from '@fairlead/shared/node-api/operations.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import type { TestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { Json, TestPlane } from '../testing/test-plane.ts';
import { learningMs } from './learning.ts';

describe.each(databaseKinds)('a restored database on $name', ({ base, missing }) => {
  let t: TestPlane;
  let nodes: TestNode[];
  let reqSeq = 0;
  const clock = new TestClock(Date.UTC(2026, 10, 17, 9));
  const boot = `bot_${ulid(clock.now())}`;
  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    nodes = [await enrollTestNode(t, 'one'), await enrollTestNode(t, 'two')];
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const nodeAt = (index: number): TestNode => { const node = nodes[index]; if (!node) throw new Error('no such node'); return node; };
  const keyCreate = async () => textAt((await t.asOperator('mutation { keyCreate(input: {name: "k", budget: {limit: "0.000001", window: TOTAL}}) { key { id } } }')).data, 'keyCreate', 'key', 'id');
  const ask = async (index: number, keyId: string, need: string) => (await nodeAt(index).call(leaseRequest, { bootId: boot, reqSeq: ++reqSeq, holderId: keyId, unit: 'USD', needNano: need, wantNano: need })).data;
  const leaseOf = (data: Json): Json => at(data, 'leaseRequest', 'lease');
  const stateOf = (lease: Json, spentNano: string, final: boolean) => ({ leaseId: at(lease, 'leaseId'), holderId: at(lease, 'holderId'), unit: 'USD', bootId: boot, reqSeq: at(lease, 'reqSeq'), grantedNano: at(lease, 'grantedNano'), spentNano, excessNano: '0', final });
  const report = (index: number, ...leases: object[]) => nodeAt(index).call(leaseReport, { bootId: boot, reqSeq, complete: true, leases });
  const sumsOf = async (keyId: string) => { const row = await t.plane.domain.db.client.budget.findFirstOrThrow({ where: { quota: { subjectId: keyId } } }); return [row.spentNano, row.escrowNano, row.excessNano]; };

  /** What the database has of leases now, to be restored to it. */
  const copy = async () => {
    const { client } = t.plane.domain.db;
    return { leases: await client.lease.findMany(), held: await client.leaseBudget.findMany(), budgets: await client.budget.findMany() };
  };
  const restore = async ({ leases, held, budgets }: Awaited<ReturnType<typeof copy>>) => {
    const { client } = t.plane.domain.db;
    await client.leaseBudget.deleteMany();
    await client.lease.deleteMany();
    await client.budget.deleteMany({ where: { id: { notIn: budgets.map(({ id }) => id) } } });
    for (const row of budgets) await client.budget.update({ where: { id: row.id }, data: row });
    await client.lease.createMany({ data: leases });
    await client.leaseBudget.createMany({ data: held });
    // The process on a restored database is a new one.
    t.plane.domain.startedAtMs = clock.now();
  };

  test.skipIf(missing)('what was granted and what was settled since comes back before a new slice is granted: nothing is spent twice', async () => {
    const keyId = await keyCreate();
    const early = leaseOf(await ask(0, keyId, '100'));
    const older = await copy();
    // Forgotten: a slice that is held, one that was spent and closed, and that the early one was closed.
    const held = leaseOf(await ask(1, keyId, '300'));
    const spent = leaseOf(await ask(0, keyId, '400'));
    await report(0, stateOf(early, '60', true), stateOf(spent, '400', true));
    expect(await sumsOf(keyId)).toEqual([460n, 300n, 0n]);
    clock.advance(60_000);
    await restore(older);
    expect(await sumsOf(keyId)).toEqual([0n, 100n, 0n]);
    let answered = false;
    const asking = ask(1, keyId, '500').then((data) => { answered = true; return data; });
    const again = ask(1, keyId, '200');
    while (clock.waiting < 2) await new Promise((go) => setTimeout(go, 5));
    await report(0, stateOf(early, '60', true), stateOf(spent, '400', true));
    await report(1, stateOf(held, '0', false));
    expect([answered, await sumsOf(keyId)]).toEqual([false, [460n, 300n, 0n]]);
    clock.advance(learningMs);
    expect(at(await asking, 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    expect(leaseOf(await again)).not.toBeNull();
    // Told once more, as by a node that was lost again: nothing moves.
    await report(0, stateOf(early, '60', true), stateOf(spent, '400', true));
    expect(await sumsOf(keyId)).toEqual([460n, 500n, 0n]);
  });

  test.skipIf(missing)('a node that names what it closed last is told that it is not known here, and gets nothing before it has told', async () => {
    const keyId = await keyCreate();
    const older = await copy();
    const spent = leaseOf(await ask(0, keyId, '700'));
    const closedLeaseId = at(spent, 'leaseId');
    const wish = () => nodeAt(0).call(leaseRequest, { bootId: boot, reqSeq: ++reqSeq, holderId: keyId, unit: 'USD', needNano: '500', wantNano: '500', closedLeaseId });
    const beat = async () => at((await nodeAt(0).call(nodeHeartbeat, { bootId: nodeAt(0).bootId, appliedRevision: 1, secretEpoch: 0, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false }, closedLeaseId })).data, 'nodeHeartbeat', 'closedLeaseKnown');
    await report(0, stateOf(spent, '700', true));
    expect(await beat()).toBe(true);
    await restore(older);
    // The same process goes on: no pause protects this budget.
    t.plane.domain.startedAtMs = 0;
    expect(await beat()).toBe(false);
    expect(at((await wish()).data, 'leaseRequest', 'denial', 'code')).toBe('ledger.behind');
    await report(0, stateOf(spent, '700', true));
    expect(await beat()).toBe(true);
    expect(at((await wish()).data, 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    // Another node's leases are none of this one's.
    expect(at((await nodeAt(1).call(leaseRequest, { bootId: boot, reqSeq: ++reqSeq, holderId: keyId, unit: 'USD', needNano: '100', wantNano: '100', closedLeaseId })).data, 'leaseRequest', 'denial', 'code')).toBe('ledger.behind');
  });

  test.skipIf(missing)('what a node has spent and closed is no orphan after a restore, though its lists leave it out; wired: a list that names nothing closes it with nothing', async () => {
    const keyId = await keyCreate();
    const spent = leaseOf(await ask(0, keyId, '700'));
    const older = await copy();
    const other = leaseOf(await ask(0, keyId, '100'));
    await report(0, stateOf(spent, '650', true), stateOf(other, '0', false));
    await restore(older);
    reqSeq += 1;
    const list = async (more: object, ...leases: object[]) => at((await nodeAt(0).call(leaseReport, { bootId: boot, reqSeq, complete: true, leases, ...more })).data, 'leaseReport', 'closedLeaseIds');
    const closedLeaseId = at(spent, 'leaseId');
    // A final is booked, but not forgotten: what is closed last stays the one to ask about.
    expect(await list({ closedLeaseId }, stateOf(other, '20', true))).toEqual([]);
    expect(await sumsOf(keyId)).toEqual([20n, 700n, 0n]);
    expect(await list({ closedLeaseId }, stateOf(other, '20', true), stateOf(spent, '650', true))).toHaveLength(2);
    expect(await sumsOf(keyId)).toEqual([670n, 0n, 0n]);
    await restore(older);
    await list({});
    expect(await sumsOf(keyId)).toEqual([0n, 0n, 0n]);
  });

  test.skipIf(missing)('just after a start long polls are answered at once', async () => {
    t.plane.domain.startedAtMs = clock.now();
    const { revision, issuedAtMs } = t.plane.publisher.newest() ?? { revision: 0, issuedAtMs: 0 };
    expect((await nodeAt(0).head({ 'if-none-match': `"${revision}.${issuedAtMs}"` }, '?wait=25')).status).toBe(304);
    t.plane.domain.startedAtMs = 0;
  });

  test.skipIf(missing)('wired: without the pause the same wish is granted out of what others still hold', async () => {
    const keyId = await keyCreate();
    const older = await copy();
    leaseOf(await ask(1, keyId, '700'));
    clock.advance(60_000);
    await restore(older);
    t.plane.domain.startedAtMs = 0;
    expect(leaseOf(await ask(0, keyId, '500'))).not.toBeNull();
  });
});
