import { expect, test } from 'vitest';
import { arrange } from './arrange.ts';

const row = (id: string, second: number, note = '') => ({ id, startedAt: new Date(second * 1000).toISOString(), note });

test('rows are merged by id with the newest first, and what came last wins', () => {
  const merged = arrange([row('b', 2), row('a', 1)], [row('c', 3), row('a', 1, 'later')], 10);
  expect(merged.map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  expect(merged[2]?.note).toBe('later');
});

test('no more rows are kept than asked for', () => {
  expect(arrange([row('b', 2), row('a', 1)], [row('c', 3)], 2).map(({ id }) => id)).toEqual(['c', 'b']);
  expect(arrange([row('b', 2), row('a', 1)], [], 1).map(({ id }) => id)).toEqual(['b']);
});
