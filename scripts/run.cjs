'use strict';
// The one way in: every npm script comes here first. Plain CommonJS without dependencies, so that
// it runs on any Node >= 18; it finds a newer Node through npm when the one at hand is too old,
// installs, generates and builds what has changed, and then does what was asked.
const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const NODE_WANTED = '24.21.0';
const NODE_LOWEST = [22, 19];
const PNPM = '12.21.0';
const root = path.resolve(__dirname, '..');
const stampDir = path.join(root, 'node_modules', '.stamps');
const [task = 'start', ...args] = process.argv.slice(2);
const quiet = task === 'fairlead';

const say = (text) => { if (!quiet) process.stderr.write(`${text}\n`); };
const fail = (text) => { process.stderr.write(`${text}\n`); process.exit(1); };
const newEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NODE_LOWEST[0] || (major === NODE_LOWEST[0] && minor >= NODE_LOWEST[1]);
};
const npmExec = (pkg, command, options = {}) =>
  spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['exec', '--yes', `--package=${pkg}`, '--', ...command],
    { cwd: root, encoding: 'utf8', env: { ...process.env, npm_config_yes: 'true' }, shell: process.platform === 'win32', ...options });

/** The path of a Node that is new enough, fetched through npm once and remembered. */
function findNode() {
  const memo = path.join(stampDir, `node-${NODE_WANTED}`);
  const known = fs.existsSync(memo) ? fs.readFileSync(memo, 'utf8') : '';
  if (known && fs.existsSync(known)) return known;
  say(`Node ${process.versions.node} is too old (need ${NODE_LOWEST.join('.')}); fetching Node ${NODE_WANTED} through npm …`);
  const found = npmExec(`node@${NODE_WANTED}`, ['node', '-p', 'process.execPath']);
  const bin = (found.stdout || '').trim().split('\n').pop();
  if (found.status !== 0 || !bin || !fs.existsSync(bin)) {
    fail(`Could not fetch Node ${NODE_WANTED}: ${(found.stderr || String(found.error || '')).trim()}\nInstall Node ${NODE_LOWEST.join('.')} or newer and run this again.`);
  }
  fs.mkdirSync(stampDir, { recursive: true });
  fs.writeFileSync(memo, bin);
  return bin;
}

/** Runs this file again under another Node; signals go to the child, whose exit code becomes ours. */
function rerun(bin) {
  follow(spawn(bin, [__filename, task, ...args], { cwd: process.cwd(), stdio: 'inherit', env: withNodeFirst(bin) }));
}

function withNodeFirst(bin) {
  return { ...process.env, PATH: `${path.dirname(bin)}${path.delimiter}${process.env.PATH || ''}` };
}

function follow(child) {
  // A terminal's Ctrl-C reaches the child by itself; we only stay until it has closed everything.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(String(error)));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function main() {
  process.env.PATH = withNodeFirst(process.execPath).PATH;
  // What is compiled once need not be compiled again: a third of what a node's start costs.
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || path.join(root, 'node_modules', '.cache', 'compiled');
  install();
  const steps = { start: ['generate', 'console'], build: ['generate', 'console'], test: ['generate', 'console'], 'test:clients': ['generate', 'console'], bench: ['generate', 'console'], 'bench:convert': [], 'bench:exchange': [], 'bench:ledger': ['generate'], 'bench:planes': ['generate'], 'simulate:leases': [], bundle: [], golden: [], soak: ['generate', 'console'],
    check: ['generate', 'codegen'], schema: ['generate'], migration: ['generate'], fairlead: [] };
  if (!steps[task]) fail(`Unknown task "${task}". Known: ${Object.keys(steps).join(', ')}.`);
  for (const step of steps[task]) prepare[step]();
  const run = { start: ['scripts/start.mjs'], test: ['scripts/test.mjs'], 'test:clients': ['scripts/test-clients.mjs'], check: ['scripts/check.mjs'], bench: ['e2e/bench/main.ts'], 'bench:convert': ['data-plane/bench/convert.ts'], 'bench:exchange': ['data-plane/bench/exchange.ts'], 'bench:ledger': ['control-plane/bench/ledger.ts'], 'bench:planes': ['scripts/bench-planes.mjs'], soak: ['e2e/bench/soak.ts'], 'simulate:leases': ['shared/src/lease/simulation/main.ts'],
    bundle: ['scripts/bundle.mjs'], golden: ['scripts/golden.mjs'], schema: ['control-plane/src/graphql/print.ts'], migration: ['prisma/tools/migration-new.ts'], fairlead: ['cli/src/main.ts'] }[task];
  if (run) follow(spawn(process.execPath, [...run, ...args], { cwd: task === 'fairlead' ? process.cwd() : root, stdio: 'inherit', env: process.env,
    ...(task === 'fairlead' ? { cwd: process.env.INIT_CWD || process.cwd(), argv0: 'node' } : {}) }));
}

