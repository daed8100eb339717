// npm run bench:planes: what many keys cost both planes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { keys: { type: 'string', default: '1000000' }, only: { type: 'string', default: 'sqlite' } } });
const folder = mkdtempSync(join(tmpdir(), 'fairlead-planes-'));
const run = (...args) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
};
console.log(`${Number(values.keys).toLocaleString('en')} keys of 100 tenants, each with a name and a quota.
A node's part: its own keeper, shelf and table in a process of its own; a folder written by another process before; pieces of the
second revision from memory, so that no network is measured. Memory is what the process has more than before the boot, after two
collections. Look-ups are of 200,000 digests spread over all keys. Their time and that of the boot are of the thread's own CPU, so
that others on this machine do not count; the pause is the longest turn of the event loop, the best of some rounds.
The control plane's part: a real database, the publisher's own transaction from its first statement to its commit, 15 rounds.`);
try {
  run('--max-old-space-size=6000', 'data-plane/bench/snapshot.ts', '--prepare', folder, '--keys', values.keys);
  run('--expose-gc', 'data-plane/bench/snapshot.ts', '--measure', folder, '--keys', values.keys);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
run('control-plane/bench/publish.ts', '--keys', values.keys, '--only', values.only);
