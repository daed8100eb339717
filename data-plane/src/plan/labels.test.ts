import { expect, test } from 'vitest';
import { labelledBy } from './labels.ts';

const read = (headers: Record<string, string>) => labelledBy(new Map(Object.entries(headers)));
/** A text as a header brings it: its bytes, one a character. */
const sent = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

test('a request is labelled by what its headers say, and by nothing when they say nothing', () => {
  expect(read({ 'x-fairlead-repo': ' acme/harbour ', 'x-fairlead-branch': sent('feat/größe-⚓'), 'x-fairlead-ticket': '' })).toEqual({ labels: { repo: 'acme/harbour', branch: 'feat/größe-⚓', ticket: undefined }, notes: undefined });
  expect(read({ 'x-fairlead-tags': 'a=b' })).toBeUndefined();
});

test.each([['a\u0001b'], ['a\u007fb'], [sent('abc\u202edef')], [sent('a\u2028b')], ['caf\xe9']])('%j is left out and named, and the others count', (text) => {
  expect(read({ 'x-fairlead-repo': text, 'x-fairlead-ticket': 'T-1' })).toEqual({ labels: { repo: undefined, branch: undefined, ticket: 'T-1' }, notes: ['x-fairlead-repo was left out: it is not printable text'] });
});

test('a long one is cut where no character breaks, and named', () => {
  const notes = ['x-fairlead-branch was cut to 100 characters'];
  expect(read({ 'x-fairlead-branch': 'b'.repeat(300) })).toMatchObject({ labels: { branch: 'b'.repeat(100) }, notes });
  expect(read({ 'x-fairlead-branch': sent(`${'b'.repeat(99)}🚢🚢`) })).toMatchObject({ labels: { branch: 'b'.repeat(99) }, notes });
  expect(read({ 'x-fairlead-branch': `${'b'.repeat(99)} c` })).toMatchObject({ labels: { branch: 'b'.repeat(99) }, notes });
});
