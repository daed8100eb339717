// Limits on what is above a key, windows that roll, and what people are told when a limit comes near.
import { ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest } from '@fairlead/shared/node-api/operations.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../../testing/test-database.ts';
import { enrollTestNode } from '../../testing/test-node.ts';
import type { TestNode } from '../../testing/test-node.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { Json, TestPlane } from '../../testing/test-plane.ts';

const minute = 60_000;

describe.each(databaseKinds)('quotas on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  let reqSeq = 0;
  const clock = new TestClock(Date.UTC(2026, 10, 21, 9, 2));
  const boot = `bot_${ulid(clock.now())}`;
  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    node = await enrollTestNode(t);
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const keyCreate = async (name = 'k') => textAt((await t.asOperator('mutation($name: String!) { keyCreate(input: {name: $name}) { key { id } } }', { name })).data, 'keyCreate', 'key', 'id');
  const quotaSet = async (subject: object, limit: string, window = 'TOTAL') => t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id subjectKind } userErrors { code path } } }', { input: { subject, limit, window } });
  const ask = async (keyId: string, nano: string) => (await node.call(leaseRequest, { bootId: boot, reqSeq: ++reqSeq, keyId, needNano: nano, wantNano: nano })).data;
  const finalOf = (lease: Json, spentNano: string) => ({ leaseId: at(lease, 'leaseId'), holderId: at(lease, 'holderId'), unit: at(lease, 'unit'), bootId: boot, reqSeq: at(lease, 'reqSeq'), grantedNano: at(lease, 'grantedNano'), spentNano, excessNano: '0', final: true });
  const settle = async (data: Json, spentNano: string) => node.call(leaseReport, { bootId: boot, reqSeq, complete: false, leases: [finalOf(at(data, 'leaseRequest', 'lease'), spentNano)] });
  const spend = async (keyId: string, nano: string) => settle(await ask(keyId, nano), nano);
  const standing = async (subjectId: string) => at((await t.asOperator('query($id: ID!) { quotas(subjectId: $id) { nodes { budget { spent { amount } remaining { amount } } reached { percent spent { amount } } } } }', { id: subjectId })).data, 'quotas', 'nodes', 0);
  const audited = async (quotaId: string) => (await t.plane.domain.db.client.auditEntry.findMany({ where: { action: 'quota.threshold', objectId: quotaId }, orderBy: { id: 'asc' } })).map((row) => Number((row.detail as { percent: number }).percent)).sort((a, b) => a - b);

  test.skipIf(missing)('who may not cap a pool may not take one of its caps away either', async () => {
    const { client } = t.plane.domain.db;
    const pool = await client.pool.findFirstOrThrow();
    const cap = textAt((await quotaSet({ poolId: pool.id }, '7', 'MONTH')).data, 'quotaSet', 'quota', 'id');
    const member = await client.member.create({ data: { id: `mem_${ulid()}`, tenantId: pool.tenantId, name: 'colleague', email: 'colleague@example.com', role: 'OWNER' } });
    const remove = (authorization: string) => t.send('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId userErrors { code } } }', { id: cap }, { authorization });
    const refused = await remove(`Bearer ${await tokenFor(t.plane, { id: member.id, tenantId: pool.tenantId, operator: false })}`);
    expect(at(refused.data, 'quotaRemove')).toEqual({ removedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
    expect(textAt((await t.asOperator('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId } }', { id: cap })).data, 'quotaRemove', 'removedId')).toBe(cap);
  });

  test.skipIf(missing)('a member\'s limit binds all keys of the member together, and none of another', async () => {
    const [one, two] = [await keyCreate('one'), await keyCreate('two')];
    const { client } = t.plane.domain.db;
    const { memberId, tenantId } = await client.key.findUniqueOrThrow({ where: { id: one } });
    const set = await quotaSet({ memberId }, '0.000001');
    expect(at(set.data, 'quotaSet', 'quota', 'subjectKind')).toBe('MEMBER');
    await spend(one, '700');
    expect(at(await ask(two, '400'), 'leaseRequest', 'denial')).toMatchObject({ code: 'quota.spent', subject: memberId });
    const other = await client.member.create({ data: { id: `mem_${ulid()}`, tenantId, name: 'other', email: 'other@example.com', role: 'DEVELOPER' } });
    await client.key.update({ where: { id: two }, data: { memberId: other.id } });
    await client.quota.create({ data: { id: `quo_${ulid()}`, tenantId, subjectKind: 'MEMBER', subjectId: other.id, limitNano: 400n } });
    expect(at(await ask(two, '400'), 'leaseRequest', 'lease')).not.toBeNull();
    await t.asOperator('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId } }', { id: textAt(set.data, 'quotaSet', 'quota', 'id') });
    expect(at((await quotaSet({ memberId: `mem_${ulid()}` }, '1')).data, 'quotaSet', 'userErrors', 0)).toMatchObject({ code: 'NOT_FOUND', path: ['subject', 'memberId'] });
  });

  test.skipIf(missing)('a rolling window frees what is older than five hours, part by part, and says when', async () => {
    const keyId = await keyCreate();
    await quotaSet({ keyId }, '0.000001', 'FIVE_HOURS_ROLLING');
    const began = clock.now();
    await spend(keyId, '600');
    clock.advance(60 * minute);
    await spend(keyId, '300');
    expect(await standing(keyId)).toMatchObject({ budget: { spent: { amount: '0.0000009' }, remaining: { amount: '0.0000001' } } });
    const denial = at(await ask(keyId, '500'), 'leaseRequest', 'denial');
    const resetsAt = Number(at(denial, 'resetsAt'));
    expect(at(denial, 'code')).toBe('quota.spent');
    expect(resetsAt).toBeGreaterThanOrEqual(began + 300 * minute);
    expect(resetsAt).toBeLessThanOrEqual(began + 305 * minute);
    clock.advance(resetsAt - clock.now() - 1);
    expect(at(await ask(keyId, '500'), 'leaseRequest', 'denial', 'code')).toBe('quota.spent');
    clock.advance(1);
    const granted = await ask(keyId, '500');
    expect(at(granted, 'leaseRequest', 'lease')).not.toBeNull();
    expect(await standing(keyId)).toMatchObject({ budget: { spent: { amount: '0.0000003' } } });
    await settle(granted, '0');
    // More than the whole limit never fits: no time is promised.
    expect(at(await ask(keyId, '5000'), 'leaseRequest', 'denial', 'resetsAt')).toBeNull();
    clock.advance(600 * minute);
    expect(await standing(keyId)).toMatchObject({ budget: { spent: { amount: '0.00' }, remaining: { amount: '0.000001' } } });
  });

  test.skipIf(missing)('each share of a limit that is reached is told once a window, however many spend at once', async () => {
    const keyId = await keyCreate();
    const quotaId = textAt((await quotaSet({ keyId }, '0.000001', 'DAY')).data, 'quotaSet', 'quota', 'id');
    const granted = [];
    for (let count = 0; count < 8; count++) granted.push(await ask(keyId, '100'));
    await Promise.all(granted.map((data) => settle(data, '100')));
    expect(await audited(quotaId)).toEqual([50, 75]);
    expect(at(await standing(keyId), 'reached')).toMatchObject([{ percent: 50 }, { percent: 75, spent: { amount: '0.0000008' } }]);
    await spend(keyId, '200');
    expect(await audited(quotaId)).toEqual([50, 75, 95, 100]);
    clock.advance(24 * 60 * minute);
    expect(at(await standing(keyId), 'reached')).toEqual([]);
    await spend(keyId, '500');
    expect(await audited(quotaId)).toEqual([50, 50, 75, 95, 100]);
    // A limit that is lowered below what was spent is reached by that alone.
    await quotaSet({ keyId }, '0.0000004', 'DAY');
    expect(await audited(quotaId)).toEqual([50, 50, 75, 75, 95, 95, 100, 100]);
  });
});
