import { newId, ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest } from '@fairlead/shared/node-api/operations.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import type { TestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { Json, Reply, TestPlane } from '../testing/test-plane.ts';
import { ensureWindows } from './leases.ts';

describe.each(databaseKinds)('leases on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base });
    node = await enrollTestNode(t);
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const keyWith = async (limit: string) => {
    const made = await t.asOperator('mutation($limit: Decimal!) { keyCreate(input: {name: "k", budget: {limit: $limit, window: TOTAL}}) { key { id } } }', { limit });
    return textAt(made.data, 'keyCreate', 'key', 'id');
  };
  const ask = (keyId: string, reqSeq: number, need: string, want = need, bootId = node.bootId) => node.call(leaseRequest, { bootId, reqSeq, keyId, needNano: need, wantNano: want });
  const leaseOf = (reply: Reply): Json => at(reply.data, 'leaseRequest', 'lease');
  const report = (reqSeq: number, leases: unknown[], complete = true, bootId = node.bootId) => node.call(leaseReport, { bootId, reqSeq, complete, leases });
  const stateOf = (lease: Json, spentNano: string, final: boolean, excessNano = '0') => ({ leaseId: at(lease, 'leaseId'), holderId: at(lease, 'holderId'), unit: at(lease, 'unit'), bootId: at(lease, 'bootId'), reqSeq: at(lease, 'reqSeq'), grantedNano: at(lease, 'grantedNano'), spentNano, excessNano, final });
  const budgetOf = async (keyId: string) => {
    const row = await t.plane.domain.db.client.budget.findFirstOrThrow({ where: { quota: { subjectId: keyId } } });
    return [row.spentNano, row.escrowNano, row.excessNano];
  };

  test.skipIf(missing)('fifty that ask at once get exactly the limit and not a nano more', async () => {
    const keyId = await keyWith('0.00000002');
    const boot = `bot_${ulid()}`;
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(keyId, index + 1, '1', '1', boot)));
    const granted = replies.filter((reply) => leaseOf(reply) !== null);
    const denied = replies.filter((reply) => leaseOf(reply) === null);
    expect([granted.length, denied.length]).toEqual([20, 30]);
    expect(at(denied[0]?.data, 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    expect(await budgetOf(keyId)).toEqual([0n, 20n, 0n]);
  });

  test.skipIf(missing)('the same wish, delivered twice at once, gets the same lease', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    const replies = await Promise.all([1, 1, 1, 1].map((seq) => ask(keyId, seq, '1000', '8000', boot)));
    expect(new Set(replies.map((reply) => textAt(leaseOf(reply), 'leaseId'))).size).toBe(1);
    expect(await budgetOf(keyId)).toEqual([0n, BigInt(textAt(replies[0]?.data, 'leaseRequest', 'lease', 'grantedNano')), 0n]);
  });

  test.skipIf(missing)('a final settles once, however often and in whatever order reports come', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '1000', '1000', boot));
    await report(2, [stateOf(lease, '700', false)], false, boot);
    await report(2, [stateOf(lease, '300', false)], false, boot);
    expect((await t.plane.domain.db.client.lease.findUniqueOrThrow({ where: { id: textAt(lease, 'leaseId') } })).spentNano).toBe(700n);
    await Promise.all([report(2, [stateOf(lease, '900', true, '5')], false, boot), report(2, [stateOf(lease, '900', true, '5')], false, boot), report(2, [stateOf(lease, '300', false)], false, boot)]);
    expect(at((await report(2, [stateOf(lease, '900', true, '5')], false, boot)).data, 'leaseReport', 'closedLeaseIds')).toEqual([textAt(lease, 'leaseId')]);
    expect(await budgetOf(keyId)).toEqual([900n, 0n, 5n]);
    // What is spent beyond the grant cannot break the limit: it is excess.
    const next = leaseOf(await ask(keyId, 2, '1000', '1000', boot));
    await report(3, [stateOf(next, '1500', true)], false, boot);
    expect(await budgetOf(keyId)).toEqual([1900n, 0n, 505n]);
  });

  test.skipIf(missing)('a lease that the node never got goes back; one that is newer than the list, or was ever reported, stays', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    const lost = leaseOf(await ask(keyId, 1, '1000', '1000', boot));
    const used = leaseOf(await ask(keyId, 2, '2000', '2000', boot));
    await ask(keyId, 4, '4000', '4000', boot);
    await report(3, [stateOf(used, '10', false)], false, boot);
    expect(await budgetOf(keyId)).toEqual([0n, 7000n, 0n]);
    await report(4, [], true, boot);
    expect(await budgetOf(keyId)).toEqual([0n, 6000n, 0n]);
    expect((await t.plane.domain.db.client.lease.findUniqueOrThrow({ where: { id: textAt(lost, 'leaseId') } })).closedBy).toBe('ORPHAN');
    // An incomplete list proves nothing, not even one of a later start.
    await report(9, [], false, `bot_${ulid(Date.now() + 1000)}`);
    expect(await budgetOf(keyId)).toEqual([0n, 6000n, 0n]);
  });

  test.skipIf(missing)('a lease the database lost is taken back with its identity, and holds its budget again', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    await ask(keyId, 1, '1', '1', boot);
    const lost = { leaseId: newId('lease'), keyId, bootId: boot, reqSeq: 2, grantedNano: '5000' };
    await report(1, [{ ...lost, spentNano: '10', excessNano: '0', final: false }], false, boot);
    expect(await budgetOf(keyId)).toEqual([0n, 5001n, 0n]);
    await report(3, [{ ...lost, spentNano: '20', excessNano: '0', final: true }], false, boot);
    expect(await budgetOf(keyId)).toEqual([20n, 1n, 0n]);
  });

  test.skipIf(missing)('a node that claims a larger grant than it got cannot spend more than it got: all above is excess', async () => {
    const keyId = await keyWith('0.00002');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '1000', '1000', boot));
    const claimed = { leaseId: at(lease, 'leaseId'), keyId, bootId: boot, reqSeq: 1, grantedNano: '900000000000000000', spentNano: '800000000000000000', excessNano: '7' };
    await report(2, [{ ...claimed, final: false }], false, boot);
    await report(2, [{ ...claimed, final: true }], false, boot);
    expect(await budgetOf(keyId)).toEqual([1000n, 0n, 799_999_999_999_999_007n]);
  });

  test.skipIf(missing)('what a lease cost that was closed as an orphan shows as excess, once', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '1000', '1000', boot));
    await report(2, [], true, boot);
    expect(await budgetOf(keyId)).toEqual([0n, 0n, 0n]);
    for (const spent of ['300', '700', '700', '300']) await report(3, [stateOf(lease, spent, true)], false, boot);
    expect(await budgetOf(keyId)).toEqual([0n, 0n, 700n]);
  });

  test.skipIf(missing)('a lease the database lost holds its budget again, also when the window was lost with it', async () => {
    const keyId = await keyWith('1');
    await report(1, [{ leaseId: newId('lease'), keyId, bootId: node.bootId, reqSeq: 1000, grantedNano: '5000', spentNano: '10', excessNano: '0', final: false }], false);
    expect(await budgetOf(keyId)).toEqual([0n, 5000n, 0n]);
  });

  test.skipIf(missing)('a window that is made while its limit is lowered has the new limit', async () => {
    const keyId = await keyWith('1');
    const { domain } = t.plane;
    const stale = await domain.db.client.quota.findMany({ where: { subjectId: keyId } });
    await t.asOperator('mutation($id: ID!) { quotaSet(input: {subject: {keyId: $id}, limit: "0.000001", window: TOTAL}) { userErrors { code } } }', { id: keyId });
    await ensureWindows(domain, stale, domain.clock.now());
    expect((await domain.db.client.budget.findFirstOrThrow({ where: { quota: { subjectId: keyId } } })).limitNano).toBe(1000n);
    // A quota that was taken away meanwhile is no error.
    await domain.db.client.quota.deleteMany({ where: { subjectId: keyId } });
    await ensureWindows(domain, stale, domain.clock.now());
  });

  test.skipIf(missing)('ids that no database could hold are refused, not passed on', async () => {
    expect(at((await ask('key_\u0000', 1, '1')).data, 'leaseRequest', 'denial', 'code')).toBe('quota.missing');
    const lost = { leaseId: newId('lease'), keyId: 'key_\u0000', bootId: 'b', reqSeq: 1, grantedNano: '1', spentNano: '1', excessNano: '0', final: true };
    expect(at((await report(1, [lost])).data, 'leaseReport', 'userErrors', 0, 'code')).toBe('INVALID');
  });

  test.skipIf(missing)('an experience key spends only what its pool, its tenant and itself all have', async () => {
    const issued = await t.send('mutation { experienceKeyIssue(input: {campaign: "practice"}) { key { id } userErrors { code } } }');
    const keyId = textAt(issued.data, 'experienceKeyIssue', 'key', 'id');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '400000000', '400000000', boot));
    expect(at(lease, 'usableUntil')).toEqual(expect.any(Number));
    const rows = await t.plane.domain.db.client.leaseBudget.findMany({ where: { leaseId: textAt(lease, 'leaseId') }, include: { budget: { include: { quota: true } } } });
    expect(rows.map((row) => row.budget.quota.subjectKind).sort()).toEqual(['KEY', 'POOL']);
    // The key's own budget refuses; the pool's slice of the failed wish must go back.
    const denied = await ask(keyId, 2, '200000000', '200000000', boot);
    expect(at(denied.data, 'leaseRequest', 'denial')).toMatchObject({ code: 'quota.spent', subject: keyId });
    const pool = rows.find((row) => row.budget.quota.subjectKind === 'POOL');
    expect((await t.plane.domain.db.client.budget.findUniqueOrThrow({ where: { id: pool?.budgetId ?? '' } })).escrowNano).toBe(400_000_000n);
  });

  test.skipIf(missing)('what a revoked node still held counts as spent, once, and is not held any more', async () => {
    const keyId = await keyWith('1');
    const leaver = await enrollTestNode(t, 'leaver');
    for (const reqSeq of [1, 2]) await leaver.call(leaseRequest, { bootId: leaver.bootId, reqSeq, keyId, needNano: '1000', wantNano: '1000' });
    const revoke = () => t.asOperator('mutation($id: ID!) { nodeRevoke(input: {id: $id}) { fleetNode { state } userErrors { code } } }', { id: leaver.id });
    expect(at((await revoke()).data, 'nodeRevoke', 'fleetNode', 'state')).toBe('REVOKED');
    await revoke();
    expect(await budgetOf(keyId)).toEqual([2000n, 0n, 0n]);
    expect((await leaver.call(leaseReport, { bootId: leaver.bootId, reqSeq: 2, complete: true, leases: [] })).status).toBe(401);
  });

  test.skipIf(missing)('a node speaks only for its own leases: another\'s final closes nothing and loses nothing', async () => {
    const keyId = await keyWith('1');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '1000', '1000', boot));
    const other = await enrollTestNode(t, 'other');
    const told = await other.call(leaseReport, { bootId: boot, reqSeq: 2, complete: true, leases: [stateOf(lease, '0', true)] });
    expect(at(told.data, 'leaseReport', 'closedLeaseIds')).toEqual([]);
    expect(await budgetOf(keyId)).toEqual([0n, 1000n, 0n]);
    await report(2, [stateOf(lease, '900', true)], false, boot);
    expect(await budgetOf(keyId)).toEqual([900n, 0n, 0n]);
  });

  test.skipIf(missing)('a limit that is lowered under what is held stops new slices; what was held may still be spent, and no more', async () => {
    const keyId = await keyWith('0.000003');
    const boot = `bot_${ulid()}`;
    const lease = leaseOf(await ask(keyId, 1, '2000', '2000', boot));
    await t.asOperator('mutation($id: ID!) { quotaSet(input: {subject: {keyId: $id}, limit: "0.000001", window: TOTAL}) { userErrors { code } } }', { id: keyId });
    expect(at((await ask(keyId, 2, '1', '1', boot)).data, 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    await report(3, [stateOf(lease, '1500', true)], false, boot);
    expect(await budgetOf(keyId)).toEqual([1500n, 0n, 0n]);
    expect(at((await ask(keyId, 4, '1', '1', boot)).data, 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
  });

  test.skipIf(missing)('wishes that are none are refused with a code', async () => {
    expect(at((await ask(newId('key'), 1, '1')).data, 'leaseRequest', 'denial', 'code')).toBe('quota.missing');
    for (const bad of ['0', '-1', '1.5', 'x', '9'.repeat(30)]) expect(at((await ask(newId('key'), 1, bad)).data, 'leaseRequest', 'userErrors', 0, 'code'), bad).toBe('INVALID');
    expect(at((await report(1, [{ leaseId: 'x', keyId: 'x', bootId: 'b', reqSeq: 1, grantedNano: '1', spentNano: '1', excessNano: '0', final: true }])).data, 'leaseReport', 'userErrors', 0, 'code')).toBe('INVALID');
  });
});
