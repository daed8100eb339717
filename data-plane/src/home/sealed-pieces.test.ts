import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyFrom } from '@fairlead/shared/crypto/derive.ts';
import { openSealedPieces } from './sealed-pieces.ts';

const secret = new TextEncoder().encode('a secret of a node token, 32 byte');

/** Two hashes of Redis, of which one is used. */
function store() {
  const there = new Map<string, string>();
  const stream = {
    pieces: (names: readonly string[]) => Promise.resolve(names.map((name) => there.get(name))),
    pieceNames: () => Promise.resolve([...there.keys()]),
    keepPieces(some: Readonly<Record<string, string>>) { for (const [name, text] of Object.entries(some)) there.set(name, text); return Promise.resolve({ is: 'kept' as const }); },
    dropPieces(names: readonly string[]) { for (const name of names) there.delete(name); return Promise.resolve({ is: 'kept' as const }); },
  };
  return { there, stream };
}
const piecesOf = (count: number, mark = '') => new Map(Array.from({ length: count }, (_, at): [string, Uint8Array] => { const bytes = new TextEncoder().encode(`piece ${mark}${at}`); return [hash('sha256', bytes), bytes]; }));

test('pieces are found again with the same secret, are not readable, and a damaged one is as if it were not there', async () => {
  const { there, stream } = store();
  const pieces = piecesOf(300);
  const key = await keyFrom(secret, 'one');
  await openSealedPieces({ stream, key, name: 'n' }).keep(pieces);
  expect(JSON.stringify([...there])).not.toContain('piece');
  const names = [...pieces.keys()];
  expect(await openSealedPieces({ stream, key, name: 'n' }).read(names)).toEqual(pieces);
  expect((await openSealedPieces({ stream, key: await keyFrom(secret, 'two'), name: 'n' }).read(names)).size).toBe(0);
  there.set(names[3] ?? '', there.get(names[4] ?? '') ?? '');
  there.delete(names[5] ?? '');
  expect([...(await openSealedPieces({ stream, key, name: 'n' }).read(names)).keys()]).toEqual(names.filter((_, at) => at !== 3 && at !== 5));
});

test('what is not live goes, when it is many; what Redis has lost is owed until it is kept again', async () => {
  const { there, stream } = store();
  const sealed = openSealedPieces({ stream, key: await keyFrom(secret, 'one'), name: 'n' });
  const [old, live] = [piecesOf(300, 'old '), piecesOf(50)];
  await sealed.keep(new Map([...old, ...live]));
  await sealed.retain(() => new Set(live.keys()));
  expect([...there.keys()].sort()).toEqual([...live.keys()].sort());
  expect(sealed.owes()).toBe(false);
  await sealed.gone();
  expect(sealed.owes()).toBe(true);
  there.clear();
  sealed.onGone(() => sealed.keep(live));
  await sealed.gone();
  expect([sealed.owes(), there.size]).toEqual([false, 50]);
});
