// A part of a lease that its node has lent to another: events come from the borrower, the lease's sums from the lender.
import { newId, ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest, nodeHeartbeat, usageReport } from '@fairlead/shared/node-api/operations.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

describe.each(databaseKinds)('a lent lease on $name', ({ base, missing }) => {
  let t: TestPlane;
  beforeAll(async () => { if (!missing) t = await openTestPlane({ base }); });
  afterAll(async () => { if (!missing) await t.close(); });

  test.skipIf(missing)('the borrower\'s usage is charged once, its budget only by the lender\'s word, and the borrower may not speak for the lease', async () => {
    const [lender, borrower] = [await enrollTestNode(t, 'lender'), await enrollTestNode(t, 'borrower')];
    const { client } = t.plane.domain.db;
    const made = await t.asOperator('mutation { keyCreate(input: {name: "k", budget: {limit: "1", window: TOTAL}}) { key { id tenant { id } } } }');
    const [keyId, tenantId] = [textAt(made.data, 'keyCreate', 'key', 'id'), textAt(made.data, 'keyCreate', 'key', 'tenant', 'id')];
    const asked = await lender.call(leaseRequest, { bootId: lender.bootId, reqSeq: 1, keyId, needNano: '1000', wantNano: '1000' });
    const leaseId = textAt(asked.data, 'leaseRequest', 'lease', 'leaseId');
    const now = Date.now();
    const event = {
      id: newId('usageEvent', now), exchangeId: newId('exchange', now), attempt: 1, seq: 1, tenantId, keyId, upstreamId: (await client.upstream.findFirstOrThrow()).id, modelAsked: 'm', modelUsed: 'm', region: 'local', startedAt: now, endedAt: now, outcome: 'OK',
      input: 1, output: 1, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, reasoning: 0, costNano: '300', reservedNano: '500', excessNano: '0', estimated: false, unpriced: false, revision: 1, leaseId, loanId: newId('loan', now),
    };
    const bootId = `bot_${ulid()}`;
    for (let time = 0; time < 2; time++) {
      const taken = await borrower.call(usageReport, { batch: await borrower.sealed('fairlead/usage/1', { batchId: newId('batch'), nodeId: borrower.id, bootId, events: [event] }) });
      expect(at(taken.data, 'usageReport', 'ackedSeq')).toBe(1);
    }
    expect(await client.usageEvent.findMany({ where: { leaseId }, select: { nodeId: true, costNano: true } })).toEqual([{ nodeId: borrower.id, costNano: 300n }]);
    const told = (spentNano: string) => ({ reqSeq: 2, complete: true, leases: [{ leaseId, holderId: keyId, unit: 'USD', bootId: lender.bootId, reqSeq: 1, grantedNano: '1000', spentNano, excessNano: '0', final: true }] });
    const budget = async () => { const row = await client.budget.findFirstOrThrow({ where: { quota: { subjectId: keyId } } }); return [row.spentNano, row.escrowNano]; };
    expect(at((await borrower.call(leaseReport, { ...told('0'), bootId: borrower.bootId })).data, 'leaseReport', 'closedLeaseIds')).toEqual([]);
    expect(await budget()).toEqual([0n, 1000n]);
    expect(at((await lender.call(leaseReport, { ...told('300'), bootId: lender.bootId })).data, 'leaseReport', 'closedLeaseIds')).toEqual([leaseId]);
    expect(await budget()).toEqual([300n, 0n]);
  });

  test.skipIf(missing)('a lender hears which of its borrowers were shut out', async () => {
    const [lender, gone, there] = [await enrollTestNode(t, 'lender'), await enrollTestNode(t, 'gone'), await enrollTestNode(t, 'there')];
    await t.asOperator(`mutation { nodeRevoke(input: {id: "${gone.id}"}) { userErrors { code } } }`);
    const beat = (borrowerIds?: string[]) => lender.call(nodeHeartbeat, { bootId: lender.bootId, appliedRevision: 0, secretEpoch: 1, runtime: 'test', build: '0', spool: { events: 0, bytes: 0, oldestMs: 0, refusing: false }, ...(borrowerIds ? { borrowerIds } : {}) });
    expect(at((await beat([gone.id, there.id, 'nod_nobody'])).data, 'nodeHeartbeat', 'shutOut')).toEqual([gone.id]);
    expect(at((await beat()).data, 'nodeHeartbeat', 'shutOut')).toEqual([]);
  });
});
