import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeSchema } from '../tools/describe.ts';
import type { Field, Model } from '../tools/describe.ts';
import { readModels, spread } from '../tools/spread.ts';
import { Prisma } from './index.ts';
import { migrate } from './migrate.ts';
import { openDatabase } from './open.ts';
import type { Database } from './open.ts';
import { testDatabaseKinds } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';

type Row = Record<string, unknown>;
type Delegate = Record<'create' | 'findUnique' | 'update' | 'delete', (args: unknown) => Promise<Row | null>>;

const { models, indexes } = describeSchema(spread(readModels(), 'sqlite'));
const columnsOf = (model: Model): readonly Field[] => model.fields.filter((field) => field.kind === 'scalar');
const relationsOf = (model: Model): readonly Field[] => model.fields.filter((field) => (field.relationFromFields ?? []).length > 0);

/** Models in an order in which what a row refers to is there before it. */
function inOrder(): Model[] {
  const ordered: Model[] = [];
  const add = (model: Model): void => {
    if (ordered.includes(model)) return;
    for (const relation of relationsOf(model)) models.filter((other) => other.name === relation.type && other !== model).forEach(add);
    ordered.push(model);
  };
  models.forEach(add);
  return ordered;
}

const SAMPLES: Readonly<Record<string, readonly [unknown, unknown]>> = {
  String: ['Über 🚢 "it\'s"', 'other'],
  Int: [2_147_483_647, -1],
  BigInt: [9_007_199_254_740_993n, -9_223_372_036_854_775_808n],
  Boolean: [true, false],
  DateTime: [new Date('2026-11-21T23:59:59.999Z'), new Date('1999-01-01T00:00:00.000Z')],
  Json: [{ list: [1, 2.5, 'ü', null, true], deep: { empty: {} } }, ['x']],
  Bytes: [new Uint8Array([0, 1, 127, 128, 255]), new Uint8Array()],
};

const keysOf = (model: Model): readonly string[] =>
  indexes.find((index) => index.model === model.name && index.type === 'id')?.fields.map((field) => field.name) ?? [];
const referringOf = (model: Model): readonly string[] => relationsOf(model).flatMap((relation) => relation.relationFromFields ?? []);

/** A row with the first sample in each column; references and ids are 1. */
function rowOf(model: Model): Row {
  const fixed = new Set(referringOf(model));
  const value = (field: Field): unknown => {
    if (fixed.has(field.name) || field.name === 'id') return field.type === 'Int' ? 1 : '1';
    return SAMPLES[field.type]?.[0];
  };
  return Object.fromEntries(columnsOf(model).map((field) => [field.name, value(field)]));
}

function changeOf(model: Model): Row {
  const fixed = new Set([...keysOf(model), ...referringOf(model)]);
  return Object.fromEntries(columnsOf(model).filter((field) => !fixed.has(field.name)).map((field) => [field.name, SAMPLES[field.type]?.[1]]));
}

function whereOf(model: Model, row: Row): Row {
  const names = keysOf(model);
  const key = Object.fromEntries(names.map((name) => [name, row[name]]));
  return names.length === 1 ? key : { [names.join('_')]: key };
}

function isDelegate(value: unknown): value is Delegate {
  return typeof value === 'object' && value !== null && 'create' in value && 'findUnique' in value;
}

function delegateOf(db: Database, model: Model): Delegate {
  const delegate: unknown = Reflect.get(db.client, model.name.charAt(0).toLowerCase() + model.name.slice(1));
  if (!isDelegate(delegate)) throw new Error(`The client has no ${model.name}.`);
  return delegate;
}

