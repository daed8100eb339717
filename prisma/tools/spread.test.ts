import { expect, test } from 'vitest';
import { sqlName } from './reserved-words.ts';
import { spread } from './spread.ts';

const MODELS = `
/// A doc.
model UsageHour {
  id        String  @id
  keyId     String? // a remark
  body      String  @default("// no note") // @mysql(@db.VarChar(10)) @postgresql(@db.Char(3)) the rest
  window    Int
  byOthers  Other[]
}

model Other {
  id    String    @id
  owner UsageHour @relation(fields: [id], references: [id])
}
`;

test.each([
  ['costNano', 'cost_nano'], ['UsageHour', 'usage_hour'], ['cacheWrite5mNano', 'cache_write5m_nano'], ['sha256', 'sha256'],
  ['Key', 'key_'], ['match', 'match_'], ['window', 'window_'], ['name', 'name'],
])('%s is %s in SQL', (name, expected) => {
  expect(sqlName(name)).toBe(expected);
});

test('names are mapped, relations are not, and a note reaches its own database only', () => {
  const lines = (provider: 'sqlite' | 'postgresql' | 'mysql') => spread(MODELS, provider).split('\n').map((line) => line.trim());
  expect(lines('sqlite')).toEqual(expect.arrayContaining([
    'id String @id', 'keyId String? @map("key_id")', 'body String @default("// no note")', 'window Int @map("window_")', 'byOthers  Other[]', '@@map("usage_hour")',
  ]));
  expect(lines('postgresql')).toContain('body String @default("// no note") @db.Char(3)');
  expect(lines('mysql')).toEqual(expect.arrayContaining(['keyId String? @map("key_id") @db.VarChar(64)', 'body String @default("// no note") @db.VarChar(10)']));
});

test('a note that is not closed is an error', () => {
  expect(() => spread('model A {\n  id String @id // @mysql(@db.Text\n}', 'mysql')).toThrow(/not closed/);
});
