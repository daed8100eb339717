// README: "One bad client is nobody else's trouble."
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { openRaw } from '../clients/raw.ts';
import { createKey, readExchanges } from '../stack/reads.ts';
import { openStack } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
  let stack: Stack;
  let secret: string;
  beforeAll(async () => {
    stack = await openStack({ runtime, nodeEnv: { FAIRLEAD_DRAIN_MS: '300' } });
    ({ secret } = await createKey(stack.api));
  });
  afterAll(() => stack.close());

  const head = (key: string, more: string) => `POST /v1/messages HTTP/1.1\r\nhost: node\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n${more}\r\n\r\n`;
  const body = (more: Record<string, unknown> = {}) => JSON.stringify({ model: 'claude-haiku-5-5', max_tokens: 64, messages: [{ role: 'user', content: 'Say hello.' }], ...more });
  const whole = (key: string, text = body()) => head(key, `content-length: ${Buffer.byteLength(text)}`) + text;

  test('nobody reads the body of a caller whose key is not known', async () => {
    const client = await openRaw(stack.node.url);
    client.socket.write(head('flk_wrong', 'content-length: 30000000'));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401/);
    client.socket.destroy();
  });

  test('a key presented twice in one header is none, and the connection serves the next request', async () => {
    const client = await openRaw(stack.node.url);
    client.socket.write(whole(`${secret}\r\nauthorization: Bearer ${secret}`));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401/);
    client.socket.write(whole(secret));
    expect(await client.until(/HTTP\/1\.1 200/)).not.toContain('HTTP/1.1 500');
    client.socket.destroy();
  });

  test('requests sent in one go are answered in their order, errors among them', async () => {
    const client = await openRaw(stack.node.url);
    client.socket.write(whole(secret, '{') + whole(secret) + whole(secret, '[]'));
    const heard = await client.until(/(HTTP\/1\.1[^]*){3}\}/);
    expect([...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['400', '200', '400']);
    client.socket.destroy();
  });

  test('what waits for a go-ahead gets one', async () => {
    const client = await openRaw(stack.node.url);
    const text = body();
    client.socket.write(head(secret, `expect: 100-continue\r\ncontent-length: ${text.length}`));
    await client.until(/100 Continue/);
    client.socket.write(text);
    await client.until(/HTTP\/1\.1 200/);
    client.socket.destroy();
  });

  test.each([['HEAD', '/v1/models'], ['OPTIONS', '/v1/messages'], ['PUT', '/v1/messages'], ['HEAD', '/healthz'], ['DELETE', '/v1/models/x'], ['GET', '//v1/models'], ['GET', '/v1/models/%00%ff'], ['POST', '/v1beta/models/%zz:generateContent']])('%s %s is answered, and the connection goes on', async (method, path) => {
    const client = await openRaw(stack.node.url);
    client.socket.write(`${method} ${path} HTTP/1.1\r\nhost: node\r\nauthorization: Bearer ${secret}\r\ncontent-length: 0\r\n\r\n`);
    const first = await client.until(/\r\n\r\n/);
    expect(Number(/^HTTP\/1\.1 (\d+)/.exec(first)?.[1])).toBeLessThan(500);
    client.socket.write(whole(secret));
    const heard = await client.until(/HTTP\/1\.1 200[^]*"usage"/);
    if (method === 'HEAD') expect(heard.slice(heard.indexOf('\r\n\r\n') + 4)).toMatch(/^HTTP\/1\.1/);
    client.socket.destroy();
  });

  test('a broken Host header does not end the node', async () => {
    const client = await openRaw(stack.node.url);
    client.socket.write('GET /healthz HTTP/1.1\r\nhost: a b{}\r\n\r\n');
    await Promise.race([client.until(/HTTP\/1\.1 [24]/), client.closed]);
    client.socket.destroy();
    expect((await fetch(`${stack.node.url}/healthz`)).status).toBe(200);
  });

  test('a client that leaves at any moment leaves nothing in flight and stops the upstream', async () => {
    const { secret: bound } = await createKey(stack.api, { budget: { limit: '1.00', window: 'TOTAL' } });
    const text = body({ stream: true, messages: [{ role: 'user', content: 'Go on [[practice many {"events": 40}]] [[practice trickle {"ms": 20}]]' }] });
    for (const afterMs of [0, 5, 15, 40, 90, 200]) {
      const client = await openRaw(stack.node.url);
      client.socket.write(whole(bound, text));
      await new Promise((go) => setTimeout(go, afterMs));
      client.socket.destroy();
    }
    for (let events = 1; events <= 6; events++) {
      const client = await openRaw(stack.node.url);
      client.socket.write(whole(bound, text));
      await client.until(new RegExp(`(event: [^]*){${events}}`));
      client.socket.resetAndDestroy();
    }
    await stack.api.until(async () => (await inFlight()) === 0, 3_000);
    const { quotas } = await stack.api.until(async () => {
      const read = await stack.api.run('{ quotas(first: 100) { nodes { budget { escrow { amount } } } } }');
      return read.quotas.nodes.every((quota: { budget: { escrow: { amount: string } } | null }) => Number(quota.budget?.escrow.amount ?? 0) === 0) && read;
    });
    expect(quotas.nodes.length).toBeGreaterThan(0);
    expect((await ask(stack.node.url, bound, 'anthropic')).status).toBe(200);
  });

  const inFlight = () => fetch(`${stack.node.url}/metrics`).then((answer) => answer.text()).then((metrics) => Number(/fairlead_exchanges_in_flight (\d+)/.exec(metrics)?.[1]));

  test.each([
    ['waits for a whole answer', false, '[[practice slow {"ms": 30000}]]', undefined],
    ['waits for a stream to begin', true, '[[practice slow {"ms": 30000}]]', undefined],
    ['waits for content', true, '[[practice stall {"after": 1}]]', undefined],
    ['is in the middle of a stream that is silent', true, '[[practice stall {"after": 6}]]', /content_block_delta/],
  ])('a client that leaves while it %s stops the upstream at once', async (_when, stream, directive, after) => {
    const before = (await stack.practice.calls()).length;
    const client = await openRaw(stack.node.url);
    client.socket.write(whole(secret, body({ stream, messages: [{ role: 'user', content: `Go on ${directive}` }] })));
    if (after) await client.until(after);
    await stack.api.until(async () => (await stack.practice.calls()).length > before && (await inFlight()) === 1);
    client.socket.destroy();
    const leftAt = performance.now();
    await stack.api.until(async () => (await inFlight()) === 0, 2_000);
    expect(performance.now() - leftAt).toBeLessThan(500);
    await stack.api.until(async () => (await stack.practice.calls()).every((call) => call.outcome !== 'open'), 1_000);
  });

  test('a node that is told to stop cuts what hangs, books what came of it and gives its budget back', async () => {
    const { id, secret: bound } = await createKey(stack.api, { budget: { limit: '1.00', window: 'TOTAL' } });
    await stack.node.part.kill('SIGKILL');
    await stack.node.restart();
    const client = await openRaw(stack.node.url);
    client.socket.write(whole(bound, body({ stream: true, messages: [{ role: 'user', content: 'Go on [[practice stall {"after": 6}]]' }] })));
    await client.until(/content_block_delta/);
    await stack.node.part.kill('SIGTERM');
    const exchange = await stack.api.until(() => readExchanges(stack.api).then((all) => all.find((one) => one.key?.id === id && one.outcome)));
    // A crash would have charged the whole reservation.
    expect([exchange.outcome, exchange.estimated]).toEqual(['ABORTED', true]);
    const { quotas } = await stack.api.run('{ quotas(first: 100) { nodes { budget { escrow { amount } } } } }');
    expect(quotas.nodes.map((quota: { budget: { escrow: { amount: string } } | null }) => Number(quota.budget?.escrow.amount ?? 0))).toEqual(quotas.nodes.map(() => 0));
    await stack.node.restart();
  });
});
