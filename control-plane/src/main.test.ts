import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readNodeToken } from '@fairlead/shared/node-api/node-token.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(async () => { folder = await mkdtemp(path.join(tmpdir(), 'fairlead-main-')); });
afterEach(async () => {
  if (child && child.exitCode === null) { child.kill('SIGKILL'); await once(child, 'exit'); }
  await rm(folder, { recursive: true, force: true });
});

function start(env: Record<string, string>) {
  const started = fork(path.resolve(import.meta.dirname, 'main.ts'), { env: { PATH: process.env.PATH, FAIRLEAD_DATA: folder, FAIRLEAD_CONTROL_PORT: '0', ...env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  child = started;
  let stderr = '';
  started.stderr?.on('data', (data: Buffer) => { stderr += data.toString(); });
  return { started, stderr: () => stderr };
}

const message = async (from: ChildProcess): Promise<Record<string, unknown>> => {
  const [received]: unknown[] = await once(from, 'message', { signal: AbortSignal.timeout(20_000) });
  return typeof received === 'object' && received !== null ? { ...received } : {};
};

test('a start makes its key file for its owner alone, tells its parent what to do next, and ends in order', async () => {
  const { started, stderr } = start({ FAIRLEAD_PRACTICE_URL: 'http://127.0.0.1:4411' });
  const ready = await message(started);
  expect(ready).toMatchObject({ kind: 'ready', port: expect.any(Number), practiceDigest: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(String(ready.signInUrl)).toMatch(new RegExp(`^http://127.0.0.1:${String(ready.port)}/sign-in#token=`));
  expect((await stat(path.join(folder, 'control', 'kek'))).mode & 0o777).toBe(0o600);
  started.send({ kind: 'node-token' });
  expect(readNodeToken(String((await message(started)).token))?.url).toBe(`http://127.0.0.1:${String(ready.port)}`);
  started.send({ kind: 'try-key' });
  const key = await message(started);
  expect(String(key.command)).toContain(String(key.secret));
  expect((await fetch(`http://127.0.0.1:${String(ready.port)}/readyz`)).status).toBe(200);
  started.kill('SIGTERM');
  expect(await once(started, 'exit')).toEqual([0, null]);
  for (const secret of [String(key.secret), String(ready.signInUrl).split('=')[1] ?? 'none']) expect(stderr()).not.toContain(secret);
  // A second start finds everything again and makes nothing twice.
  const again = start({ FAIRLEAD_PRACTICE_URL: 'http://127.0.0.1:4412' });
  expect((await message(again.started)).practiceDigest).toBe(ready.practiceDigest);
});

test('readers of a stream may leave at any moment without harm', async () => {
  const { started } = start({});
  const ready = await message(started);
  const url = `http://127.0.0.1:${String(ready.port)}/graphql`;
  const post = (query: string, headers: Record<string, string> = {}, signal?: AbortSignal) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }), ...(signal ? { signal } : {}) });
  const signedIn = await post(`mutation { signInRedeem(input: {token: "${String(ready.signInUrl).split('#token=')[1] ?? ''}"}) { viewer { role } } }`);
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  for (let round = 0; round < 10; round++) {
    const leaving = new AbortController();
    const stream = await post('subscription { exchangeStream { id } }', { cookie, accept: 'text/event-stream' }, leaving.signal);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    if (round % 2 === 0) await stream.body?.getReader().read();
    leaving.abort();
  }
  for (let round = 0; round < 5; round++) expect((await fetch(`http://127.0.0.1:${String(ready.port)}/readyz`)).status).toBe(200);
  expect(started.exitCode).toBeNull();
  started.kill('SIGTERM');
  expect(await once(started, 'exit')).toEqual([0, null]);
});

test('a taken port is one clear sentence and exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const { started, stderr } = start({ FAIRLEAD_CONTROL_PORT: String(port) });
    expect(await once(started, 'exit')).toEqual([1, null]);
    expect(stderr().trim()).toBe(`The port ${port} is taken by another program. Set FAIRLEAD_CONTROL_PORT to a free one.`);
  } finally {
    taken.close();
  }
});

test('bad settings are told all at once, and another database\'s key-encryption key is refused', async () => {
  const bad = start({ FAIRLEAD_CONTROL_PORT: 'many', FAIRLEAD_KEK: 'short' });
  expect(await once(bad.started, 'exit')).toEqual([1, null]);
  expect(bad.stderr().trim().split('\n')).toHaveLength(2);
  const first = start({ FAIRLEAD_KEK: Buffer.alloc(32, 1).toString('base64') });
  await message(first.started);
  first.started.kill('SIGTERM');
  await once(first.started, 'exit');
  const second = start({ FAIRLEAD_KEK: Buffer.alloc(32, 2).toString('base64') });
  expect(await once(second.started, 'exit')).toEqual([1, null]);
  expect(second.stderr()).toContain('cannot be opened with this key-encryption key');
});
