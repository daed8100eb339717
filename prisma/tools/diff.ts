// The SQL that leads from one schema to another, per database. Needs no database.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { diffMysql } from './mysql-diff.ts';
import type { Provider } from './spread.ts';

const TIMEOUT_MS = 60_000;
// The columns hold UTC without saying so. CURRENT_TIMESTAMP would write the server's local time (PostgreSQL), or
// another text form than the client's, which does not sort together with it (SQLite).
const NOW = {
  sqlite: "(strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))",
  postgresql: "(now() AT TIME ZONE 'UTC')",
} as const;

/** The migration between two schemas of one database; empty when nothing changed. An empty `from` is an empty database. */
export async function diff(provider: Provider, from: string, to: string): Promise<string> {
  if (from === to) return '';
  if (provider === 'mysql') return diffMysql(from, to);
  const sql = await engineDiff(provider, from, to);
  if (/^-- This is an empty migration/.test(sql.trim())) return '';
  return sql
    .replaceAll('DEFAULT CURRENT_TIMESTAMP', `DEFAULT ${NOW[provider]}`)
    .replace('-- CreateSchema\nCREATE SCHEMA IF NOT EXISTS "public";\n\n', '');
}

async function engineDiff(provider: 'sqlite' | 'postgresql', from: string, to: string): Promise<string> {
  const program = path.join(import.meta.dirname, 'engine-diff.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], { timeout: TIMEOUT_MS, stdio: 'pipe' });
  child.stdin.end(JSON.stringify({ provider, from, to }));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [printed, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  if (code !== 0) throw new Error(`Comparing the ${provider} schemas failed:\n${complaint}`);
  return printed;
}
