import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, root, startPart } from '../stack/process.ts';
import type { Part } from '../stack/process.ts';
import type { Target } from './targets.ts';

/** A peer that could not be measured, and why. */
export interface Absent { name: string; why: string }

interface Recipe {
  name: string;
  install: { dependencies: Record<string, string>; overrides?: Record<string, string> };
  start(at: { folder: string; home: string; port: number; mockUrl: string }): Promise<Omit<Target, 'name' | 'url' | 'pid' | 'close'> & { part: Part }>;
}

const cache = join(root, 'node_modules', '.cache', 'bench-peers');

/** Gateways that npm alone can run, each as its own documentation sets it up in front of one provider. */
const recipes: Recipe[] = [
  {
    // Without these versions every stream of a fresh install is a 500 (their issues 1389 and 1550).
    name: 'Portkey 1.15.2', install: { dependencies: { '@portkey-ai/gateway': '1.15.2' }, overrides: { 'hono': '4.9.7', '@hono/node-server': '1.13.5' } },
    async start({ folder, home, port, mockUrl }) {
      const part = await startPeer('Portkey', process.execPath, [join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js'), '--headless', `--port=${port}`], { HOME: home, NODE_ENV: 'production' }, port);
      return { part, headers: { 'x-portkey-provider': 'anthropic', 'x-portkey-custom-host': `${mockUrl}/v1`, 'authorization': 'Bearer bench', 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' } };
    },
  },
  {
    name: 'Claude Code Router 2.0.0', install: { dependencies: { '@musistudio/claude-code-router': '2.0.0' } },
    async start({ folder, home, port, mockUrl }) {
      mkdirSync(join(home, '.claude-code-router'), { recursive: true });
      writeFileSync(join(home, '.claude-code-router/config.json'), JSON.stringify({
        PORT: port, HOST: '127.0.0.1', APIKEY: 'bench', LOG: false, Router: { default: 'mock,gpt-4o' },
        Providers: [{ name: 'mock', api_base_url: `${mockUrl}/v1/chat/completions`, api_key: 'bench', models: ['gpt-4o'] }],
      }));
      const part = await startPeer('Claude Code Router', process.execPath, [join(folder, 'node_modules/@musistudio/claude-code-router/dist/cli.js'), 'start'], { HOME: home }, port);
      return { part, model: 'mock,gpt-4o', headers: { 'x-api-key': 'bench', 'anthropic-version': '2023-06-01' } };
    },
  },
  {
    name: 'better-ccflare 3.5.4', install: { dependencies: { 'better-ccflare': '3.5.4' } },
    async start({ folder, home, port, mockUrl }) {
      const part = await startPeer('better-ccflare', join(folder, 'node_modules/better-ccflare/dist/better-ccflare'), ['--serve', '--port', String(port)], { HOME: home }, port);
      await call(`http://127.0.0.1:${port}/api/accounts/anthropic-compatible`, { name: 'bench', apiKey: 'bench', priority: 0, customEndpoint: mockUrl });
      return { part, headers: { 'anthropic-version': '2023-06-01' } };
    },
  },
  {
    name: '9router 0.5.69', install: { dependencies: { '9router': '0.5.69' } },
    async start({ folder, home, port, mockUrl }) {
      const part = await startPeer('9router', process.execPath, [join(folder, 'node_modules/9router/app/custom-server.js')], { HOME: home, DATA_DIR: home, PORT: String(port), HOSTNAME: '127.0.0.1', INITIAL_PASSWORD: 'bench-password-1', NODE_ENV: 'production' }, port);
      const base = `http://127.0.0.1:${port}`;
      const signIn = await fetch(`${base}/api/auth/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: 'bench-password-1' }), signal: AbortSignal.timeout(20_000) });
      const cookie = signIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
      const node = await call(`${base}/api/provider-nodes`, { name: 'mock', prefix: 'mock', type: 'openai-compatible', apiType: 'chat', baseUrl: `${mockUrl}/v1` }, cookie);
      const nodeId = find(node, 'id');
      await call(`${base}/api/providers`, { provider: nodeId, name: 'mock', apiKey: 'bench' }, cookie);
      const key = find(await call(`${base}/api/keys`, { name: 'bench' }, cookie), 'key');
      return { part, path: '/v1/chat/completions', model: 'mock/gpt-4o', headers: { authorization: `Bearer ${key}` } };
    },
  },
];

/** Installs and starts every peer; one that does not start, or does not answer, is named with its reason. */
export async function startPeers(mockUrl: string): Promise<{ peers: Target[]; absent: Absent[] }> {
  const peers: Target[] = [];
  const absent: Absent[] = [];
  for (const recipe of recipes) {
    process.stderr.write(`peer ${recipe.name} …\n`);
    const home = mkdtempSync(join(tmpdir(), 'fairlead-peer-'));
    let part: Part | undefined;
    try {
      const port = await freePort();
      const started = await recipe.start({ folder: install(recipe), home, port, mockUrl });
      part = started.part;
      const peer: Target = { ...started, name: recipe.name, url: `http://127.0.0.1:${port}`, pid: part.child.pid, close: async () => { await started.part.kill('SIGKILL'); rmSync(home, { recursive: true, force: true }); } };
      await answers(peer);
      peers.push(peer);
    } catch (error) {
      absent.push({ name: recipe.name, why: (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 300) });
      await part?.kill('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    }
  }
  return { peers, absent };
}

/** The folder of an installed peer; npm brings it once. */
function install(recipe: Recipe): string {
  const folder = join(cache, recipe.name.toLowerCase().replace(/[^a-z0-9.]+/g, '-'));
  if (existsSync(join(folder, '.installed'))) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...recipe.install }));
  const done = spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, encoding: 'utf8', timeout: 240_000, shell: process.platform === 'win32' });
  if (done.status !== 0) throw new Error(`npm install: ${(done.stderr || String(done.error ?? 'failed')).slice(-250)}`);
  writeFileSync(join(folder, '.installed'), '');
  return folder;
}

/** Starts a peer's process and waits until its port answers anything at all. */
async function startPeer(name: string, command: string, args: string[], env: Record<string, string>, port: number): Promise<Part> {
  const part = await startPart(name, command, args, env, { ready: () => true, soon: true });
  const until = Date.now() + 40_000;
  for (;;) {
    if (part.child.exitCode !== null) throw new Error(`it ended with ${part.child.exitCode}: ${part.log().slice(-200)}`);
    const up = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5_000), redirect: 'manual' }).then(() => true, () => false);
    if (up) return part;
    if (Date.now() > until) { await part.kill('SIGKILL'); throw new Error(`it did not listen within 40 s: ${part.log().slice(-200)}`); }
    await new Promise((done) => { setTimeout(done, 200); });
  }
}

