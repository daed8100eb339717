// Starts the whole product as separate processes, watches them, and stops them in order.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const env = process.env;
const dataDir = resolve(env.FAIRLEAD_DATA || join(root, '.fairlead'));
const host = env.FAIRLEAD_HOST || '127.0.0.1';
const ports = { control: port('FAIRLEAD_CONTROL_PORT', 4400), node: port('FAIRLEAD_NODE_PORT', 8787), practice: port('FAIRLEAD_PRACTICE_PORT', 4411) };
const practice = env.FAIRLEAD_PRACTICE !== 'off';
const onDeno = env.FAIRLEAD_NODE_RUNTIME === 'deno';
const local = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
const nodeUrl = env.FAIRLEAD_NODE_URL || `http://${local}:${ports.node}`;
const logs = join(dataDir, 'logs');
const readyMs = 60_000;
const children = [];
let stopping = false;

const say = (text = '') => process.stdout.write(`${text}\n`);
const die = async (text) => { process.stderr.write(`${text}\n`); await stop(); process.exit(1); };

process.on('SIGINT', () => void quit());
process.on('SIGTERM', () => void quit());
process.on('SIGHUP', () => void quit());

try {
  await main();
} catch (error) {
  await die(error instanceof Error ? error.message : String(error));
}

async function main() {
  const wanted = [['control plane', ports.control, 'FAIRLEAD_CONTROL_PORT'], ['node', ports.node, 'FAIRLEAD_NODE_PORT'], ...(practice ? [['practice upstream', ports.practice, 'FAIRLEAD_PRACTICE_PORT']] : [])];
  for (const [what, number, name] of wanted) {
    if (!(await isFree(number, what === 'practice upstream' ? '127.0.0.1' : host))) throw new Error(`Port ${number} (${what}) is taken by another program. Stop it, or choose another port: ${name}=${number + 1} npm start`);
  }
  mkdirSync(logs, { recursive: true, mode: 0o700 });

  say('Starting the control plane …');
  const control = run('control plane', process.execPath, ['control-plane/src/main.ts'], {
    FAIRLEAD_CONTROL_PORT: String(ports.control), FAIRLEAD_NODE_URL: nodeUrl, FAIRLEAD_CONSOLE: join(root, 'console', 'build'),
    ...(practice ? { FAIRLEAD_PRACTICE_URL: `http://127.0.0.1:${ports.practice}` } : {}),
  }, true);
  const ready = await answer(control, 'ready');

  if (practice) {
    say('Starting the practice upstream …');
    await listening(run('practice upstream', process.execPath, ['practice/src/main.ts'], { PRACTICE_HOST: '127.0.0.1', PRACTICE_PORT: String(ports.practice), PRACTICE_CREDENTIAL_DIGEST: ready.practiceDigest ?? '' }));
  }

  say(`Starting the node${onDeno ? ' on Deno' : ''} …`);
  const nodeData = env.FAIRLEAD_NODE_DATA || join(dataDir, 'node');
  const token = existsSync(join(nodeData, 'identity.json')) ? undefined : (await ask(control, 'node-token')).token;
  // Who presses Ctrl-C does not want to wait for two minutes.
  const nodeEnv = { FAIRLEAD_DRAIN_MS: '5000', ...nodeOnly(), FAIRLEAD_NODE_PORT: String(ports.node), FAIRLEAD_NODE_DATA: nodeData, FAIRLEAD_CONTROL_URL: `http://${local}:${ports.control}`, ...(token ? { FAIRLEAD_NODE_TOKEN: token } : {}) };
  mkdirSync(nodeData, { recursive: true, mode: 0o700 });
  const denoArgs = ['run', '--no-check', '--no-remote', '--cached-only', '--allow-env', '--allow-net', '--allow-sys', `--allow-read=${root},${nodeData}`, `--allow-write=${nodeData}`, 'data-plane/src/main.deno.ts'];
  await listening(onDeno
    ? run('node', createRequire(import.meta.url)('./deno.cjs').denoPath(), denoArgs, nodeEnv, false, true)
    : run('node', process.execPath, ['data-plane/src/main.node.ts'], nodeEnv, false, true));

  const tryKey = practice ? await ask(control, 'try-key').catch(() => undefined) : undefined;
  say();
  say(`Fairlead is running.   Console ${ready.publicUrl ?? `http://${local}:${ports.control}`}   Node ${nodeUrl}   Data ${dataDir}`);
  say();
  say('Sign in (this link works once):');
  say(`  ${ready.signInUrl}`);
  if (tryKey?.secret) {
    say();
    say(`Make Claude Code answer now, without an account ($${Number(tryKey.budgetNano) / 1e9} until ${new Date(tryKey.expiresAt).toLocaleString()}; the practice upstream answers, and says so):`);
    say(`  ${tryKey.command}`);
    say();
    say('Or ask with curl:');
    say(`  curl ${nodeUrl}/v1/messages -H 'authorization: Bearer ${tryKey.secret}' -H 'content-type: application/json' -d '{"model":"claude-haiku-5-5","max_tokens":64,"messages":[{"role":"user","content":"Say hello"}]}'`);
  } else {
    say();
    say('Next: connect a provider in the console, create a key, and send a request to the node.');
  }
  say();
  say(`Logs are in ${logs}. Stop with Ctrl-C.`);
}

function port(name, fallback) {
  const text = env[name];
  if (!text) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) { process.stderr.write(`${name} must be a port number, not "${text}".\n`); process.exit(1); }
  return value;
}

