import { expect, test } from 'vitest';
import { countOf, countText, namesOf } from './limits.ts';

test('no limit is an empty field, and an empty field takes the limit away', () => {
  expect([countText(null), countText(undefined), countText(60), countOf(''), countOf(' '), countOf(' 60 ')]).toEqual(['', '', '60', null, null, 60]);
});

test('names are told apart by commas and spaces', () => {
  expect([namesOf('claude-code, *-sdk  codex'), namesOf(' , ')]).toEqual([['claude-code', '*-sdk', 'codex'], null]);
});
