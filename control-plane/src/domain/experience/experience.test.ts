import { readKey } from '@fairlead/shared/keys/key-text.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import { expect, test } from 'vitest';
import { readPublished } from '../../testing/published.ts';
import { at, openTestPlane, textAt, tokenFor } from '../../testing/test-plane.ts';
import type { TestPlane, TestPlaneOptions } from '../../testing/test-plane.ts';

const issue = 'mutation { experienceKeyIssue(input: {campaign: "practice", client: "test"}) { key { id hint } secret budget { amount } expiresAt baseUrl env { name value } command claimUrl userErrors { code __typename ... on PoolExhaustedError { reopensAt } } } }';

async function using(options: TestPlaneOptions, work: (t: TestPlane) => Promise<void>): Promise<void> {
  const t = await openTestPlane(options);
  try { await work(t); } finally { await t.close(); }
}

test('anyone on this machine gets a key that works at once, with everything to use it', () => using({}, async (t) => {
  const issued = at((await t.send(issue)).data, 'experienceKeyIssue');
  const secret = textAt(issued, 'secret');
  expect(readKey(secret)?.kind).toBe('key');
  expect(at(issued, 'budget', 'amount')).toBe('0.50');
  expect(textAt(issued, 'command')).toMatch(new RegExp(`^ANTHROPIC_BASE_URL=http://127.0.0.1:8787 ANTHROPIC_AUTH_TOKEN=${secret} ANTHROPIC_MODEL=claude-haiku-5-5 .* claude$`));
  const status = await t.send('query($s: String!) { experienceKey(secret: $s) { state left { amount } claimed } }', { s: secret });
  expect(at(status.data, 'experienceKey')).toEqual({ state: 'ACTIVE', left: { amount: '0.50' }, claimed: false });
}));

