// README: "fairlead try": a key without an account, proved by a first answer; and the rest of the command line.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { freePort, root } from '../stack/process.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'fairlead-cli-'));
const config = join(folder, 'settings.json');

beforeAll(async () => {
  const port = await freePort();
  stack = await openStack({ controlEnv: { FAIRLEAD_NODE_URL: `http://127.0.0.1:${port}` }, nodeEnv: { FAIRLEAD_NODE_PORT: String(port) } });
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

function fairlead(args: readonly string[], options: { input?: string; env?: Record<string, string> } = {}): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [join(root, 'cli', 'src', 'main.ts'), ...args], { env: { PATH: process.env.PATH ?? '', FAIRLEAD_URL: stack.controlUrl, FAIRLEAD_CONFIG: config, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => { out += bytes.toString(); });
  child.stderr.on('data', (bytes: Buffer) => { err += bytes.toString(); });
  child.stdin.end(options.input ?? '');
  return new Promise((done) => child.once('exit', (code) => done({ code, out, err })));
}

test('try gets a key without an account, shows the first answer and prints lines for the shell', async () => {
  const { code, out, err } = await fairlead(['try']);
  expect(code, err).toBe(0);
  expect(err).toContain('Simulated answer');
  expect(err).toContain('It works');
  expect(err).toMatch(/\/claim\//);
  const env = Object.fromEntries(out.trim().split('\n').map((line) => /^export (\w+)=(.*)$/.exec(line)?.slice(1) ?? []));
  expect((await ask(env.ANTHROPIC_BASE_URL, env.ANTHROPIC_AUTH_TOKEN, 'anthropic')).status).toBe(200);
  const status = await fairlead(['status']);
  expect(status.out).toMatch(/active .*left of \$0\.50/);
  expect(statSync(config).mode & 0o777).toBe(0o600);
});

test('after signing in with the link, keys are made, used, listed and revoked', async () => {
  const { signInLinkCreate } = await stack.api.run('mutation { signInLinkCreate(input: {}) { url userErrors { message } } }');
  expect((await fairlead(['login', signInLinkCreate.url])).code).toBe(0);
  expect((await fairlead(['login', signInLinkCreate.url])).code).not.toBe(0);
  expect((await fairlead(['whoami'])).out).toContain('operator');
  const made = await fairlead(['keys', 'create', 'terminal', '--budget', '1.00']);
  const secret = made.out.trim();
  expect(secret).toMatch(/^flk_\w{42}$/);
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(200);
  const list = JSON.parse((await fairlead(['keys', 'list', '--json'])).out) as { id: string; name: string }[];
  const id = list.find(({ name }) => name === 'terminal')?.id ?? '';
  expect((await fairlead(['keys', 'revoke', id])).code).toBe(0);
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(401);
  expect((await fairlead(['requests'])).out).toContain('claude-haiku-5-5');
  expect((await fairlead(['billing', 'export', '--from', new Date(Date.now() - 86_400_000).toISOString(), '--to', new Date(Date.now() + 86_400_000).toISOString()])).out).toMatch(/^id,at,kind,payer,[^]*\r\nuse_\w+,[^,]+,CHARGE,/);
  expect((await fairlead(['usage', '--by', 'MODEL'])).out).toMatch(/In all: \d+ requests, \$0\.\d+/);
  expect((await fairlead(['nodes', 'list'])).out).toContain('LIVE');
  expect(readFileSync(config, 'utf8')).not.toContain(secret);
});

test('limits are set of a key and of an account, shown, kept and taken away', async () => {
  const made = await fairlead(['keys', 'create', 'narrow', '--tpm', '500', '--sessions', '2', '--client', 'claude-code', '*-sdk', '--json']);
  const { key: { id }, secret } = JSON.parse(made.out) as { key: { id: string }; secret: string };
  expect((await ask(stack.node.url, secret, 'anthropic')).status).toBe(403);
  const changed = await fairlead(['keys', 'limit', id, '--client', 'none', '--rpm', '1']);
  expect(changed.out, changed.err).toMatch(/requestsPerMinute +1\ntokensPerMinute +500\nconcurrent +none\nsessions +2\nclients +none/);
  expect([(await ask(stack.node.url, secret, 'anthropic')).status, (await ask(stack.node.url, secret, 'anthropic')).status]).toEqual([200, 429]);
  const { tenant } = await stack.api.run('{ tenant { id } }');
  expect((await fairlead(['tenants', 'limit', tenant.id, '--model', 'gpt-*', '--rpm', '1000'])).out).toMatch(/models +gpt-\*\nrequestsPerMinute +1000/);
  expect((await ask(stack.node.url, secret, 'anthropic')).body).toContain('The account may use: gpt-*');
  expect((await fairlead(['tenants', 'limit', tenant.id, '--model', 'none', '--rpm', 'none'])).out).toMatch(/models +none\nrequestsPerMinute +none/);
  expect((await fairlead(['keys', 'limit', id, '--tpm', 'many'])).err).toContain('It must be a whole number, or "none"');
});

test('a provider is connected with its secret from standard input', async () => {
  const added = await fairlead(['upstreams', 'add', 'Second', '--url', stack.practiceUrl, '--dialect', 'anthropic-messages'], { input: `${secondCredential}\n` });
  expect(added.code, added.err).toBe(0);
  expect(added.err + added.out).not.toContain(secondCredential);
  expect((await fairlead(['upstreams', 'list'])).out).toContain('Second');
  expect((await fairlead(['upstreams', 'add', 'Empty', '--preset', 'anthropic'])).code).toBe(2);
});

test('a provider is tested before it is connected, and afterwards by its id; what fails ends with what to do', async () => {
  const tried = await fairlead(['upstreams', 'test', '--url', stack.practiceUrl, '--dialect', 'anthropic-messages', '--model', 'claude-haiku-4-5'], { input: `${secondCredential}\n` });
  expect(tried.code, tried.out + tried.err).toBe(0);
  expect(tried.out).toMatch(/^credential +ok/m);
  expect(tried.out).toMatch(/^answer +ok +anthropic-messages/m);
  expect(tried.out + tried.err).not.toContain(secondCredential);
  const id = (JSON.parse((await fairlead(['upstreams', 'list', '--json'])).out) as { id: string; name: string }[]).find(({ name }) => name === 'Second')?.id ?? '';
  expect((await fairlead(['upstreams', 'test', id, '--model', 'claude-haiku-4-5'])).code).toBe(0);
  const wrong = await fairlead(['upstreams', 'test', '--url', stack.practiceUrl, '--dialect', 'anthropic-messages', '--model', 'claude-haiku-4-5'], { input: 'sk-not-the-one\n' });
  expect([wrong.code, wrong.out]).toEqual([1, expect.stringContaining('Copy it again')]);
  expect((await fairlead(['upstreams', 'test'])).code).toBe(2);
});

test('routes are tried before they are saved: on one request, and on those of the last hours', async () => {
  const upstreams = JSON.parse((await fairlead(['upstreams', 'list', '--json'])).out) as { id: string; name: string }[];
  const second = upstreams.find(({ name }) => name === 'Second')?.id ?? '';
  const draft = join(folder, 'draft.json');
  writeFileSync(draft, JSON.stringify([{ name: 'all to the second', models: [], targets: [{ upstreamId: second }] }]));
  const tried = await fairlead(['route', 'simulate', '--model', 'claude-haiku-4-5', '--draft', draft, '--well']);
  expect(tried.code, tried.err).toBe(0);
  expect(tried.out).toContain('Route "all to the second" decides.');
  expect(tried.out).toMatch(/^1 +Second +claude-haiku-4-5 +anthropic-messages/m);
  const before = await fairlead(['route', 'simulate', '--model', 'claude-haiku-4-5', '--well']);
  expect(before.out).toContain('No route decides');
  // Heartbeats carry what the node thinks of providers.
  await expect.poll(async () => JSON.stringify((await stack.api.run('{ fleetNodes { nodes { health { upstreams { model state upstream { name } } } } } }')).fleetNodes), { timeout: 20_000 }).toContain('"state":"CLOSED","upstream":{"name":"Practice"}');
  // What the node kept of the requests of the stories above.
  const { exchanges } = await stack.api.run('{ exchanges(first: 1) { nodes { id model ask { model dialect inputTokens } } } }');
  expect(exchanges.nodes[0].ask).toMatchObject({ model: exchanges.nodes[0].model, dialect: 'anthropic-messages', inputTokens: expect.any(Number) });
  expect((await fairlead(['route', 'simulate', '--exchange', exchanges.nodes[0].id, '--draft', draft, '--well'])).out).toMatch(/^1 +Second/m);
  const replayed = await fairlead(['route', 'replay', '--hours', '1', '--draft', draft]);
  expect(replayed.code, replayed.err).toBe(0);
  expect(replayed.out).toMatch(/^Practice claude-haiku-\S+ +Second claude-haiku/m);
  expect((await fairlead(['route', 'replay', '--draft', join(folder, 'missing.json')])).code).toBe(2);
  expect((await fairlead(['route', 'simulate'])).code).toBe(2);
});

test('any operation runs by api, quotas and tenants are set, and errors end with what to do', async () => {
  expect(JSON.parse((await fairlead(['api', 'query ($n: Int) { keys(first: $n) { nodes { id } } }', '-F', 'n=1'])).out).keys.nodes).toHaveLength(1);
  expect((await fairlead(['tenants', 'create', 'Acme'])).out).toContain('/sign-in');
  const tenant = (JSON.parse((await fairlead(['tenants', 'list', '--json'])).out) as { id: string; name: string }[]).find(({ name }) => name === 'Acme');
  expect((await fairlead(['quotas', 'set', tenant?.id ?? '', '25.00'])).code).toBe(0);
  expect((await fairlead(['quotas', 'set', tenant?.id ?? '', '5000000', '--unit', 'TOKENS', '--window', 'DAY', '--when-unreachable', 'SERVE'])).code).toBe(0);
  const fraction = await fairlead(['quotas', 'set', tenant?.id ?? '', '1.5', '--unit', 'REQUESTS']);
  expect([fraction.code, fraction.err]).toEqual([1, expect.stringContaining('whole number of requests')]);
  expect((await fairlead(['quotas', 'set', 'nonsense', '25.00'])).code).toBe(2);
  expect((await fairlead(['keys', 'revoke', 'key_01AAAAAAAAAAAAAAAAAAAAAAAA'])).code).toBe(4);
  const waited = await fairlead(['nodes', 'wait', '1']);
  expect([waited.code, waited.out]).toEqual([0, expect.stringContaining('1 of 1 live nodes serve by revision 1')]);
  expect((await fairlead(['nodes', 'wait', 'soon'])).code).toBe(2);
  const nowhere = await fairlead(['whoami'], { env: { FAIRLEAD_URL: 'http://127.0.0.1:1' } });
  expect([nowhere.code, nowhere.err]).toEqual([7, expect.stringContaining('npm start')]);
  const unsigned = await fairlead(['keys', 'list'], { env: { FAIRLEAD_CONFIG: join(folder, 'none.json') } });
  expect([unsigned.code, unsigned.err]).toEqual([3, expect.stringContaining('login')]);
  expect((await fairlead(['nonsense'])).code).toBe(2);
  expect((await fairlead(['--help'])).code).toBe(0);
});

test('wired: try fails with a clear word where nothing is offered', async () => {
  const { campaigns } = await stack.api.run('{ campaigns { nodes { id } } }');
  for (const { id } of campaigns.nodes) await stack.api.run('mutation ($input: CampaignUpdateInput!) { campaignUpdate(input: $input) { userErrors { message } } }', { input: { id, status: 'PAUSED' } });
  const refused = await fairlead(['try']);
  expect([refused.code, refused.out]).toEqual([expect.any(Number), '']);
  expect(refused.code).toBeGreaterThan(0);
  expect(refused.err.length).toBeGreaterThan(10);
});
