import { expect, test } from 'vitest';
import { json, placeholdersFor, plainName, toBigInt } from './sql-text.ts';

const params = ['a', 1, 2n, true, new Date(0), new Uint8Array(1), json({}), null];
const text = `SELECT '?', "?" WHERE 'it''s ?' = ? AND ? ? ? ? ? ? ?`;

test('PostgreSQL gets numbered placeholders with types, and quotes are left alone', () => {
  expect(placeholdersFor('postgresql', text, params)).toBe(
    `SELECT '?', "?" WHERE 'it''s ?' = $1 AND $2 $3::bigint $4::boolean $5::timestamp(3) $6::bytea $7::jsonb $8`);
});

test('the other databases get the text as it is', () => {
  expect(placeholdersFor('sqlite', text, params)).toBe(text);
  expect(placeholdersFor('mysql', text, params)).toBe(text);
});

test('a wrong number of parameters is an error', () => {
  expect(() => placeholdersFor('sqlite', 'SELECT ?', [])).toThrow(/1 placeholders and got 0/);
  expect(() => placeholdersFor('sqlite', 'SELECT 1', [1])).toThrow(/0 placeholders and got 1/);
});

test.each(['a b', 'a;', '"a"', 'A', '', '1a'])('"%s" is refused as a name', (name) => {
  expect(() => plainName(name)).toThrow(/not a plain SQL name/);
});

test.each<[unknown, bigint]>([
  [5n, 5n], [-5, -5n], ['9007199254740993', 9_007_199_254_740_993n], ['-12.00', -12n], [null, 0n],
  [{ toFixed: () => '18014398509481986' }, 18_014_398_509_481_986n],
])('toBigInt(%s) is %s', (value, expected) => {
  expect(toBigInt(value)).toBe(expected);
});

test.each([1.5, 2 ** 53, '1.5', '', 'x', true, {}, NaN])('toBigInt(%s) throws', (value) => {
  expect(() => toBigInt(value)).toThrow(TypeError);
});
