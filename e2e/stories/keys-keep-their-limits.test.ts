// README: "Paces, sessions and clients": what a key and its account may do at most, and what their clients are told of it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Question, Speaks } from '../clients/ask.ts';
import { servers } from '../stack/database.ts';
import { createKey, nano, readExchange } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const claudeCode = (session: string) => ({ 'x-claude-code-session-id': session, 'user-agent': 'claude-cli/2.1.329 (external, cli)' });
const slow = 'Say hello. [[practice slow {"ms":1500}]]';
const sentence = (body: string): string => JSON.parse(body).error.message;

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
  describe.skipIf(runtime === 'deno' && process.env.FAIRLEAD_TEST_DENO !== '1')('a key keeps its limits', () => {
    let stack: Stack;
    beforeAll(async () => { stack = await openStack({ runtime }); });
    afterAll(() => stack?.close());
    const keyWith = async (limits: Record<string, unknown> = {}, tenantId?: string) => {
      const { secret } = await createKey(stack.api, { ...limits, ...(tenantId ? { tenantId } : {}) });
      return (question: Question = {}, speaks: Speaks = 'anthropic') => ask(stack.node.url, secret, speaks, question);
    };
    /** An account with these limits. */
    let accounts = 0;
    const accountWith = async (limits: Record<string, unknown>): Promise<string> => {
      const { tenantCreate } = await stack.api.run('mutation ($name: String!) { tenantCreate(input: { name: $name }) { tenant { id } userErrors { message } } }', { name: `Guests ${++accounts}` });
      const { tenantUpdate } = await stack.api.run('mutation ($input: TenantUpdateInput!) { tenantUpdate(input: $input) { tenant { id } userErrors { message } } }', { input: { id: tenantCreate.tenant.id, ...limits } });
      return tenantUpdate.tenant.id;
    };

    test('in tokens: a request holds what it may use at most, gives back the rest, and one above it waits', async () => {
      const asks = await keyWith({ tokensPerMinute: 2_000 });
      const three = await Promise.all([1, 2, 3].map(() => asks({ prompt: slow, maxTokens: 800 })));
      expect(three.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
      const refused = three.find(({ status }) => status === 429);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect([refused?.headers.get('anthropic-ratelimit-tokens-limit'), Number(refused?.headers.get('anthropic-ratelimit-tokens-remaining'))]).toEqual(['2000', expect.toSatisfy((left: number) => left < 800)]);
      expect([refused?.headers.get('x-fairlead-code'), sentence(refused?.body ?? '')]).toEqual(['pace.exceeded', expect.stringMatching(/The key may use 2000 tokens a minute, and this request may take up to \d+/)]);
      // Each used some tens of the hundreds that it held.
      for (let count = 0; count < 4; count++) expect((await asks({ maxTokens: 800, stream: count % 2 === 0 })).status).toBe(200);
    });

    test('in tokens: what an answer used is gone for a minute', async () => {
      const asks = await keyWith({ tokensPerMinute: 1_000 });
      const first = await asks({ prompt: 'word '.repeat(1_200), maxTokens: 16 });
      expect([first.status, Number(first.headers.get('anthropic-ratelimit-tokens-remaining'))]).toEqual([200, 0]);
      expect((await asks({ maxTokens: 16 })).status).toBe(429);
    });

    test('of the account too: its keys share one pace, and the models it may use', async () => {
      const account = await accountWith({ requestsPerMinute: 3, models: ['claude-*'] });
      const [one, two] = [await keyWith({ requestsPerMinute: 2 }, account), await keyWith({}, account)];
      expect([(await one()).status, (await two()).status]).toEqual([200, 200]);
      const wrong = await two({}, 'chat');
      expect([wrong.status, sentence(wrong.body)]).toEqual([403, expect.stringContaining('The account may use: claude-*')]);
      expect((await two()).status).toBe(200);
      const refused = await one();
      expect([refused.status, sentence(refused.body)]).toEqual([429, expect.stringContaining('The account may send 3 requests a minute')]);
    });

    test('of the account too: requests at once, and tokens', async () => {
      const crowded = await accountWith({ concurrent: 2 });
      const [one, two] = [await keyWith({ concurrent: 2 }, crowded), await keyWith({}, crowded)];
      const three = await Promise.all([one({ prompt: slow }), two({ prompt: slow }), two({ prompt: slow })]);
      expect(three.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
      expect(sentence(three.find(({ status }) => status === 429)?.body ?? '')).toContain('The account may have 2 under way');
      const frugal = await keyWith({}, await accountWith({ tokensPerMinute: 500 }));
      const both = await Promise.all([frugal({ prompt: slow, maxTokens: 400 }), frugal({ prompt: slow, maxTokens: 400 })]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 429]);
    });

    test('in sessions: a new one above them is refused at once and in words, those that are there go on', async () => {
      const asks = await keyWith({ sessions: 2 });
      const from = (session: string) => asks({ headers: claudeCode(session) });
      expect([(await from('a')).status, (await from('b')).status]).toEqual([200, 200]);
      const refused = await from('c');
      expect([refused.status, refused.headers.get('x-should-retry'), refused.headers.get('x-fairlead-code')]).toEqual([429, 'false', 'sessions.exceeded']);
      expect(sentence(refused.body)).toContain('It may have 2; those that are there go on');
      expect([(await from('b')).status, (await from('a')).status]).toEqual([200, 200]);
    });

    test('in clients: another is told which may use it', async () => {
      const asks = await keyWith({ clients: ['claude-code', '*-sdk'] });
      expect([(await asks({ headers: claudeCode('s') })).status, (await asks({ headers: { 'user-agent': 'OpenAI/JS 6.1.0' } }, 'chat')).status]).toEqual([200, 200]);
      for (const speaks of ['anthropic', 'chat', 'responses', 'gemini'] as const) {
        const refused = await asks({ headers: { 'user-agent': 'curl/8' } }, speaks);
        expect([refused.status, refused.headers.get('x-fairlead-code'), sentence(refused.body)]).toEqual([403, 'client.not-allowed', expect.stringContaining('claude-code, *-sdk')]);
      }
    });

    test('and its client reads where they stand, under the names that it knows', async () => {
      const asks = await keyWith({ requestsPerMinute: 60, tokensPerMinute: 100_000 });
      for (const stream of [false, true]) {
        const { headers } = await asks({ stream });
        expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('60');
        expect(headers.get('anthropic-ratelimit-tokens-limit')).toBe('100000');
        expect(Date.parse(headers.get('anthropic-ratelimit-requests-reset') ?? '')).toBeGreaterThan(Date.now() - 2_000);
      }
      const { headers } = await asks({}, 'chat');
      expect([headers.get('x-ratelimit-limit-requests'), headers.get('x-ratelimit-remaining-requests'), headers.get('x-ratelimit-reset-requests')]).toEqual(['60', expect.stringMatching(/^5[78]$/), expect.stringMatching(/s$/)]);
      // The answer is whole: what it did not use has been given back already.
      expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(99_000);
    });

    test('a whole answer says what it cost, as the request log does; a stream has begun before anybody knows', async () => {
      const asks = await keyWith();
      const [whole, stream] = [await asks(), await asks({ stream: true })];
      expect([whole.headers.get('x-fairlead-cost'), stream.headers.get('x-fairlead-cost')]).toEqual([expect.stringMatching(/^0\.0{3,}\d+$/), null]);
      // What became of an exchange and what it cost come one after the other.
      const logged = await stack.api.until(async () => { const found = await readExchange(stack.api, whole.headers.get('x-fairlead-exchange') ?? ''); return found && nano(found.cost.amount) > 0n && found; });
      expect(nano(whole.headers.get('x-fairlead-cost') ?? '')).toBe(nano(logged.cost.amount));
    });

    test('wired: a key and an account without limits are refused nothing of this, and told of none', async () => {
      const asks = await keyWith();
      const heard = await Promise.all([1, 2, 3].map((at) => asks({ prompt: slow, maxTokens: 800, headers: claudeCode(`s${at}`) })));
      heard.push(await asks({ headers: { 'user-agent': 'curl/8' } }, 'chat'));
      expect(heard.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      for (const { headers } of heard) expect([headers.get('anthropic-ratelimit-requests-limit'), headers.get('x-ratelimit-limit-requests')]).toEqual([null, null]);
    });
  });
});

