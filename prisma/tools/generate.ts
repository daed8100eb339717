// Generates the three clients and the GraphQL types from the models. Needs no network and no database.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PROVIDERS, packageDir, writeSchema } from './spread.ts';

const TIMEOUT_MS = 120_000;
const require = createRequire(import.meta.url);

/** Runs the generators of one schema; a failure carries all that they printed. */
async function generate(schema: string): Promise<void> {
  const cli = require.resolve('prisma/build/index.js');
  // The file only has to exist: generating never starts the engine, but would otherwise try to download it.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1',
    PATH: `${path.join(packageDir, 'node_modules', '.bin')}${path.delimiter}${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}` };
  const child = spawn(process.execPath, [cli, 'generate', '--no-hints', '--schema', schema], { cwd: packageDir, env, timeout: TIMEOUT_MS });
  let printed = '';
  child.stdout.on('data', (data: Buffer) => { printed += data.toString(); });
  child.stderr.on('data', (data: Buffer) => { printed += data.toString(); });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`Generating from ${schema} failed:\n${printed}`);
}

const schemas = PROVIDERS.map(writeSchema);
rmSync(path.join(packageDir, 'generated'), { recursive: true, force: true });
await Promise.all(schemas.map(generate));
// The generator reports a missing output as a success; whoever imports it would find out much later.
const pothos = path.join(packageDir, 'generated', 'pothos.ts');
// It names one client. Who compiles against another one must get that one's types, or queries would not fit the client they are for.
const named = readFileSync(pothos, 'utf8');
const neutral = named.replace('from "./sqlite/client.ts"', 'from "#client/client.ts"');
if (neutral === named) throw new Error('The GraphQL types do not name the client where they used to; see generate.ts.');
writeFileSync(pothos, neutral);
