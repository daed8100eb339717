import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../src/migrate.ts';
import { openDatabase } from '../src/open.ts';
import type { Database } from '../src/open.ts';
import { testDatabaseKinds } from '../src/test-database.ts';
import { columnsOf, structureOf } from '../src/test-structure.ts';
import { describeSchema } from './describe.ts';
import { diff } from './diff.ts';
import { readModels, spread } from './spread.ts';

const BEFORE = `
model Tenant {
  id      String  @id
  name    String
  dropped Int?
  width   String  @unique
  points  Int     @default(1)
  keys    Key[]

  @@index([name])
}

model Key {
  id       String @id
  tenantId String
  match    Json?
  tenant   Tenant @relation(fields: [tenantId], references: [id])
}

model Gone {
  id Int @id @default(autoincrement())
}
`;
const AFTER = `
model Tenant {
  id      String   @id
  name    String // @mysql(@db.Text)
  width   String   @unique // @mysql(@db.VarChar(100))
  points  BigInt   @default(5)
  addedAt DateTime @default(now())
  keys    Key[]
  owned   Owned[]

  @@index([points, addedAt])
}

model Key {
  id       String  @id
  tenantId String?
  match    Json?
  tenant   Tenant? @relation(fields: [tenantId], references: [id], onDelete: Cascade)

  @@unique([tenantId, id])
}

model Owned {
  tenantId String
  seq      Int
  tenant   Tenant @relation(fields: [tenantId], references: [id])

  @@id([tenantId, seq])
}
`;

for (const kind of testDatabaseKinds) {
  describe.skipIf(kind.missing)(`migrations from models ${kind.title}`, () => {
    const closers: (() => Promise<void>)[] = [];
    let folder: string;

    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'fairlead-diff-'));
      closers.push(() => rm(folder, { recursive: true }));
    });
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });

    const database = async (): Promise<{ url: string; open: () => Promise<Database> }> => {
      const own = await kind.create();
      closers.push(own.drop);
      const open = async (): Promise<Database> => {
        const db = await openDatabase(own.url);
        closers.push(db.close);
        return db;
      };
      return { url: own.url, open };
    };
    const writeMigration = async (set: string, name: string, text: string): Promise<string> => {
      await mkdir(path.join(folder, set, kind.provider, name), { recursive: true });
      await writeFile(path.join(folder, set, kind.provider, name, 'migration.sql'), text);
      return path.join(folder, set);
    };

    test('the committed migrations make exactly what the models say', async () => {
      const schema = spread(readModels(), kind.provider);
      const migrated = await database();
      const fresh = await database();
      await migrate(migrated.url);
      await migrate(fresh.url, { folder: await writeMigration('fresh', '1_all', await diff(kind.provider, '', schema)) });
      const live = await migrated.open();
      expect(await structureOf(live)).toEqual(await structureOf(await fresh.open()));
      const said = describeSchema(schema).models.flatMap((model) => model.fields
        .filter((field) => field.kind === 'scalar').map((field) => `${model.dbName ?? model.name}.${field.dbName ?? field.name}`));
      expect(await columnsOf(live)).toEqual(said.sort());
    });

    test('a column that was added by hand is found', async () => {
      const migrated = await database();
      await migrate(migrated.url);
      const db = await migrated.open();
      const before = await structureOf(db);
      await db.sql.executeRaw(db.client, 'ALTER TABLE tenant ADD COLUMN by_hand INTEGER');
      expect(await structureOf(db)).not.toEqual(before);
    });

    test('changed models migrate a database with data to the same structure as a new one', async () => {
      const [before, after] = [spread(BEFORE, kind.provider), spread(AFTER, kind.provider)];
      const old = await database();
      const fresh = await database();
      const set = await writeMigration('steps', '1_before', await diff(kind.provider, '', before));
      await migrate(old.url, { folder: set });
      const db = await old.open();
      await db.sql.executeRaw(db.client, "INSERT INTO tenant (id, name, width) VALUES ('t', 'n', 'w')");
      await db.sql.executeRaw(db.client, "INSERT INTO key_ (id, tenant_id) VALUES ('k', 't')");
      await writeMigration('steps', '2_after', await diff(kind.provider, before, after));
      await migrate(old.url, { folder: set });
      await migrate(fresh.url, { folder: await writeMigration('fresh', '1_all', await diff(kind.provider, '', after)) });
      expect(await structureOf(db)).toEqual(await structureOf(await fresh.open()));
      expect(await db.sql.queryRaw(db.client, 'SELECT t.name FROM key_ k JOIN tenant t ON t.id = k.tenant_id')).toEqual([{ name: 'n' }]);
    });

    test('nothing changed is no migration', async () => {
      const schema = spread(BEFORE, kind.provider);
      expect(await diff(kind.provider, schema, schema)).toBe('');
      expect(await diff(kind.provider, schema, spread(`/// A remark.\n${BEFORE}`, kind.provider))).toBe('');
    });
  });
}
