// README: an install that is open to the world has secure cookies, believes named proxies only, and gives strangers no money.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../stack/api.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const publicUrl = 'https://fairlead.example';
let stack: Stack;
let owner: ReturnType<Api['as']>;
beforeAll(async () => {
  stack = await openStack({ controlEnv: { FAIRLEAD_PUBLIC_URL: publicUrl, FAIRLEAD_TRUSTED_PROXIES: '127.0.0.1/32' } });
  owner = stack.api.as({ cookie: stack.api.cookie, origin: publicUrl, 'x-fairlead-console': '1' });
});
afterAll(() => stack.close());

test('links name the public address, and the cookie they give is Secure, HttpOnly and SameSite', async () => {
  const { signInLinkCreate } = await owner.run('mutation { signInLinkCreate(input: {}) { url userErrors { message } } }');
  expect(signInLinkCreate.url).toMatch(new RegExp(`^${publicUrl}/sign-in#token=`));
  const answer = await fetch(`${stack.controlUrl}/graphql`, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: 'mutation ($input: SignInRedeemInput!) { signInRedeem(input: $input) { viewer { role } } }', variables: { input: { token: signInLinkCreate.url.split('=').pop() } } }),
  });
  const cookie = answer.headers.getSetCookie().join();
  for (const flag of ['HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(flag);
});

test('a page of another origin can do nothing with the cookie', async () => {
  for (const origin of ['https://evil.example', 'http://fairlead.example', 'null']) {
    await expect(stack.api.as({ cookie: stack.api.cookie, origin, 'x-fairlead-console': '1' }).run('mutation { keyCreate(input: { name: "x" }) { secret } }')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  }
});

test('a stranger gets no experience key without proof, a signed-in member does', async () => {
  const issue = 'mutation { experienceKeyIssue(input: {}) { secret userErrors { code message } } }';
  const { experienceKeyIssue: refused } = await stack.api.as({}).run(issue);
  expect([refused.secret, refused.userErrors[0].code]).toEqual([null, 'PROOF_REQUIRED']);
  const { experienceKeyIssue: issued } = await owner.run(issue);
  expect(issued.secret).toMatch(/^flk_/);
});

test('wired: an install for this machine alone gives plain cookies and asks for no proof', async () => {
  const local = await openStack({ nodes: 0 });
  try {
    const { experienceKeyIssue } = await local.api.as({}).run('mutation { experienceKeyIssue(input: {}) { secret } }');
    expect(experienceKeyIssue.secret).toMatch(/^flk_/);
  } finally {
    await local.close();
  }
});