for (const kind of testDatabaseKinds) {
  describe.skipIf(kind.missing)(`the database ${kind.title}`, () => {
    let own: TestDatabase;
    let db: Database;

    beforeAll(async () => {
      own = await kind.create();
      await migrate(own.url);
      db = await openDatabase(own.url);
    });
    afterAll(async () => {
      await db?.close();
      await own?.drop();
    });

    test('a row of every model is created, read back exactly, changed and deleted', async () => {
      const made: { model: Model; where: Row }[] = [];
      for (const model of inOrder()) {
        const row = rowOf(model);
        const where = whereOf(model, row);
        const delegate = delegateOf(db, model);
        await delegate.create({ data: row });
        expect(await delegate.findUnique({ where }), model.name).toEqual(row);
        const change = changeOf(model);
        if (Object.keys(change).length > 0) {
          await delegate.update({ where, data: change });
          expect(await delegate.findUnique({ where }), model.name).toEqual({ ...row, ...change });
        }
        made.push({ model, where });
      }
      expect(made).toHaveLength(models.length);
      for (const { model, where } of made.reverse()) {
        await delegateOf(db, model).delete({ where });
        expect(await delegateOf(db, model).findUnique({ where }), model.name).toBeNull();
      }
    });

    test('defaults are filled in', async () => {
      const tenant = await db.client.tenant.create({ data: { id: 'ten_d', name: 'D', slug: 'd' } });
      expect(tenant).toMatchObject({ status: 'ACTIVE', version: 1 });
      expect(Math.abs(tenant.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
      const first = await db.client.dirtyMark.create({ data: { kind: 'k', objectId: 'o' } });
      const second = await db.client.dirtyMark.create({ data: { kind: 'k', objectId: 'o' } });
      expect(second.id).toBeGreaterThan(first.id);
    });

    test('texts are equal only when their letters are, also for unique names', async () => {
      await db.client.tenant.createMany({ data: ['Case', 'case', 'cäse'].map((slug) => ({ id: `ten_${slug}`, name: slug, slug })) });
      expect(await db.client.tenant.count({ where: { slug: 'case' } })).toBe(1);
    });

    test('an empty selection is taken as none', async () => {
      const row = await db.client.tenant.create({ data: { id: 'ten_e', name: 'E', slug: 'e' }, select: {} });
      expect(row).toMatchObject({ id: 'ten_e' });
    });

    test('a transaction that throws leaves nothing', async () => {
      await expect(db.transaction(async (tx) => {
        await tx.tenant.create({ data: { id: 'ten_x', name: 'X', slug: 'x' } });
        throw new Error('no');
      })).rejects.toThrow('no');
      expect(await db.client.tenant.findUnique({ where: { id: 'ten_x' } })).toBeNull();
    });

    test('twenty serializable read-then-write transactions at once lose no update', async () => {
      await db.client.model.create({ data: { id: 'mod_c', name: 'counter', displayName: 'C', contextTokens: 0 } });
      const add = () => db.transaction(async (tx) => {
        const { contextTokens } = await tx.model.findUniqueOrThrow({ where: { id: 'mod_c' } });
        await tx.model.update({ where: { id: 'mod_c' }, data: { contextTokens: (contextTokens ?? 0) + 1 } });
      }, { isolation: 'Serializable', timeoutMs: 30_000 });
      await Promise.all(Array.from({ length: 20 }, add));
      expect((await db.client.model.findUniqueOrThrow({ where: { id: 'mod_c' } })).contextTokens).toBe(20);
    });

    test('thirty upserts of one row at once all succeed with retryConflict', async () => {
      const upsert = () => db.retryConflict(() => db.client.nodeBoot.upsert({
        where: { nodeId_bootId: { nodeId: 'n', bootId: 'b' } }, create: { nodeId: 'n', bootId: 'b', maxSeq: 1 }, update: { maxSeq: { increment: 1 } },
      }));
      await Promise.all(Array.from({ length: 30 }, upsert));
      expect((await db.client.nodeBoot.findFirstOrThrow({ where: { nodeId: 'n' } })).maxSeq).toBe(30);
    });

    test('a name that is really taken is told as P2002, soon', async () => {
      await db.client.tenant.create({ data: { id: 'ten_t1', name: 'T', slug: 'taken' } });
      const again = db.transaction((tx) => tx.tenant.create({ data: { id: 'ten_t2', name: 'T', slug: 'taken' } }), { timeoutMs: 20_000 });
      const error: unknown = await again.catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(Prisma.PrismaClientKnownRequestError);
      expect(error).toMatchObject({ code: 'P2002' });
    });

    test('an aborted signal stops the tries', async () => {
      await expect(db.transaction((tx) => tx.tenant.count(), { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    });

    test('every table and column has a name that needs no quotes', async () => {
      for (const model of models) {
        const columns = columnsOf(model).map((field) => field.dbName ?? field.name).join(', ');
        await expect(db.sql.queryRaw(db.client, `SELECT ${columns} FROM ${model.dbName ?? model.name}`), model.name).resolves.toBeDefined();
      }
    });
  });
}

test('a bad URL is refused before anything is opened', async () => {
  await expect(openDatabase('oracle://x/y')).rejects.toThrow(/unknown scheme "oracle:"/);
});

test.each(['postgresql://u:secret@127.0.0.1:1/d', 'mysql://u:secret@127.0.0.1:1/d', `file:${import.meta.filename}/x.db`])(
  'a database that is not there is told at once and without the password: %s', async (url) => {
    for (const open of [openDatabase, migrate]) {
      const error: unknown = await open(url).catch((cause: unknown) => cause);
      expect(String(error)).toMatch(/^Error: The \w+ database could not be opened: \S/);
      expect(String(error)).not.toContain('secret');
    }
  });