/** Two nodes, each asked at once for half of what a key may use in a minute, three times. */
async function shared(redisUrl?: string): Promise<{ tokens: number[]; sessions: number[] }> {
  const stack = await openStack({ nodes: 2, ...(redisUrl === undefined ? {} : { redisUrl }) });
  try {
    const tokens = await createKey(stack.api, { tokensPerMinute: 2_000 });
    const sessions = await createKey(stack.api, { sessions: 1 });
    const at = (count: number) => stack.nodes[count % 2]?.url ?? '';
    const volley = await Promise.all([0, 1, 2, 3].map((count) => ask(at(count), tokens.secret, 'anthropic', { prompt: slow, maxTokens: 800 })));
    const visits: number[] = [];
    for (const count of [0, 1]) visits.push((await ask(at(count), sessions.secret, 'anthropic', { headers: claudeCode(`s${count}`) })).status);
    return { tokens: volley.map(({ status }) => status).sort(), sessions: visits };
  } finally {
    await stack.close();
  }
}

describe.skipIf(servers.redis === undefined)(`with Redis${servers.redis === undefined ? ' (not available here)' : ''}`, () => {
  test('tokens and sessions are counted over all nodes', async () => {
    expect(await shared(servers.redis ?? '')).toEqual({ tokens: [200, 200, 429, 429], sessions: [200, 429] });
  });
});

test('wired: without Redis each node counts tokens and sessions for itself', async () => {
  expect(await shared()).toEqual({ tokens: [200, 200, 200, 200], sessions: [200, 200] });
});
