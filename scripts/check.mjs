// Types, lint, boundaries, sizes and generated files: everything that needs no running product.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name, folder = '.') => join(root, folder, 'node_modules', '.bin', name);
const steps = [
  ...['shared', 'prisma', 'data-plane', 'practice', 'cli', 'e2e'].map((name) => ({ name: `types: ${name}`, command: [bin('tsc', name), '-p', name] })),
  // The control plane must compile against each database's client: what one of them lacks is an error here.
  { name: 'types: control-plane on SQLite', command: [bin('tsc', 'control-plane'), '-p', 'control-plane'] },
  { name: 'types: control-plane on PostgreSQL', command: [bin('tsc', 'control-plane'), '-p', 'control-plane', '--customConditions', 'postgresql'] },
  { name: 'types: control-plane on MySQL', command: [bin('tsc', 'control-plane'), '-p', 'control-plane', '--customConditions', 'mysql'] },
  { name: 'types: console', command: [bin('svelte-kit', 'console'), 'sync'], cwd: 'console' },
  { name: 'svelte: console', command: [bin('svelte-check', 'console'), '--tsconfig', './tsconfig.json', '--threshold', 'error'], cwd: 'console' },
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
  { name: 'boundaries', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', 'shared/src', 'prisma/src', 'prisma/tools', 'control-plane/src', 'data-plane/src', 'practice/src', 'cli/src', 'console/src', 'e2e', '--output-type', 'err'] },
  { name: 'migrations match the models', command: [process.execPath, 'prisma/tools/migration-new.ts', '--check'] },
  { name: 'schema.graphql is current', command: [process.execPath, 'control-plane/src/graphql/print.ts', '--check'] },
  { name: 'the story stays short', run: storyIsShort },
  { name: 'the data plane stays light', run: dataPlaneIsLight },
];

let failed = 0;
for (const step of steps) {
  const started = Date.now();
  const problem = step.run ? step.run() : execute(step);
  process.stdout.write(`${problem ? '✗' : '✓'} ${step.name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  if (problem) { failed += 1; process.stdout.write(`${problem}\n`); }
}
process.stdout.write(failed === 0 ? 'All checks hold.\n' : `${failed} of ${steps.length} checks failed.\n`);
process.exit(failed === 0 ? 0 : 1);

function execute({ command: [program, ...args], cwd = '.' }) {
  const done = spawnSync(program, args, { cwd: join(root, cwd), encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return done.status === 0 ? '' : `${done.stdout ?? ''}${done.stderr ?? ''}${done.error ? String(done.error) : ''}`.trim() || `exit code ${done.status}`;
}

function storyIsShort() {
  const lines = readFileSync(join(root, 'data-plane/src/exchange.ts'), 'utf8').split('\n').length - 1;
  return lines <= 120 ? '' : `data-plane/src/exchange.ts has ${lines} lines; its promise is 120.`;
}

function dataPlaneIsLight() {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'data-plane/package.json'), 'utf8'));
  const names = Object.keys(dependencies);
  if (names.length > 10) return `The data plane has ${names.length} runtime dependencies; its promise is 10.`;
  return existsSync(join(root, 'data-plane/src/exchange.ts')) ? '' : 'data-plane/src/exchange.ts is missing.';
}
