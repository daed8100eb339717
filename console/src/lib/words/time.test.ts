import { expect, test } from 'vitest';
import { inUtc, relative } from './time.ts';

const now = Date.parse('2026-11-21T12:00:00Z');

test.each([['2026-11-21T11:59:58Z', 'just now'], ['2026-11-21T11:59:20Z', '40 s ago'], ['2026-11-21T11:57:00Z', '3 min ago'], ['2026-11-21T14:30:00Z', 'in 2 h'], ['2026-11-19T11:00:00Z', '2 d ago']])('%s reads "%s"', (at, text) => {
  expect(relative(at, now)).toBe(text);
});

test('an instant is also shown in UTC', () => {
  expect(inUtc('2026-11-21T12:34:56.789Z')).toBe('2026-11-21 12:34:56 UTC');
});