/** The node gets no database, no KEK and no folder of the control plane; it has a folder beside that one, so it does not live in Redis. */
function nodeOnly() {
  const { FAIRLEAD_DATABASE_URL: _d, FAIRLEAD_KEK: _k, FAIRLEAD_KEK_OLD: _o, FAIRLEAD_DATA: _f, FAIRLEAD_NODE_STATE: _s, ...rest } = env;
  return rest;
}

function isFree(number, address) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(number, address, () => server.close(() => resolve(true)));
  });
}

function run(name, command, args, extra, ipc = false, bare = false) {
  const log = createWriteStream(join(logs, `${name.replace(' ', '-')}.log`), { flags: 'a', mode: 0o600 });
  // A process group of its own: Ctrl-C reaches only us, and we stop the parts in order.
  const child = spawn(command, args, { cwd: root, env: { ...(bare ? {} : env), ...extra, FAIRLEAD_STOP_WITH_STDIN: '1' }, detached: true, stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? ['ipc'] : [])] });
  const part = { name, child, output: '', tail: '', done: new Promise((resolve) => child.once('exit', resolve)) };
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (bytes) => { part.output += bytes; log.write(bytes); });
  child.stderr.on('data', (bytes) => { part.tail = (part.tail + bytes).slice(-4000); log.write(bytes); });
  child.once('error', (error) => void die(`Could not start the ${name}: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (!stopping) void die(`The ${name} stopped by itself (${signal ?? `code ${code}`}):\n${part.tail.trim().split('\n').slice(-12).join('\n')}`);
  });
  children.push(part);
  return part;
}

function answer(part, kind) {
  return within(part, `the ${part.name} to be ready`, new Promise((resolve) => {
    part.child.on('message', function hear(message) {
      if (message?.kind !== kind) return;
      part.child.off('message', hear);
      resolve(message);
    });
  })).then((message) => { if (message.problems) throw new Error(message.problems.map((problem) => problem.message).join(' ')); return message; });
}

function ask(part, kind) {
  const heard = answer(part, kind);
  part.child.send({ kind });
  return heard;
}

function listening(part) {
  return within(part, `the ${part.name} to listen`, new Promise((resolve) => {
    const look = () => { if (part.output.includes('"ready":true')) resolve(undefined); };
    part.child.stdout.on('data', look);
    look();
  }));
}

function within(part, what, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`Waited ${readyMs / 1000} s for ${what}.\n${part.tail}`)), readyMs); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function quit() {
  if (stopping) return;
  say('\nStopping …');
  await stop();
  process.exit(0);
}

/** The node first, so that it can hand in its last usage; the control plane last. */
async function stop() {
  stopping = true;
  for (const part of [...children].reverse()) {
    if (part.child.exitCode === null && part.child.signalCode === null) {
      part.child.kill('SIGTERM');
      const killer = setTimeout(() => part.child.kill('SIGKILL'), 15_000);
      await part.done;
      clearTimeout(killer);
    }
  }
}
