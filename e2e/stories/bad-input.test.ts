// README: "Bad input gets a clear error, in the caller's own words."
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Speaks } from '../clients/ask.ts';
import { createKey, issueExperienceKey } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
let secret: string;
beforeAll(async () => {
  stack = await openStack({ nodeEnv: { FAIRLEAD_MAX_BODY_BYTES: '65536' } });
  ({ secret } = await createKey(stack.api));
});
afterAll(() => stack.close());

const messageOf = (body: string): string => { const parsed = JSON.parse(body); return parsed.error.message; };
const dialects: Speaks[] = ['anthropic', 'chat', 'responses', 'gemini'];
const flip = (text: string) => text.slice(0, -1) + (text.endsWith('a') ? 'b' : 'a');

test('every wrong key is told apart, in each dialect', async () => {
  const { id, secret: revoked } = await createKey(stack.api);
  await stack.api.run('mutation ($input: KeyRevokeInput!) { keyRevoke(input: $input) { key { id } userErrors { message } } }', { input: { id } });
  const { secret: expired } = await createKey(stack.api, { expiresAt: new Date(Date.now() + 1_500).toISOString() });
  const { managementTokenCreate } = await stack.api.run('mutation { managementTokenCreate(input: { name: "t", scopes: ["*"] }) { secret userErrors { message } } }');
  await stack.api.until(async () => (await ask(stack.node.url, expired, 'anthropic')).status === 401, 5_000);
  const other = await openStack({ practice: false, nodes: 0 });
  const { secret: foreign } = await createKey(other.api);
  await other.close();
  for (const speaks of dialects) {
    for (const [key, words] of [[flip(secret), 'checksum'], ['sk-ant-api03-something', 'not known'], [revoked, 'revoked'], [expired, 'expired'], [managementTokenCreate.secret, 'cannot call models'], [foreign, 'not known']] as const) {
      const heard = await ask(stack.node.url, key, speaks);
      expect([speaks, heard.status], heard.body).toEqual([speaks, 401]);
      expect(messageOf(heard.body)).toContain(words);
      expect(heard.headers.get('x-should-retry')).toBe('false');
    }
  }
  const none = await fetch(`${stack.node.url}/v1/messages`, { method: 'POST', body: '{}' });
  expect([none.status, messageOf(await none.text())]).toEqual([401, expect.stringContaining('No Fairlead key')]);
});

