// README: "The API shares fairly": what one member or token asks of the control plane in a minute is bounded, and can be read.
import { afterEach, expect, test } from 'vitest';
import { createKey, issueExperienceKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
afterEach(() => stack.close());

/** A management token's own way in, with what HTTP says. */
async function tokenOf(name: string) {
  const { managementTokenCreate } = await stack.api.run('mutation ($name: String!) { managementTokenCreate(input: { name: $name, scopes: ["*"] }) { secret userErrors { message } } }', { name });
  return async (query: string) => {
    const answer = await fetch(`${stack.controlUrl}/graphql`, { method: 'POST', headers: { authorization: `Bearer ${managementTokenCreate.secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ query }), signal: AbortSignal.timeout(20_000) });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() as { data?: { rateLimit?: { limit: number; cost: number; remaining: number; resetAt: string } }; errors?: { message: string; extensions: Record<string, unknown> }[] } };
  };
}

// A few thousand points each.
const large = '{ keys(first: 200) { nodes { id name quotas { id } usage { requests } member { id name } } } rateLimit { limit cost remaining resetAt } }';

/** Asks until it is refused, at most so often. */
async function untilRefused(ask: Awaited<ReturnType<typeof tokenOf>>, most: number) {
  const heard: Awaited<ReturnType<typeof ask>>[] = [];
  while (heard.length < most && heard.at(-1)?.status !== 429) heard.push(await ask(large));
  return heard;
}

test('a script that asks for too much is told when to come back, and hinders nobody else', async () => {
  stack = await openStack({ practice: true, controlEnv: { FAIRLEAD_API_POINTS_PER_MINUTE: '60000' } });
  const [greedy, other] = [await tokenOf('greedy'), await tokenOf('other')];
  const first = await greedy(large);
  const rate = first.body.data?.rateLimit;
  expect(rate).toMatchObject({ limit: 60_000, remaining: 60_000 - (rate?.cost ?? 0) });
  expect(rate?.cost).toBeGreaterThan(2_000);
  // A minute may end in the middle of it.
  const heard = [...await untilRefused(greedy, 60), ...await untilRefused(greedy, 1)];
  const refused = heard.find(({ status }) => status === 429);
  expect(Number(refused?.retryAfter)).toBeGreaterThan(0);
  expect(Number(refused?.retryAfter)).toBeLessThanOrEqual(60);
  expect(refused?.body.errors?.[0]).toMatchObject({ message: expect.stringContaining('points') as unknown, extensions: { code: 'RATE_LIMITED', limit: 60_000, cost: rate?.cost } });
  expect((await other(large)).status).toBe(200);
  await createKey(stack.api);
  expect((await issueExperienceKey(stack.api)).secret).toMatch(/^flk_/);
  expect(await stack.api.as({}).run('{ rateLimit { cost } install { version } }')).toMatchObject({ rateLimit: null });
});

test('wired: with the usual number of points the same script is refused nothing', async () => {
  stack = await openStack();
  const heard = await untilRefused(await tokenOf('greedy'), 60);
  expect(heard.filter(({ status }) => status !== 200)).toEqual([]);
  expect(heard).toHaveLength(60);
});
