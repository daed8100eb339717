// npm run test:clients: real coding clients, each through providers of every dialect.
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clients, installClient } from './clients.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const env = { ...process.env, FAIRLEAD_TEST_REAL_CLIENTS: '1' };
let missing = 0;
for (const client of Object.values(clients)) {
  const program = installClient(client, (text) => { process.stdout.write(`${text}\n`); });
  if (program) env[client.env] = program;
  else { missing += 1; process.stdout.write(`Not run here: ${client.name} (${client.package}@${client.version} could not be installed from npm)\n`); }
}
const done = spawnSync(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'e2e-alone', 'e2e/clients', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit', env });
process.exit(done.status === 0 && missing === 0 ? 0 : 1);