test('of several secrets the one with our prefix counts, wherever a client puts it', async () => {
  for (const headers of [{ authorization: 'Bearer sk-other', 'x-api-key': secret }, { authorization: `Bearer ${secret}`, 'x-api-key': 'sk-other' }, { authorization: 'Bearer sk-other', 'x-goog-api-key': secret }] as Record<string, string>[]) {
    expect((await ask(stack.node.url, 'none', 'anthropic', { headers })).status).toBe(200);
  }
  const gemini = await fetch(`${stack.node.url}/v1beta/models/gemini-3-flash-preview:generateContent?key=${secret}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] }) });
  expect(gemini.status).toBe(200);
});

test('a wrong body is a 4xx that says what is wrong with it', async () => {
  const send = (body: string | Uint8Array, headers: Record<string, string> = {}) => fetch(`${stack.node.url}/v1/messages`, { method: 'POST', headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers }, body: body as BodyInit });
  const cases: [string, Promise<Response>, number, string][] = [
    ['not JSON', send('{"model":'), 400, 'not valid JSON'],
    ['a list', send('[]'), 400, 'JSON object'],
    ['not UTF-8', send(new Uint8Array([123, 34, 255, 34, 58, 49, 125])), 400, 'UTF-8'],
    ['no model', send('{"messages":[]}'), 400, 'names no model'],
    ['an unknown model', send('{"model":"nobody-has-this","max_tokens":1,"messages":[]}'), 404, 'nobody-has-this'],
    ['too large', send(`{"model":"${'x'.repeat(70_000)}"}`), 413, 'too large'],
    ['a strange encoding', send('x', { 'content-encoding': 'zstd' }), 415, 'encoding'],
    ['gzip that is none', send('x', { 'content-encoding': 'gzip' }), 415, 'unpack'],
    ['a bomb', send(gzipSync(Buffer.alloc(10_000_000, 97)), { 'content-encoding': 'gzip' }), 413, 'too large'],
  ];
  for (const [name, answer, status, words] of cases) {
    const heard = await answer;
    const body = await heard.text();
    expect([name, heard.status], body).toEqual([name, status]);
    expect(messageOf(body), name).toContain(words);
  }
  const packed = await send(gzipSync(JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 16, messages: [{ role: 'user', content: 'packed' }] })), { 'content-encoding': 'gzip' });
  expect(packed.status).toBe(200);
});

test('an unknown path is a 404 in the client\'s dialect, a WebSocket try is a 426', async () => {
  const unknown = await fetch(`${stack.node.url}/v1/nothing`, { method: 'POST', headers: { 'anthropic-version': '2023-06-01' }, body: '{}' });
  expect([unknown.status, (await unknown.json() as { type: string }).type]).toEqual([404, 'error']);
  expect((await fetch(`${stack.node.url}/v1/responses`)).status).toBe(426);
});

test('a model that the key may not use is refused with those it may', async () => {
  const { secret: narrow } = await createKey(stack.api, { models: ['claude-haiku-*'] });
  const heard = await ask(stack.node.url, narrow, 'anthropic', { model: 'claude-opus-5-5' });
  expect([heard.status, messageOf(heard.body)]).toEqual([403, expect.stringContaining('claude-haiku-*')]);
  expect((await ask(stack.node.url, narrow, 'anthropic')).status).toBe(200);
  const list = await fetch(`${stack.node.url}/v1/models`, { headers: { authorization: `Bearer ${narrow}`, 'anthropic-version': '2023-06-01' } });
  const { data } = await list.json() as { data: { id: string }[] };
  expect(data.length).toBeGreaterThan(0);
  expect(data.every(({ id }) => id.startsWith('claude-haiku-'))).toBe(true);
});

test('upstreams at private addresses are refused when they are made and when they are called', async () => {
  const create = (input: Record<string, unknown>) => stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { code path fix } } }', { input: { name: 'x', dialects: ['openai-chat'], auth: 'BEARER', secret: 'sk-x-123456', ...input } }).then((data) => data.upstreamCreate);
  for (const baseUrl of ['http://10.0.0.1', 'http://169.254.169.254/latest', 'http://[fd00::1]', 'http://0.0.0.0:80', 'ftp://example.com', 'nonsense', 'http://192.168.1.1:11434']) {
    const { upstream, userErrors } = await create({ baseUrl });
    expect([baseUrl, upstream]).toEqual([baseUrl, null]);
    expect(userErrors[0].path).toContain('baseUrl');
  }
  // A name may resolve to anything: the node looks at the address it would connect to.
  const { upstream } = await create({ baseUrl: `http://localhost.localdomain.invalid:${new URL(stack.practiceUrl).port}`, models: [{ model: 'only-there' }] });
  expect(upstream).not.toBeNull();
  const heard = await ask(stack.node.url, secret, 'chat', { model: 'only-there' });
  expect([heard.status, messageOf(heard.body)]).toEqual([502, expect.stringContaining('cannot be reached')]);
});

test('wrong GraphQL input is a typed error with the path of the fault, and nothing is written', async () => {
  const before = (await stack.api.run('{ keys(first: 200) { nodes { id } } }')).keys.nodes.length;
  for (const input of [{ name: '' }, { name: 'x'.repeat(500) }, { name: 'k', budget: { limit: '-1', window: 'DAY' } }, { name: 'k', budget: { limit: 'much', window: 'DAY' } }, { name: 'k', requestsPerMinute: 0 }, { name: 'k', expiresAt: '2001-01-01T00:00:00Z' }, { name: 'k', budget: { limit: '1', window: 'DAY', timeZone: 'Mars/Olympus' } }]) {
    const { keyCreate } = await stack.api.run('mutation ($input: KeyCreateInput!) { keyCreate(input: $input) { key { id } secret userErrors { code message path } } }', { input });
    expect([input, keyCreate.key, keyCreate.secret]).toEqual([input, null, null]);
    expect(keyCreate.userErrors[0].path.length).toBeGreaterThan(0);
  }
  expect((await stack.api.run('{ keys(first: 200) { nodes { id } } }')).keys.nodes.length).toBe(before);
  await expect(stack.api.as({}).run('{ keys { nodes { id } } }')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('a refusal is logged once and no log has a secret in it', async () => {
  const { secret: experience } = await issueExperienceKey(stack.api);
  await ask(stack.node.url, experience, 'anthropic', { model: 'nobody-has-this' });
  await ask(stack.node.url, flip(experience), 'anthropic');
  await stack.api.until(async () => stack.logs().includes('key.malformed'));
  const logs = stack.logs();
  for (const text of [secret, experience, flip(experience)]) expect(logs.includes(text.slice(14))).toBe(false);
});
