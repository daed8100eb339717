import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openTestPlane, signInToken, textAt } from '../testing/test-plane.ts';
import type { TestPlane } from '../testing/test-plane.ts';

let t: TestPlane;
beforeAll(async () => { t = await openTestPlane(); });
afterAll(() => t.close());

const redeem = 'mutation($token: String!) { signInRedeem(input: {token: $token}) { viewer { operator member { name } } userErrors { code } } }';
const cookieOf = (headers: Headers) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '';

test('a sign-in link works once, also when it is used twenty times at once', async () => {
  const token = await signInToken(t.plane);
  const replies = await Promise.all(Array.from({ length: 20 }, () => t.send(redeem, { token })));
  expect(replies.filter((reply) => at(reply.data, 'signInRedeem', 'viewer') !== null)).toHaveLength(1);
  expect(replies.filter((reply) => reply.headers.has('set-cookie'))).toHaveLength(1);
  expect(at((await t.send(redeem, { token })).data, 'signInRedeem', 'userErrors', 0, 'code')).toBe('USED');
});

test('the cookie signs in, cannot be read by scripts or sent by other sites, and ends with signOut', async () => {
  const reply = await t.send(redeem, { token: await signInToken(t.plane) });
  expect(reply.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Lax/);
  const cookie = cookieOf(reply.headers);
  expect(at((await t.send('{ viewer { role } }', {}, { cookie })).data, 'viewer', 'role')).toBe('OWNER');
  const out = await t.send('mutation { signOut(input: {}) { userErrors { code } } }', {}, { cookie });
  expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/);
  expect(at((await t.send('{ viewer { role } }', {}, { cookie })).data, 'viewer')).toBeNull();
});

test('another site cannot act with the cookie', async () => {
  const cookie = cookieOf((await t.send(redeem, { token: await signInToken(t.plane) })).headers);
  const create = 'mutation { keyCreate(input: {name: "x"}) { key { id } } }';
  expect((await t.send(create, {}, { cookie, origin: 'https://evil.example' })).status).toBe(403);
  expect((await t.send(create, {}, { cookie, 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  const form = await t.plane.app.fetch(new Request('http://127.0.0.1:4400/graphql', { method: 'POST', headers: { cookie, 'content-type': 'text/plain' }, body: JSON.stringify({ query: create }) }));
  expect(form.status).toBe(403);
  expect((await t.send(create, {}, { cookie, origin: 'http://127.0.0.1:4400' })).errors).toEqual([]);
  const get = await t.plane.app.fetch(new Request(`http://127.0.0.1:4400/graphql?query=${encodeURIComponent(create)}`, { headers: { cookie } }));
  expect(await get.text()).not.toContain('"key":{');
});

test('a page of somebody else\'s cannot make this machine\'s browser act: no plain forms, and no foreign name that resolves here', async () => {
  const query = 'mutation { experienceKeyIssue(input: {}) { secret } }';
  const form = await t.plane.app.fetch(new Request('http://127.0.0.1:4400/graphql', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ query }).toString() }));
  expect(form.status).toBe(415);
  const rebound = await t.plane.app.fetch(new Request('http://evil.example:4400/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query }) }));
  expect(rebound.status).toBe(403);
  expect(await rebound.text()).toContain('FAIRLEAD_PUBLIC_URL');
});

test('a runtime key, a cut token and an unknown one are refused with a sentence that helps', async () => {
  const made = await t.asOperator('mutation { keyCreate(input: {name: "k"}) { secret } managementTokenCreate(input: {name: "t", scopes: ["*"]}) { secret managementToken { id } } }');
  const bearer = (text: string) => t.send('{ viewer { role } }', {}, { authorization: `Bearer ${text}` });
  const runtime = await bearer(textAt(made.data, 'keyCreate', 'secret'));
  expect([runtime.status, runtime.errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect(runtime.errors[0]?.message).toContain('runtime key');
  const secret = textAt(made.data, 'managementTokenCreate', 'secret');
  expect((await bearer(secret.slice(0, -1))).errors[0]?.message).toContain('whole');
  expect((await bearer(secret)).status).toBe(200);
  await t.asOperator('mutation($id: ID!) { managementTokenRevoke(input: {id: $id}) { userErrors { code } } }', { id: textAt(made.data, 'managementTokenCreate', 'managementToken', 'id') });
  expect((await bearer(secret)).status).toBe(401);
});

test('a body over the limit is refused before it is read whole', async () => {
  const huge = await t.plane.app.fetch(new Request('http://127.0.0.1:4400/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: 'x'.repeat(1024 * 1024 + 1) }));
  expect(huge.status).toBe(413);
});

test('health answers without a sign-in and pages cannot be framed', async () => {
  for (const path of ['/healthz', '/readyz']) {
    const response = await t.plane.app.fetch(new Request(`http://127.0.0.1:4400${path}`));
    expect([response.status, response.headers.get('x-frame-options'), response.headers.get('x-content-type-options')]).toEqual([200, 'DENY', 'nosniff']);
  }
});
