import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDatabase } from '@fairlead/prisma';

/** A database of a test's own. */
export interface TestDatabase { url: string; dataDir: string; drop(): Promise<void> }

/** The databases that tests of money run on: SQLite always, the others when their base URLs are set. */
export const databaseKinds = [
  { name: 'SQLite', base: undefined, missing: false },
  { name: 'PostgreSQL (FAIRLEAD_TEST_POSTGRES)', base: process.env.FAIRLEAD_TEST_POSTGRES, missing: !process.env.FAIRLEAD_TEST_POSTGRES },
  { name: 'MariaDB (FAIRLEAD_TEST_MYSQL)', base: process.env.FAIRLEAD_TEST_MYSQL, missing: !process.env.FAIRLEAD_TEST_MYSQL },
];

/** Makes an empty database: a file in a temporary folder, or one on the server at `base`. */
export async function createTestDatabase(base?: string): Promise<TestDatabase> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'fairlead-control-'));
  const clean = () => rm(dataDir, { recursive: true, force: true });
  if (base === undefined) return { url: `file:${path.join(dataDir, 'fairlead.db')}`, dataDir, drop: clean };
  const name = `fairlead_${randomBytes(6).toString('hex')}`;
  await administer(base, `CREATE DATABASE ${name}`);
  const url = new URL(base);
  url.pathname = `/${name}`;
  return { url: url.href, dataDir, drop: async () => { await administer(base, `DROP DATABASE ${name}`); await clean(); } };
}

async function administer(base: string, statement: string): Promise<void> {
  const db = await openDatabase(base);
  try {
    await db.client.$executeRawUnsafe(statement);
  } finally {
    await db.close();
  }
}
