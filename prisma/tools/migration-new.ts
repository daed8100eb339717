// A program: writes the migration that leads from the last committed schema to the models, for each database.
// `--check` writes nothing and fails when the models changed without a migration.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { diff } from './diff.ts';
import { PROVIDERS, packageDir, readModels, spread } from './spread.ts';
import type { Provider } from './spread.ts';

const [name = ''] = process.argv.slice(2).filter((arg) => arg !== '--check');
const check = process.argv.includes('--check');
if (!check && !/^[a-z0-9_]{1,60}$/.test(name)) {
  console.error('Usage: npm run migration -- <name>   (lower-case letters, digits and _)\n       npm run migration -- --check');
  process.exit(2);
}

interface Step {
  readonly provider: Provider;
  readonly folder: string;
  readonly schema: string;
  readonly sql: string;
}

async function stepOf(provider: Provider): Promise<Step> {
  const folder = path.join(packageDir, 'migrations', provider);
  const snapshot = path.join(folder, 'snapshot.prisma');
  const schema = spread(readModels(), provider);
  const before = existsSync(snapshot) ? readFileSync(snapshot, 'utf8') : '';
  return { provider, folder, schema, sql: await diff(provider, before, schema) };
}

const steps = await Promise.all(PROVIDERS.map(stepOf));
const changed = steps.filter((step) => step.sql !== '');
if (check) {
  for (const { provider, sql } of changed) console.error(`The models changed without a migration for ${provider}:\n\n${sql}`);
  process.exit(changed.length > 0 ? 1 : 0);
}
if (changed.length === 0) {
  console.log('The models have no changes that a database would notice.');
  process.exit(0);
}
const stamp = new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14);
for (const { provider, folder, schema, sql } of steps) {
  const target = path.join(folder, `${stamp}_${name}`);
  mkdirSync(target, { recursive: true });
  // Every database gets every migration, so that all three tell the same history.
  writeFileSync(path.join(target, 'migration.sql'), sql === '' ? '-- Nothing to do for this database.\n' : sql);
  writeFileSync(path.join(folder, 'migration_lock.toml'), `provider = "${provider}"\n`);
  writeFileSync(path.join(folder, 'snapshot.prisma'), schema);
  console.log(path.relative(process.cwd(), path.join(target, 'migration.sql')));
}