function install() {
  const sources = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml',
    ...['shared', 'prisma', 'control-plane', 'data-plane', 'console', 'cli', 'practice', 'e2e'].map((name) => `${name}/package.json`)];
  once('install', sources, () => {
    say('Installing packages (the first time takes about half a minute) …');
    const frozen = fs.existsSync(path.join(root, 'pnpm-lock.yaml')) && !process.env.FAIRLEAD_RELOCK ? '--frozen-lockfile' : '--no-frozen-lockfile';
    const done = npmExec(`pnpm@${PNPM}`, ['pnpm', 'install', frozen, '--reporter=append-only'], { stdio: quiet ? 'pipe' : ['ignore', 'pipe', 'pipe'] });
    if (done.status !== 0) fail(`pnpm install failed:\n${done.stdout || ''}\n${done.stderr || ''}`);
  });
}

const prepare = {
  generate() {
    once('generate', ['prisma/models', 'prisma/tools', 'prisma/package.json'], () => {
      say('Generating the database clients …');
      node(['prisma/tools/generate.ts']);
    }, ['prisma/generated/pothos.ts']);
  },
  codegen() {
    once('codegen', ['control-plane/schema.graphql', 'console/codegen.ts', 'console/src/lib/api'], () => {
      say('Generating the console\'s typed operations …');
      bin('console', 'graphql-codegen', ['--config', 'codegen.ts', '--silent']);
    });
  },
  console() {
    this.codegen();
    once('console', ['console/src', 'console/static', 'console/package.json', 'console/vite.config.ts', 'control-plane/schema.graphql'], () => {
      say('Building the console …');
      bin('console', 'vite', ['build', '--logLevel', 'warn']);
    }, ['console/build/index.html']);
  },
};

function node(command) {
  const done = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', env: process.env });
  if (done.status !== 0) fail(`${command.join(' ')} failed:\n${done.stdout}${done.stderr}`);
}

function bin(folder, name, command) {
  const file = path.join(root, folder, 'node_modules', '.bin', name);
  const done = spawnSync(file, command, { cwd: path.join(root, folder), encoding: 'utf8', env: process.env, shell: process.platform === 'win32' });
  if (done.status !== 0) fail(`${name} failed in ${folder}/:\n${done.stdout}${done.stderr}`);
}

/** Runs `work` unless its sources are unchanged since it last succeeded and its outputs are there. */
function once(name, sources, work, outputs = []) {
  const hash = createHash('sha256').update(process.platform).update(process.arch);
  for (const source of sources) digest(path.join(root, source), hash);
  const stamp = hash.digest('hex');
  const memo = path.join(stampDir, name);
  const fresh = fs.existsSync(memo) && fs.readFileSync(memo, 'utf8') === stamp && outputs.every((file) => fs.existsSync(path.join(root, file)));
  if (fresh) return;
  work();
  // Sources may have changed while working (a first lockfile): the stamp is taken of what is there now.
  const after = createHash('sha256').update(process.platform).update(process.arch);
  for (const source of sources) digest(path.join(root, source), after);
  fs.mkdirSync(stampDir, { recursive: true });
  fs.writeFileSync(memo, after.digest('hex'));
}

function digest(file, hash) {
  if (!fs.existsSync(file)) return;
  if (fs.statSync(file).isDirectory()) {
    for (const entry of fs.readdirSync(file).sort()) {
      if (entry !== 'node_modules' && entry !== 'generated' && entry !== '.svelte-kit') digest(path.join(file, entry), hash);
    }
    return;
  }
  hash.update(path.relative(root, file)).update('\0').update(fs.readFileSync(file)).update('\0');
}

if (newEnough()) main();
else rerun(findNode());
