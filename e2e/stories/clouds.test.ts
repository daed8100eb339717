// README: providers of every kind. Claude on Bedrock and on Vertex, whole and streamed, on both runtimes.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Data } from '../stack/api.ts';
import { openClouds } from '../stack/clouds.ts';
import type { Clouds, Ending } from '../stack/clouds.ts';
import { createKey, readExchange } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const aws = { accessKeyId: 'AKIASTORY0123456789X', secretAccessKey: 'story/secret+access/key0123456789abcdefgh', sessionToken: 'story-session-token-0123456789==' };
const serviceAccount = 'bot@story.iam.gserviceaccount.com';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pemOf = (key: typeof privateKey) => String(key.export({ type: 'pkcs8', format: 'pem' }));

for (const runtime of ['node', 'deno'] as const) describe.skipIf(runtime === 'deno' && process.env.FAIRLEAD_TEST_DENO !== '1')(`a node on ${runtime}`, () => {
  let clouds: Clouds;
  let stack: Stack;
  let secret: string;

  beforeAll(async () => {
    clouds = await openClouds({ ...aws, serviceAccount, publicKeyPem: String(publicKey.export({ type: 'spki', format: 'pem' })) });
    stack = await openStack({ runtime, practice: false });
    const create = async (input: Record<string, unknown>) => {
      const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { dialects: ['anthropic-messages'], ...input } });
      expect(upstreamCreate.userErrors).toEqual([]);
    };
    const file = (key: typeof privateKey) => JSON.stringify({ type: 'service_account', client_email: serviceAccount, private_key_id: 'k1', private_key: pemOf(key), token_uri: `${clouds.url}/token` });
    const vertexUrl = `${clouds.url}/v1/projects/story/locations/europe-west1`;
    const models = [{ model: 'claude-haiku-5-5', upstreamModel: 'claude-haiku-5-5@20260901' }];
    await create({ name: 'Bedrock', baseUrl: clouds.url, auth: 'SIGV4', addressing: 'BEDROCK', secret: Object.values(aws).join(':'), models: [{ model: 'claude-haiku-5-5', upstreamModel: 'eu.anthropic.claude-haiku-5-5-v1:0' }], headers: [{ name: 'x-title', value: 'us' }] });
    await create({ name: 'Vertex', baseUrl: vertexUrl, auth: 'SERVICE_ACCOUNT', addressing: 'VERTEX', secret: file(privateKey), models });
    await create({ name: 'Stranger', baseUrl: vertexUrl, auth: 'SERVICE_ACCOUNT', addressing: 'VERTEX', secret: file(stranger), models });
    ({ secret } = await createKey(stack.api));
  });
  afterAll(async () => { await stack.close(); await clouds.close(); });
  afterEach(() => { clouds.ending = 'whole'; clouds.calls.length = 0; });

  const from = (upstream: string, more: Parameters<typeof ask>[3] = {}) => ask(stack.node.url, secret, 'anthropic', { model: `${upstream}/claude-haiku-5-5`, ...more });
  const told = (heard: Awaited<ReturnType<typeof ask>>, isBooked = (_found: Data) => true) => stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => (found?.decision && isBooked(found) ? found : undefined)));

  test('Bedrock takes what is signed and answers, whole and streamed', async () => {
    for (const stream of [false, true]) {
      const heard = await from('Bedrock', { stream, headers: { 'anthropic-beta': 'interleaved-thinking-2025-05-14,claude-code-20250219' } });
      expect([heard.status, heard.text, heard.whole, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([200, 'Hello fröm the ☁', true, 'Bedrock']);
      const exchange = await told(heard, ({ outputTokens }) => outputTokens > 0);
      expect([exchange.outcome, exchange.inputTokens, exchange.outputTokens, exchange.estimated]).toEqual(['OK', 9, 7, false]);
    }
    expect(clouds.calls.map(({ path }) => path)).toEqual(['/model/eu.anthropic.claude-haiku-5-5-v1%3A0/invoke', '/model/eu.anthropic.claude-haiku-5-5-v1%3A0/invoke-with-response-stream']);
    for (const { body, headers } of clouds.calls) {
      expect(body).toEqual({ anthropic_version: 'bedrock-2023-05-31', anthropic_beta: ['interleaved-thinking-2025-05-14'], max_tokens: 256, messages: [{ role: 'user', content: 'Say hello.' }] });
      expect([headers['x-title'], headers['anthropic-beta']]).toEqual(['us', undefined]);
    }
  });

  test('a client of another wire format is served from Bedrock too', async () => {
    const heard = await ask(stack.node.url, secret, 'chat', { model: 'Bedrock/claude-haiku-5-5', stream: true });
    expect([heard.status, heard.text, heard.whole], heard.body).toEqual([200, 'Hello fröm the ☁', true]);
  });

  test('Vertex gets a token that was asked for once, and answers, whole, streamed and counted', async () => {
    for (const stream of [false, true]) {
      const heard = await from('Vertex', { stream });
      expect([heard.status, heard.text, heard.whole], heard.body).toEqual([200, 'Hello fröm the ☁', true]);
    }
    const counted = await fetch(`${stack.node.url}/v1/messages/count_tokens`, { method: 'POST', headers: { 'authorization': `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'Vertex/claude-haiku-5-5', messages: [{ role: 'user', content: 'x' }] }) });
    expect([counted.status, await counted.json()]).toEqual([200, { input_tokens: 9 }]);
    const place = '/v1/projects/story/locations/europe-west1/publishers/anthropic/models';
    expect(clouds.calls.map(({ path }) => path)).toEqual(['/token', `${place}/claude-haiku-5-5@20260901:rawPredict`, `${place}/claude-haiku-5-5@20260901:streamRawPredict`, `${place}/count-tokens:rawPredict`]);
    expect(clouds.calls.slice(1).map(({ body }) => [body.anthropic_version, body.model])).toEqual([['vertex-2023-10-16', undefined], ['vertex-2023-10-16', undefined], ['vertex-2023-10-16', 'claude-haiku-5-5@20260901']]);
  });

  test('nobody counts tokens on Bedrock, and the refusal says so', async () => {
    const answer = await fetch(`${stack.node.url}/v1/messages/count_tokens`, { method: 'POST', headers: { 'authorization': `Bearer ${secret}`, 'content-type': 'application/json' }, body: JSON.stringify({ model: 'Bedrock/claude-haiku-5-5', messages: [{ role: 'user', content: 'x' }] }) });
    expect([answer.status >= 400, (await answer.text()).includes('count'), clouds.calls]).toEqual([true, true, []]);
  });

  test.each<[string, Ending]>([['Bedrock', 'cut'], ['Bedrock', 'damaged'], ['Bedrock', 'exception'], ['Vertex', 'cut']])('a stream from %s that ends by %s after content is an error, never a success', async (upstream, ending) => {
    clouds.ending = ending;
    const heard = await from(upstream, { stream: true, onChunk: (text) => { if (text.includes('lo fr')) clouds.breakOff(); } });
    expect([heard.status, heard.text, heard.whole, heard.events[heard.events.length - 1]?.event], heard.body).toEqual([200, 'Hello fr', false, 'error']);
    expect((await told(heard)).outcome).toBe('FAILED');
  });

  test('an exception before any content is a refusal that the node understands', async () => {
    clouds.ending = 'throttled';
    const heard = await from('Bedrock', { stream: true });
    const { attempts } = (await told(heard)).decision;
    expect([attempts.map(({ outcome }: { outcome: string }) => outcome), heard.whole], heard.body).toEqual([expect.arrayContaining(['limited']), false]);
  });

  test('a service account that Google does not take is named as the cause; no key is in any answer, trace or log', async () => {
    const heard = await from('Stranger');
    const exchange = await told(heard);
    expect([heard.status, exchange.decision.attempts[0].outcome, exchange.decision.attempts[0].detail]).toEqual([502, 'credential', expect.stringContaining('the token endpoint 127.0.0.1')]);
    const everything = heard.body + JSON.stringify(exchange) + stack.logs();
    for (const hidden of [aws.secretAccessKey, aws.sessionToken, 'PRIVATE KEY', pemOf(stranger).split('\n')[5] ?? '', 'ya29.']) expect(everything).not.toContain(hidden);
  });
});
