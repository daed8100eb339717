import { expect, test } from 'vitest';
import { keyFrom } from '@fairlead/shared/crypto/derive.ts';
import { openSealedFields, SealBroken } from './sealed-fields.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const secret = bytes('a secret of a node token, 32 byte');

/** A hash of Redis that may be away. */
function hash() {
  const there: Record<string, string> = {};
  const at = { there, away: false };
  return { at, stream: { fields: () => Promise.resolve({ ...there }), keepFields: (fields: Readonly<Record<string, string>>) => { if (at.away) return Promise.reject(new Error('no connection')); Object.assign(there, fields); return Promise.resolve({ is: 'kept' as const }); } } };
}

test('what is kept is found again with the same secret, is not readable, and opens neither with another secret, nor as another field, nor for another node', async () => {
  const { at, stream } = hash();
  const key = await keyFrom(secret, 'one');
  await (await openSealedFields({ stream, key, name: 'node-1' })).keep({ identity: bytes('PRIVATE KEY'), keyring: bytes('a keyring') });
  expect(JSON.stringify(at.there)).not.toContain('PRIVATE');
  const text = (await openSealedFields({ stream, key, name: 'node-1' })).get('identity');
  expect(new TextDecoder().decode(text)).toBe('PRIVATE KEY');
  await expect(openSealedFields({ stream, key: await keyFrom(bytes('another secret of a token, 32 by'), 'one'), name: 'node-1' })).rejects.toThrow(SealBroken);
  await expect(openSealedFields({ stream, key: await keyFrom(secret, 'two'), name: 'node-1' })).rejects.toThrow(/token that it joined with/);
  await expect(openSealedFields({ stream, key, name: 'node-2' })).rejects.toThrow(SealBroken);
  at.there.identity = at.there.keyring ?? '';
  await expect(openSealedFields({ stream, key, name: 'node-1' })).rejects.toThrow(SealBroken);
});

test('what Redis did not take is told at once, and written when it is back', async () => {
  const { at, stream } = hash();
  const key = await keyFrom(secret, 'one');
  const fields = await openSealedFields({ stream, key, name: 'node-1' });
  at.away = true;
  await expect(fields.keep({ floor: bytes('7') })).rejects.toThrow('no connection');
  await expect(fields.mend()).rejects.toThrow('no connection');
  at.away = false;
  await fields.mend();
  expect(new TextDecoder().decode((await openSealedFields({ stream, key, name: 'node-1' })).get('floor'))).toBe('7');
});
