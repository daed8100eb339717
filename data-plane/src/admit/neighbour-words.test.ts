import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSaid } from './neighbour-words.ts';
import type { Said, Word } from './neighbour-words.ts';

const purse = { holderId: 'key_1', unit: 'USD' as const };
const state = { ...purse, leaseId: 'lon_1', bootId: 'bot_1', reqSeq: 1, grantedNano: '10', spentNano: '4', excessNano: '0', final: true };
const words: Word[] = [
  { is: 'who', purse, needNano: '10' }, { is: 'can' }, { is: 'none' }, { is: 'tell' }, { is: 'back' },
  { is: 'ask', ask: { ...purse, bootId: 'bot_1', reqSeq: 1, needNano: '10', wantNano: '80' } },
  { is: 'granted', grant: { ...purse, leaseId: 'lon_1', bootId: 'bot_1', reqSeq: 1, grantedNano: '10', usableUntil: 5, loan: { lenderId: 'nod_1', leaseId: 'lse_1' } } },
  { is: 'report', report: { bootId: 'bot_1', reqSeq: 1, complete: true, leases: [state] } },
  { is: 'over', loanIds: ['lon_1', 'lon_2'] },
];
const said = (word: unknown) => JSON.stringify({ id: 'a', from: 'nod_1', to: 'nod_2', re: 'b', word });

test('what a neighbour says is read as it was written', () => {
  for (const word of words) expect(readSaid(said(word))).toEqual({ id: 'a', from: 'nod_1', to: 'nod_2', re: 'b', word } satisfies Said);
});

test('a word with a field that is missing or no such thing is none; a list with a part that cannot be read is no shorter list', () => {
  const wrong: unknown[] = [
    undefined, null, 'can', {}, { is: 'lend' }, { is: 'who', purse: { holderId: 'key_1', unit: 'EUR' }, needNano: '1' }, { is: 'who', purse, needNano: '-1' },
    { is: 'ask', ask: { ...purse, bootId: 'bot_1', reqSeq: 1, needNano: '0', wantNano: '1' } }, { is: 'ask', ask: { ...purse, bootId: 'bot_1', reqSeq: 1.5, needNano: '1', wantNano: '1' } },
    { is: 'granted', grant: { ...purse, leaseId: 'lon_1', bootId: 'bot_1', reqSeq: 1, grantedNano: '10' } }, { is: 'over', loanIds: [1] },
    { is: 'report', report: { bootId: 'bot_1', reqSeq: 1, complete: true, leases: [state, { ...state, spentNano: 4 }] } }, { is: 'report', report: { bootId: 'bot_1', reqSeq: 1, leases: [] } },
  ];
  for (const word of wrong) expect([word, readSaid(said(word))]).toEqual([word, undefined]);
  for (const text of ['', '{', '[]', JSON.stringify({ id: 'a', word: { is: 'can' } }), JSON.stringify({ id: 'a', from: 7, word: { is: 'can' } })]) expect(readSaid(text)).toBeUndefined();
});

test('property: any text is a word or none, and never an error', () => {
  const value = fc.jsonValue();
  fc.assert(fc.property(fc.constantFrom(...words), fc.array(fc.tuple(fc.constantFrom('is', 'ask', 'grant', 'report', 'purse', 'loanIds', 'needNano'), value), { maxLength: 3 }), fc.string(), (word, changes, text) => {
    readSaid(text);
    readSaid(said({ ...word, ...Object.fromEntries(changes) }));
  }));
});
