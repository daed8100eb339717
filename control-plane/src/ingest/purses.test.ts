// Limits in tokens and requests, and limits of upstreams and credentials: each is a purse of its own, with the same rules.
import { newId, ulid } from '@fairlead/shared/id.ts';
import { leaseReport, leaseRequest } from '@fairlead/shared/node-api/operations.ts';
import { readPublished } from '../testing/published.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds } from '../testing/test-database.ts';
import { enrollTestNode } from '../testing/test-node.ts';
import type { TestNode } from '../testing/test-node.ts';
import { at, openTestPlane, textAt } from '../testing/test-plane.ts';
import type { Json, Reply, TestPlane } from '../testing/test-plane.ts';

const hour = 3_600_000;

describe.each(databaseKinds)('purses on $name', ({ base, missing }) => {
  let t: TestPlane;
  let node: TestNode;
  let reqSeq = 0;
  const clock = new TestClock(Date.UTC(2026, 10, 17, 9));
  beforeAll(async () => {
    if (missing) return;
    t = await openTestPlane({ base, clock });
    node = await enrollTestNode(t);
  });
  afterAll(async () => { if (!missing) await t.close(); });

  const keyCreate = async () => textAt((await t.asOperator('mutation { keyCreate(input: {name: "k"}) { key { id } } }')).data, 'keyCreate', 'key', 'id');
  let upstreams = 0;
  const upstreamCreate = async () => {
    const { data } = await t.asOperator('mutation($name: String!) { upstreamCreate(input: {name: $name, baseUrl: "https://api.example.com", dialects: ["anthropic-messages"], auth: X_API_KEY, secret: "sk-limited-0123456789"}) { upstream { id credentials { id } } userErrors { message } } }', { name: `Limited ${++upstreams}` });
    return { upstreamId: textAt(data, 'upstreamCreate', 'upstream', 'id'), credentialId: textAt(data, 'upstreamCreate', 'upstream', 'credentials', 0, 'id') };
  };
  const quotaSet = async (subject: object, limit: string, unit = 'TOKENS', window = 'TOTAL', timeZone = 'UTC') => at((await t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id unit limit { amount unit currency } } userErrors { code path } } }', { input: { subject, limit, unit, window, timeZone } })).data, 'quotaSet');
  const ask = (holderId: string, unit: string, need: string, bootId = node.bootId) => node.call(leaseRequest, { bootId, reqSeq: ++reqSeq, holderId, unit, needNano: need, wantNano: need });
  const leaseOf = (reply: Reply): Json => at(reply.data, 'leaseRequest', 'lease');
  const denialOf = (reply: Reply): Json => at(reply.data, 'leaseRequest', 'denial');
  const stateOf = (lease: Json, spentNano: string, final = true) => ({ leaseId: at(lease, 'leaseId'), holderId: at(lease, 'holderId'), unit: at(lease, 'unit'), bootId: at(lease, 'bootId'), reqSeq: at(lease, 'reqSeq'), grantedNano: at(lease, 'grantedNano'), spentNano, excessNano: '0', final });
  const report = (...leases: object[]) => node.call(leaseReport, { bootId: node.bootId, reqSeq, complete: false, leases });
  const spend = async (holderId: string, unit: string, amount: string) => { const lease = leaseOf(await ask(holderId, unit, amount)); await report(stateOf(lease, amount)); };
  const sumsOf = async (subjectId: string, unit: string) => (await t.plane.domain.db.client.budget.findMany({ where: { quota: { subjectId, unit } }, orderBy: { windowKey: 'asc' } })).map((row) => [row.windowKey, row.spentNano, row.escrowNano, row.excessNano]);

  /** The newest snapshot, as nodes read it. */
  const newest = async (): Promise<Json> => {
    await t.plane.domain.publishing.publish();
    return JSON.parse(JSON.stringify(await readPublished(t.plane))) as Json;
  };

  test.skipIf(missing)('tokens, requests and dollars of one key are leases apart: each is refused by its own limit', async () => {
    const keyId = await keyCreate();
    expect(await quotaSet({ keyId }, '1000')).toMatchObject({ quota: { unit: 'TOKENS', limit: { amount: '1000', unit: 'TOKENS', currency: null } } });
    expect(await quotaSet({ keyId }, '2', 'REQUESTS', 'DAY')).toMatchObject({ quota: { unit: 'REQUESTS' } });
    const tokens = leaseOf(await ask(keyId, 'TOKENS', '900'));
    expect(denialOf(await ask(keyId, 'TOKENS', '101'))).toMatchObject({ code: 'quota.spent', subject: keyId });
    await spend(keyId, 'REQUESTS', '2');
    expect(denialOf(await ask(keyId, 'REQUESTS', '1'))).toMatchObject({ code: 'quota.spent', resetsAt: Date.UTC(2026, 10, 18) });
    // Nothing limits its dollars.
    expect(leaseOf(await ask(keyId, 'USD', '900000000000'))).not.toBeNull();
    await report(stateOf(tokens, '400'));
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['total', 400n, 0n, 0n]]);
    expect(await sumsOf(keyId, 'REQUESTS')).toEqual([['2026-11-17', 2n, 0n, 0n]]);
    const { data } = await t.asOperator('query($id: ID!) { quotas(subjectId: $id) { nodes { unit budget { spent { amount } remaining { amount unit } } reached { percent spent { amount } } } } }', { id: keyId });
    const standings = (at(data, 'quotas', 'nodes') as Json[]).sort((a, b) => textAt(b, 'unit').localeCompare(textAt(a, 'unit')));
    expect(standings).toMatchObject([{ unit: 'TOKENS', budget: { spent: { amount: '400' }, remaining: { amount: '600', unit: 'TOKENS' } } }, { unit: 'REQUESTS', budget: { spent: { amount: '2' } }, reached: [{ percent: 50 }, { percent: 75 }, { percent: 95 }, { percent: 100, spent: { amount: '2' } }] }]);
    const told = await t.plane.domain.db.client.auditEntry.findMany({ where: { action: 'quota.threshold' }, orderBy: { id: 'asc' } });
    expect(told.map((row) => row.detail)).toContainEqual({ percent: 100, subject: keyId, window: '2026-11-17', unit: 'REQUESTS', spent: '2', limit: '2' });
  });

  test.skipIf(missing)('fifty that ask at once get exactly what an upstream and a credential may use, and not a token more', async () => {
    const { upstreamId, credentialId } = await upstreamCreate();
    await quotaSet({ upstreamId }, '20');
    await quotaSet({ credentialId }, '7', 'REQUESTS');
    const replies = await Promise.all(Array.from({ length: 50 }, (_, index) => ask(index % 2 === 0 ? upstreamId : credentialId, index % 2 === 0 ? 'TOKENS' : 'REQUESTS', '1')));
    expect([0, 1].map((odd) => replies.filter((reply, index) => index % 2 === odd && leaseOf(reply) !== null).length)).toEqual([20, 7]);
    expect([await sumsOf(upstreamId, 'TOKENS'), await sumsOf(credentialId, 'REQUESTS')]).toEqual([[['total', 0n, 20n, 0n]], [['total', 0n, 7n, 0n]]]);
    // Whoever deletes an upstream deletes its limits; what is still reported of it is no error.
    await t.asOperator('mutation($id: ID!) { upstreamDelete(input: {id: $id}) { removedId userErrors { message } } }', { id: upstreamId });
    expect(await t.plane.domain.db.client.quota.count({ where: { subjectId: { in: [upstreamId, credentialId] } } })).toBe(0);
    expect(denialOf(await ask(upstreamId, 'TOKENS', '1'))).toMatchObject({ code: 'quota.missing' });
    const first = replies.map(leaseOf).find((lease) => lease !== null) ?? null;
    expect(at((await report(stateOf(first, '1'))).data, 'leaseReport', 'closedLeaseIds')).toEqual([textAt(first, 'leaseId')]);
  });

  test.skipIf(missing)('a node that tells of more tokens than it was granted, or of another\'s, moves nothing beyond them', async () => {
    const { upstreamId } = await upstreamCreate();
    await quotaSet({ upstreamId }, '100');
    const lease = leaseOf(await ask(upstreamId, 'TOKENS', '60'));
    const other = await enrollTestNode(t, 'other');
    await other.call(leaseReport, { bootId: other.bootId, reqSeq: 1, complete: true, leases: [stateOf(lease, '0')] });
    expect(await sumsOf(upstreamId, 'TOKENS')).toEqual([['total', 0n, 60n, 0n]]);
    await report({ ...stateOf(lease, '999'), grantedNano: '5000' });
    expect(await sumsOf(upstreamId, 'TOKENS')).toEqual([['total', 60n, 0n, 939n]]);
    // Under what is spent already: nothing more is granted, and nothing is taken back.
    await quotaSet({ upstreamId }, '10');
    expect(denialOf(await ask(upstreamId, 'TOKENS', '1'))).toMatchObject({ code: 'quota.spent' });
    expect(await sumsOf(upstreamId, 'TOKENS')).toEqual([['total', 60n, 0n, 939n]]);
    // What a restore forgot comes back to the purse that it was of.
    await report({ ...stateOf(lease, '5', false), leaseId: newId('lease'), reqSeq: ++reqSeq });
    expect(await sumsOf(upstreamId, 'TOKENS')).toEqual([['total', 60n, 60n, 939n]]);
  });

  test.skipIf(missing)('a window that is changed in mid-month counts from the change on; what was held before is settled where it was granted', async () => {
    const keyId = await keyCreate();
    const month = await quotaSet({ keyId }, '1000', 'TOKENS', 'MONTH');
    await spend(keyId, 'TOKENS', '600');
    const held = leaseOf(await ask(keyId, 'TOKENS', '300'));
    // Another day's midnight is still the same month: what was spent counts, and the row stays one.
    await quotaSet({ keyId }, '1000', 'TOKENS', 'MONTH', 'Pacific/Kiritimati');
    expect(denialOf(await ask(keyId, 'TOKENS', '101'))).toMatchObject({ code: 'quota.spent' });
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['2026-11', 600n, 300n, 0n]]);
    // A second kind of window binds beside the first, from nothing on.
    await quotaSet({ keyId }, '250', 'TOKENS', 'DAY');
    const both = leaseOf(await ask(keyId, 'TOKENS', '100'));
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['2026-11', 600n, 400n, 0n], ['2026-11-17', 0n, 100n, 0n]]);
    await report(stateOf(held, '200'));
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['2026-11', 800n, 100n, 0n], ['2026-11-17', 0n, 100n, 0n]]);
    // The first is taken away: only the day counts, and what both held is settled in it alone.
    await t.asOperator('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId } }', { id: textAt(month, 'quota', 'id') });
    await report(stateOf(both, '90'));
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['2026-11-17', 90n, 0n, 0n]]);
    expect(denialOf(await ask(keyId, 'TOKENS', '161'))).toMatchObject({ code: 'quota.spent', resetsAt: Date.UTC(2026, 10, 18) });
    const late = leaseOf(await ask(keyId, 'TOKENS', '160'));
    clock.advance(24 * hour);
    expect(leaseOf(await ask(keyId, 'TOKENS', '250'))).not.toBeNull();
    // Reported after midnight, of the day before.
    await report(stateOf(late, '160'));
    expect(await sumsOf(keyId, 'TOKENS')).toEqual([['2026-11-17', 250n, 0n, 0n], ['2026-11-18', 0n, 250n, 0n]]);
  });

  test.skipIf(missing)('limits that are none are refused with where and why', async () => {
    const keyId = await keyCreate();
    for (const [limit, unit] of [['-1', 'TOKENS'], ['1.5', 'TOKENS'], ['0.5', 'REQUESTS'], ['9'.repeat(16), 'REQUESTS'], ['many', 'TOKENS'], ['', 'TOKENS'], ['-1', 'USD'], ['9'.repeat(10), 'USD']]) {
      expect(await quotaSet({ keyId }, limit ?? '', unit), `${limit} ${unit}`).toMatchObject({ quota: null, userErrors: [{ code: 'INVALID', path: ['limit'] }] });
    }
    const unknown = await t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } } }', { input: { subject: { keyId }, limit: '1', unit: 'COFFEES', window: 'DAY' } });
    expect(JSON.stringify(unknown.errors)).toContain('COFFEES');
    expect(await quotaSet({ upstreamId: newId('upstream') }, '1')).toMatchObject({ quota: null, userErrors: [{ code: 'NOT_FOUND', path: ['subject', 'upstreamId'] }] });
    expect(await quotaSet({ credentialId: newId('credential') }, '1')).toMatchObject({ quota: null, userErrors: [{ code: 'NOT_FOUND', path: ['subject', 'credentialId'] }] });
    expect(await t.plane.domain.db.client.quota.count({ where: { subjectId: keyId } })).toBe(0);
    expect(at((await node.call(leaseRequest, { bootId: node.bootId, reqSeq: 1, needNano: '1', wantNano: '1' })).data, 'leaseRequest', 'userErrors', 0)).toMatchObject({ code: 'INVALID', path: ['holderId'] });
    expect(denialOf(await ask(newId('pool'), 'TOKENS', '1'))).toMatchObject({ code: 'quota.missing' });
  });

  test.skipIf(missing)('nodes are told who has which purse, and that it is gone when it is taken away', async () => {
    const { db } = t.plane.domain;
    await db.client.quota.deleteMany({ where: { subjectKind: { in: ['KEY', 'UPSTREAM', 'CREDENTIAL'] } } });
    await keyCreate();
    const { upstreamId, credentialId } = await upstreamCreate();
    const keyId = await keyCreate();
    const set = await quotaSet({ upstreamId }, '5', 'USD', 'MONTH');
    await quotaSet({ credentialId }, '5', 'REQUESTS');
    const tokens = await quotaSet({ keyId }, '5', 'TOKENS');
    let told = await newest();
    const rowOf = (list: string, id: string) => (at(told, list) as Json[]).find((row) => at(row, 'id') === id);
    expect(rowOf('keys', keyId)).toMatchObject({ leased: false, purses: ['TOKENS'] });
    expect(rowOf('upstreams', upstreamId)).toMatchObject({ purses: ['USD'], credentials: [{ id: credentialId, purses: ['REQUESTS'] }] });
    for (const made of [set, tokens]) await t.asOperator('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId } }', { id: textAt(made, 'quota', 'id') });
    told = await newest();
    expect(rowOf('keys', keyId)).not.toHaveProperty('purses');
    expect(rowOf('upstreams', upstreamId)).not.toHaveProperty('purses');
  });

  test.skipIf(missing)('a node of before, which names keys alone and no units, goes on', async () => {
    const keyId = await keyCreate();
    await quotaSet({ keyId }, '0.000001', 'USD');
    const older = `mutation L($input: LeaseRequestInput!) { leaseRequest(input: $input) { lease { leaseId keyId bootId reqSeq grantedNano usableUntil } denial { code resetsAt subject } userErrors { code message path fix } } }`;
    const boot = `bot_${ulid(clock.now())}`;
    const lease = at((await node.call(older, { bootId: boot, reqSeq: 1, keyId, needNano: '700', wantNano: '700' })).data, 'leaseRequest', 'lease');
    expect(at(lease, 'keyId')).toBe(keyId);
    const state = { leaseId: at(lease, 'leaseId'), keyId, bootId: boot, reqSeq: 1, grantedNano: '700', spentNano: '300', excessNano: '0', final: true };
    expect(at((await node.call(leaseReport, { bootId: boot, reqSeq: 1, complete: false, leases: [state] })).data, 'leaseReport', 'closedLeaseIds')).toEqual([at(lease, 'leaseId')]);
    expect(await sumsOf(keyId, 'USD')).toEqual([['total', 300n, 0n, 0n]]);
  });

  test.skipIf(missing)('whoever spends the own money may let nodes go on while nobody can be asked; sponsored money is refused, by what it is for', async () => {
    const served = (subject: object, whenUnreachable = 'SERVE') => t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { whenUnreachable } userErrors { code path } } }', { input: { subject, limit: '0.000001', window: 'TOTAL', whenUnreachable } });
    const { db } = t.plane.domain;
    const issued = textAt((await t.send('mutation { experienceKeyIssue(input: {campaign: "practice"}) { key { id } } }')).data, 'experienceKeyIssue', 'key', 'id');
    const experience = await db.client.key.findUniqueOrThrow({ where: { id: issued } });
    const wallet = await keyCreate();
    await db.client.key.update({ where: { id: wallet }, data: { funding: 'WALLET' } });
    for (const subject of [{ poolId: experience.poolId }, { campaignId: experience.campaignId }, { keyId: issued }, { keyId: wallet }]) {
      expect(at((await served(subject)).data, 'quotaSet'), JSON.stringify(subject)).toMatchObject({ quota: null, userErrors: [{ code: 'FORBIDDEN', path: ['whenUnreachable'] }] });
    }
    const keyId = await keyCreate();
    expect(at((await served({ keyId })).data, 'quotaSet', 'quota', 'whenUnreachable')).toBe('SERVE');
    const { tenantId } = await db.client.key.findUniqueOrThrow({ where: { id: keyId } });
    const goesOn = async (id: string) => {
      const keys = at(await newest(), 'keys') as Json[];
      const row = keys.find((one) => at(one, 'id') === id) as { goesOn?: string[] } | undefined;
      return row?.goesOn;
    };
    expect(await goesOn(keyId)).toEqual(['USD']);
    // Every limit that binds must say so; a sponsored key never goes on, whatever its tenant's limit says.
    const ofTenant = textAt((await t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } } }', { input: { subject: { tenantId }, limit: '9', window: 'MONTH' } })).data, 'quotaSet', 'quota', 'id');
    expect(await goesOn(keyId)).toBeUndefined();
    await t.asOperator('mutation($input: QuotaSetInput!) { quotaSet(input: $input) { quota { id } } }', { input: { subject: { tenantId }, limit: '9', window: 'MONTH', whenUnreachable: 'SERVE' } });
    expect([await goesOn(keyId), await goesOn(issued), await goesOn(wallet)]).toEqual([['USD'], undefined, undefined]);
    // What is told later of a lease of nothing is excess in every budget, once, and the limit is not touched.
    const uncovered = { leaseId: newId('lease'), holderId: keyId, unit: 'USD', bootId: node.bootId, reqSeq: ++reqSeq, grantedNano: '0', spentNano: '0' };
    for (const [excessNano, final] of [['300', false], ['900', false], ['900', true], ['900', true]]) await report({ ...uncovered, excessNano, final });
    expect(await sumsOf(keyId, 'USD')).toEqual([['total', 0n, 0n, 900n]]);
    expect(leaseOf(await ask(keyId, 'USD', '1000'))).not.toBeNull();
    await t.asOperator('mutation($id: ID!) { quotaRemove(input: {id: $id}) { removedId } }', { id: ofTenant });
  });
});