test('a claimed key keeps its secret, belongs to the member\'s tenant, and cannot be claimed again', () => using({}, async (t) => {
  const issued = at((await t.send(issue)).data, 'experienceKeyIssue');
  const code = textAt(issued, 'claimUrl').split('/claim/')[1] ?? '';
  expect(at((await t.send('query($c: String!) { claim(code: $c) { hint claimed budget { amount } } }', { c: code })).data, 'claim')).toEqual({ hint: textAt(issued, 'key', 'hint'), claimed: false, budget: { amount: '0.50' } });
  const made = await t.asOperator('mutation { tenantCreate(input: {name: "北京"}) { tenant { id slug } owner { id } userErrors { message } } }');
  const tenantId = textAt(made.data, 'tenantCreate', 'tenant', 'id');
  const mine = { authorization: `Bearer ${await tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId, operator: false })}` };
  const claim = 'mutation($c: String!) { keyClaim(input: {code: $c}) { key { id tenant { id } claimedAt quotas { id } campaign { slug pool { name } } } userErrors { code } } }';
  expect(at((await t.send(claim, { c: code }, mine)).data, 'keyClaim', 'key')).toMatchObject({ id: textAt(issued, 'key', 'id'), tenant: { id: tenantId }, quotas: [{}], campaign: { slug: 'practice', pool: null } });
  expect(at((await t.asOperator(claim, { c: code })).data, 'keyClaim', 'userErrors', 0, 'code')).toBe('USED');
  // Its holder may not lift the limits that others pay for.
  const lift = await t.send('mutation($id: ID!) { keyUpdate(input: {id: $id, expiresAt: null}) { userErrors { code } } quotaSet(input: {subject: {keyId: $id}, limit: "500", window: TOTAL}) { userErrors { code } } }', { id: textAt(issued, 'key', 'id') }, mine);
  expect([at(lift.data, 'keyUpdate', 'userErrors', 0, 'code'), at(lift.data, 'quotaSet', 'userErrors', 0, 'code')]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
}));

test('an empty pool says when it is filled again, and is', () => {
  const clock = new TestClock(Date.UTC(2026, 10, 21, 12));
  return using({ clock }, async (t) => {
    const pool = await t.plane.domain.db.client.quota.findFirstOrThrow({ where: { subjectKind: 'POOL' } });
    await t.plane.domain.db.client.budget.create({ data: { id: 'bud_full', quotaId: pool.id, windowKey: '2026-11-21', startsAt: new Date(Date.UTC(2026, 10, 21)), endsAt: new Date(Date.UTC(2026, 10, 22)), limitNano: pool.limitNano, spentNano: pool.limitNano } });
    expect(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors', 0)).toEqual({ code: 'POOL_EXHAUSTED', __typename: 'PoolExhaustedError', reopensAt: '2026-11-22T00:00:00.000Z' });
    expect(at((await t.send('{ experienceOffers { open reopensAt } }')).data, 'experienceOffers', 0)).toEqual({ open: false, reopensAt: '2026-11-22T00:00:00.000Z' });
    clock.advance(12 * 3_600_000);
    expect(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors')).toEqual([]);
  });
});

test('an install that others reach gives keys only to who is signed in', () => using({ settings: { publicUrl: 'https://ai.example' } }, async (t) => {
  expect(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors', 0, 'code')).toBe('PROOF_REQUIRED');
  expect(at((await t.asOperator(issue)).data, 'experienceKeyIssue', 'userErrors')).toEqual([]);
}));

test('one address gets only so many keys in an hour', () => using({}, async (t) => {
  const codes: unknown[] = [];
  for (let index = 0; index < 61; index++) codes.push(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors'));
  expect(codes.slice(0, 60).every((errors) => Array.isArray(errors) && errors.length === 0)).toBe(true);
  expect(codes[60]).toMatchObject([{ code: 'RATE_LIMITED' }]);
}));

test('a campaign that is over, and a pool that is paused, issue nothing; the pool\'s keys pause with it', () => using({}, async (t) => {
  await t.send(issue);
  const campaign = await t.plane.domain.db.client.campaign.findFirstOrThrow();
  await t.asOperator('mutation($id: ID!) { poolUpdate(input: {id: $id, status: PAUSED}) { userErrors { code } } }', { id: campaign.poolId });
  expect(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors', 0, 'code')).toBe('CAMPAIGN_CLOSED');
  expect((await readPublished(t.plane)).keys.map(({ status }) => status)).toEqual(['PAUSED']);
  await t.asOperator('mutation($id: ID!, $c: ID!) { poolUpdate(input: {id: $id, status: ACTIVE}) { userErrors { code } } campaignUpdate(input: {id: $c, status: ENDED}) { userErrors { code } } }', { id: campaign.poolId, c: campaign.id });
  expect(at((await t.send(issue)).data, 'experienceKeyIssue', 'userErrors', 0, 'code')).toBe('CAMPAIGN_CLOSED');
}));

test('a member gets only so many keys in an hour, and a token without the right to keys gets none', () => using({}, async (t) => {
  const made = await t.asOperator('mutation { tenantCreate(input: {name: "Guests"}) { tenant { id } owner { id } } }');
  const guest = { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: textAt(made.data, 'tenantCreate', 'tenant', 'id'), operator: false };
  const mine = { authorization: `Bearer ${await tokenFor(t.plane, guest)}` };
  const narrow = await t.send('mutation { managementTokenCreate(input: {name: "narrow", scopes: ["usage:read"]}) { secret } }', {}, mine);
  const refused = await t.send(issue, {}, { authorization: `Bearer ${textAt(narrow.data, 'managementTokenCreate', 'secret')}` });
  expect(refused.errors[0]?.extensions).toMatchObject({ code: 'MISSING_SCOPE', missingScopes: ['keys:write'] });
  let last: unknown;
  for (let index = 0; index < 61; index++) last = at((await t.send(issue, {}, mine)).data, 'experienceKeyIssue', 'userErrors');
  expect(last).toMatchObject([{ code: 'RATE_LIMITED' }]);
}));

test('fifty issuers and two claimers at one instant: every key is one key, and one claimer has it', () => using({}, async (t) => {
  const all = await Promise.all(Array.from({ length: 50 }, () => t.send(issue)));
  expect(new Set(all.map((reply) => textAt(reply.data, 'experienceKeyIssue', 'secret'))).size).toBe(50);
  const code = textAt(all[0]?.data, 'experienceKeyIssue', 'claimUrl').split('/claim/')[1] ?? '';
  const claimers = await Promise.all(['One', 'Two'].map(async (name) => {
    const made = await t.asOperator('mutation($n: String!) { tenantCreate(input: {name: $n}) { tenant { id } owner { id } } }', { n: name });
    return tokenFor(t.plane, { id: textAt(made.data, 'tenantCreate', 'owner', 'id'), tenantId: textAt(made.data, 'tenantCreate', 'tenant', 'id'), operator: false });
  }));
  const claims = await Promise.all(claimers.map((token) => t.send('mutation($c: String!) { keyClaim(input: {code: $c}) { userErrors { code } } }', { c: code }, { authorization: `Bearer ${token}` })));
  expect(claims.map((reply) => JSON.stringify(at(reply.data, 'keyClaim', 'userErrors'))).sort()).toEqual(['[]', '[{"code":"USED"}]']);
}));