/** Fails unless the peer answers what it will be measured with. */
async function answers(peer: Target): Promise<void> {
  for (const stream of [false, true]) {
    const answer = await fetch(peer.url + (peer.path ?? '/v1/messages'), {
      method: 'POST', headers: { 'content-type': 'application/json', ...peer.headers }, signal: AbortSignal.timeout(30_000),
      body: JSON.stringify({ model: peer.model ?? 'claude-haiku-5-5', max_tokens: 256, stream, messages: [{ role: 'user', content: 'Say hello.' }] }),
    });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}${stream ? ' to a stream' : ''}: ${text.slice(0, 200)}`);
    if (stream && text.length < 5_000) throw new Error(`its stream had ${text.length} bytes: ${text.slice(0, 200)}`);
  }
}

async function call(url: string, body: unknown, cookie = ''): Promise<unknown> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...(cookie === '' ? {} : { cookie }) }, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${new URL(url).pathname} answered ${answer.status}: ${text.slice(0, 200)}`);
  try { return JSON.parse(text); } catch { return undefined; }
}

/** The first text of this name anywhere in an answer. */
function find(value: unknown, name: string): string {
  if (typeof value !== 'object' || value === null) return '';
  for (const [key, field] of Object.entries(value)) if (key === name && typeof field === 'string') return field;
  for (const field of Object.values(value)) { const found = find(field, name); if (found !== '') return found; }
  return '';
}
