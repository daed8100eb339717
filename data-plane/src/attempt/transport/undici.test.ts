import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createUndiciTransport } from './undici.ts';
import type { EgressRules } from '@fairlead/shared/egress/rules.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => { for (const end of ends.splice(0)) await end(); });

async function serverOf(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const hits: string[] = [];
  const server = createServer((request, response) => { hits.push(request.url ?? ''); answer(request, response); });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ends.push(() => new Promise((done) => { server.closeAllConnections(); server.close(() => done()); }));
  return { hits, port: (server.address() as AddressInfo).port };
}

function calling(url: string, owner: 'operator' | 'tenant', rules: Partial<EgressRules> = {}) {
  const transport = createUndiciTransport({ loopbackForOperator: true, allowed: [], ...rules });
  ends.push(() => transport.close());
  return transport.call({ url: new URL(url), headers: {}, body: new Uint8Array(), owner, signal: AbortSignal.timeout(3_000) });
}

test.each([301, 302, 303, 307, 308])('a redirect by %i is an answer and is not followed', async (status) => {
  const { hits, port } = await serverOf((_, response) => { response.writeHead(status, { location: '/elsewhere' }).end(); });
  const answer = await calling(`http://127.0.0.1:${port}/first`, 'operator');
  for await (const _ of answer.body) { /* read to its end */ }
  expect([answer.status, hits]).toEqual([status, ['/first']]);
});

test.each([
  'http://127.0.0.1', 'http://localhost', 'http://localhost.', 'http://x.localhost', 'http://127.1', 'http://0x7f000001', 'http://2130706433', 'http://0177.0.0.1', 'http://0', 'http://[::1]', 'http://[::]', 'http://[::ffff:127.0.0.1]', 'http://[::ffff:7f00:1]',
  'http://[::127.0.0.1]', 'http://[64:ff9b::7f00:1]', 'http://[2002:7f00:1::]', 'http://169.254.169.254', 'http://[fd00:ec2::254]', 'http://[fe80::1]', 'http://10.0.0.1', 'http://100.64.0.1', 'http://user:pw@127.0.0.1', 'http://127。0。0。1', 'http://①②⑦.0.0.1',
])('a tenant\'s upstream at %s is not called', async (origin) => {
  const { hits, port } = await serverOf((_, response) => { response.end('{}'); });
  await expect(calling(`${origin}:${port}/x`, 'tenant')).rejects.toSatisfy((error: Error) => error.name === 'AddressRefused' || (error.cause instanceof Error && error.cause.name === 'AddressRefused'));
  expect(hits).toEqual([]);
});

test('a connection that the operator may use is not lent to a tenant', async () => {
  const { hits, port } = await serverOf((_, response) => { response.end('{}'); });
  const transport = createUndiciTransport({ loopbackForOperator: true, allowed: [`127.0.0.1:${port}`] });
  ends.push(() => transport.close());
  const at = { url: new URL(`http://127.0.0.1:${port}/x`), headers: {}, body: new Uint8Array(), signal: AbortSignal.timeout(3_000) };
  for await (const _ of (await transport.call({ ...at, owner: 'operator' })).body) { /* kept alive */ }
  await expect(transport.call({ ...at, owner: 'tenant' })).rejects.toMatchObject({ name: 'AddressRefused' });
  expect(hits).toHaveLength(1);
});

test('another scheme is no way to call', async () => {
  await expect(calling('file:///etc/passwd', 'operator')).rejects.toMatchObject({ name: 'AddressRefused' });
});

test('a base URL\'s user and password, and the environment\'s proxies, are not used', async () => {
  const proxy = await serverOf((_, response) => { response.end('{}'); });
  const before = { ...process.env };
  Object.assign(process.env, { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, http_proxy: `http://127.0.0.1:${proxy.port}`, ALL_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_USE_ENV_PROXY: '1' });
  try {
    let seen: string | undefined;
    const { hits, port } = await serverOf((request, response) => { seen = request.headers.authorization; response.end('{}'); });
    const answer = await calling(`http://user:pw@127.0.0.1:${port}/x`, 'operator');
    for await (const _ of answer.body) { /* read */ }
    expect([hits, proxy.hits, seen]).toEqual([['/x'], [], undefined]);
  } finally {
    process.env = before;
  }
});
