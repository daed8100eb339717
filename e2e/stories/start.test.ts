// README: "npm start": everything runs, the printed lines work, a stop loses nothing, the next start is quick.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claudePath, toolTask } from '../clients/claude-code.ts';
import { openApi } from '../stack/api.ts';
import { freePort, root } from '../stack/process.ts';
import { readExchanges } from '../stack/reads.ts';

const data = mkdtempSync(join(tmpdir(), 'fairlead-start-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const ports = { FAIRLEAD_CONTROL_PORT: String(await freePort()), FAIRLEAD_NODE_PORT: String(await freePort()), FAIRLEAD_PRACTICE_PORT: String(await freePort()) };
const base = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', FAIRLEAD_DATA: data, ...ports };

interface Started { output: string; line(after: string): string; stop(signal?: NodeJS.Signals): Promise<void> }

/** Starts the product as a user would, and waits until it says that it runs. */
async function start(extra: Record<string, string> = {}): Promise<Started> {
  const child = spawn('npm', ['start'], { cwd: root, env: { ...base, ...extra }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  await new Promise<void>((done, fail) => {
    const timer = setTimeout(() => fail(new Error(output)), 100_000);
    const hear = (bytes: Buffer) => { output += bytes.toString(); if (output.includes('Stop with Ctrl-C')) { clearTimeout(timer); done(); } };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void exited.then(() => { clearTimeout(timer); fail(new Error(output)); });
  });
  return {
    get output() { return output; },
    line: (after) => { const lines = output.split('\n'); return lines[lines.findIndex((text) => text.includes(after)) + 1]?.trim() ?? ''; },
    // Ctrl-C reaches the whole group of the terminal.
    stop: async (signal = 'SIGINT') => { process.kill(-(child.pid ?? 0), signal); await exited; },
  };
}

/** Waits until nobody listens on our ports any more: npm itself leaves at once on Ctrl-C, the parts stop in order. */
async function allQuiet(): Promise<void> {
  for (const deadline = Date.now() + 15_000; ; await new Promise((go) => setTimeout(go, 50))) {
    const busy = await Promise.all(Object.values(ports).map((port) => listens(port)));
    if (!busy.includes(true)) return;
    if (Date.now() > deadline) throw new Error('something still listens after 15 s');
  }
}

const listens = (port: string) => new Promise<boolean>((done) => { const server = createServer(); server.once('error', () => done(true)); server.listen(Number(port), '127.0.0.1', () => server.close(() => done(false))); });

test('the printed lines work, a stop ends every process, and the next start goes on from there', async () => {
  const first = await start();
  const curl = spawnSync('sh', ['-c', first.line('Or ask with curl')], { encoding: 'utf8' });
  expect(curl.stdout, curl.stderr).toContain('Simulated answer');
  const api = await openApi(`http://127.0.0.1:${ports.FAIRLEAD_CONTROL_PORT}`, first.line('Sign in'));
  await expect(openApi(`http://127.0.0.1:${ports.FAIRLEAD_CONTROL_PORT}`, first.line('Sign in'))).rejects.toThrow(/used|once/i);
  if (claudePath !== undefined) {
    const { prompt, expected } = toolTask('start');
    const home = mkdtempSync(join(tmpdir(), 'fairlead-home-'));
    const command = first.line('Make Claude Code answer').replace(/ claude$/, ` '${claudePath}' -p '${prompt.replaceAll("'", `'\\''`)}' --allowedTools Bash`);
    const run = spawnSync('sh', ['-c', command], { encoding: 'utf8', cwd: home, input: '', env: { PATH: process.env.PATH ?? '', HOME: home, CI: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1' } });
    rmSync(home, { recursive: true, force: true });
    expect(run.stdout, run.stderr).toContain(expected);
  }
  const before = await api.until(async () => { const found = await readExchanges(api); return found.length >= (claudePath === undefined ? 1 : 3) && found.every(({ decision }) => decision !== null) ? found : undefined; });
  await first.stop();
  await allQuiet();

  const second = await start();
  const again = await openApi(`http://127.0.0.1:${ports.FAIRLEAD_CONTROL_PORT}`, second.line('Sign in'));
  expect((await readExchanges(again)).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  const { fleetNodes } = await again.run('{ fleetNodes { nodes { id state } } }');
  expect(fleetNodes.nodes).toHaveLength(1);
  await second.stop('SIGTERM');
  await allQuiet();
});

test('a taken port is one clear sentence that names the way out', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(Number(ports.FAIRLEAD_NODE_PORT), '127.0.0.1', done));
  await expect(start()).rejects.toThrow(/Port \d+ \(node\) is taken by another program.*FAIRLEAD_NODE_PORT=/);
  await new Promise((done) => server.close(done));
});

test('a wrong setting is told before anything starts', async () => {
  await expect(start({ FAIRLEAD_CONTROL_PORT: 'abc' })).rejects.toThrow(/FAIRLEAD_CONTROL_PORT must be a port number/);
  await expect(start({ FAIRLEAD_DATABASE_URL: 'oracle://x' })).rejects.toThrow(/FAIRLEAD_DATABASE_URL|file:/);
});

test('wired: without the practice upstream nothing pretends to answer, and the next step is named', async () => {
  const started = await start({ FAIRLEAD_PRACTICE: 'off', FAIRLEAD_DATA: join(data, 'bare') });
  expect(started.output).toContain('connect a provider');
  expect(started.output).not.toContain('flk_');
  await started.stop();
  await allQuiet();
});
