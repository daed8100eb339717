import { expect, test } from 'vitest';
import { readNack, readSpool } from './node-facts.ts';

test('what a node did not tell is not made up', () => {
  expect(readSpool(null)).toBeUndefined();
  expect(readNack('no')).toBeUndefined();
});

test('a full spool and a refused revision are read as told', () => {
  expect(readSpool({ events: 3, bytes: 900, oldestMs: 5, refusing: true })).toEqual({ events: 3, bytes: 900, refusing: true });
  expect(readNack({ revision: 7, stage: 'verify', code: 'snapshot.signature', message: 'It is not signed.' })).toEqual({ revision: 7, stage: 'verify', code: 'snapshot.signature', message: 'It is not signed.' });
});
