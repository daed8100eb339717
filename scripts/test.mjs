// Runs every test that this machine can run, names what it could not, and ends with one line of counts.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clients, installClient } from './clients.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(join(root, 'e2e', 'package.json'));
const args = process.argv.slice(2);
const deep = args.includes('--deep');
const filters = args.filter((arg) => !arg.startsWith('--'));
const requireAll = process.env.FAIRLEAD_REQUIRE_ALL === '1';
const env = { ...process.env };
const missing = [];

env.FAIRLEAD_TEST_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
if (deep) env.FAIRLEAD_TEST_DEEP = '1';
await findServices();
say(`Seed ${env.FAIRLEAD_TEST_SEED}${deep ? ', full counts' : ', reduced counts (npm run test:deep runs all of them)'}`);
for (const { what, why } of missing) say(`Not run here: ${what} (${why})`);

const checked = filters.length > 0 ? 0 : spawnSync(process.execPath, ['scripts/check.mjs'], { cwd: root, stdio: 'inherit', env }).status;
const counts = await vitest();
const failed = counts.failed + (checked === 0 ? 0 : 1);
for (const { name, why } of counts.unsteady) say(`Held only when it was tried again: ${name} (${why})`);
if (checked !== 0) say('The checks failed.');
if (requireAll && missing.length > 0) say(`Everything was asked for, and ${missing.length} part(s) could not run.`);
say(`${counts.passed} passed, ${failed + (requireAll ? missing.length : 0)} failed, ${counts.skipped} skipped`);
process.exit(failed > 0 || counts.broken || (requireAll && missing.length > 0) ? 1 : 0);

function say(text) {
  process.stdout.write(`${text}\n`);
}

async function findServices() {
  const postgres = env.FAIRLEAD_TEST_POSTGRES || 'postgresql://postgres@127.0.0.1:5432/test';
  if (await answers(async () => { const { Client } = require('pg'); const client = new Client({ connectionString: postgres, connectionTimeoutMillis: 3000 }); await client.connect(); await client.end(); })) env.FAIRLEAD_TEST_POSTGRES = postgres;
  else lacks('FAIRLEAD_TEST_POSTGRES', 'the PostgreSQL legs', 'no server answers; set FAIRLEAD_TEST_POSTGRES to one where databases may be made');

  const mysql = env.FAIRLEAD_TEST_MYSQL || 'mysql://root@127.0.0.1:3306/test';
  const at = new URL(mysql);
  if (await answers(async () => { const { createConnection: connect } = require('mariadb'); const connection = await connect({ host: at.hostname, port: Number(at.port || 3306), user: decodeURIComponent(at.username), password: decodeURIComponent(at.password), connectTimeout: 3000 }); await connection.end(); })) env.FAIRLEAD_TEST_MYSQL = mysql;
  else lacks('FAIRLEAD_TEST_MYSQL', 'the MySQL/MariaDB legs', 'no server answers; set FAIRLEAD_TEST_MYSQL to one where databases may be made');

  const redis = env.FAIRLEAD_TEST_REDIS || 'redis://127.0.0.1:6379';
  if (await listens(new URL(redis))) env.FAIRLEAD_TEST_REDIS = redis;
  else lacks('FAIRLEAD_TEST_REDIS', 'the Redis legs', 'no server answers; set FAIRLEAD_TEST_REDIS');

  const chromium = [env.FAIRLEAD_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'].find((path) => path && existsSync(path));
  if (chromium) env.FAIRLEAD_TEST_CHROMIUM = chromium;
  else lacks('FAIRLEAD_TEST_CHROMIUM', 'the console in a browser', 'no Chromium is installed; set FAIRLEAD_TEST_CHROMIUM');

  const claude = installClient(clients.claude, say);
  if (claude) env.FAIRLEAD_TEST_CLAUDE = claude;
  else lacks('FAIRLEAD_TEST_CLAUDE', 'the real Claude Code', `${clients.claude.package}@${clients.claude.version} could not be installed from npm`);

  if (!denoRuns()) lacks('FAIRLEAD_TEST_DENO', 'the Deno legs', 'Deno does not run on this system');
  else env.FAIRLEAD_TEST_DENO = '1';
}

function lacks(name, what, why) {
  delete env[name];
  missing.push({ what, why });
}

async function answers(probe) {
  try { await probe(); return true; } catch { return false; }
}

function listens(url) {
  return new Promise((done) => {
    const socket = createConnection({ host: url.hostname, port: Number(url.port || 6379), timeout: 2000 });
    socket.once('connect', () => { socket.destroy(); done(true); });
    socket.once('error', () => done(false));
    socket.once('timeout', () => { socket.destroy(); done(false); });
  });
}

function denoRuns() {
  try { return spawnSync(createRequire(import.meta.url)('./deno.cjs').denoPath(), ['--version']).status === 0; } catch { return false; }
}

async function vitest() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-test-'));
  const report = join(folder, 'report.json');
  const status = await new Promise((done) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...filters], { cwd: root, stdio: 'inherit', env });
    child.once('exit', (code) => done(code ?? 1));
  });
  try {
    const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0, testResults = [] } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests, broken: status !== 0, unsteady: unsteady(testResults) };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, broken: true, unsteady: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What passed, but not at once: a race to be found, or a machine that was too busy. */
function unsteady(files) {
  return files.flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName, failureMessages }) => ({ name: fullName, why: failureMessages[0].split('\n')[0].slice(0, 200) }));
}
