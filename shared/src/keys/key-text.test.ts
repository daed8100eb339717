import { expect, test } from 'vitest';
import { keyRandomBytes, looksOurs, mintKey, readKey } from './key-text.ts';

const random = () => crypto.getRandomValues(new Uint8Array(keyRandomBytes));

test('a minted key is read back with its kind and hint', () => {
  for (const kind of ['key', 'managementToken'] as const) {
    const minted = mintKey(kind, random());
    expect(readKey(minted.text)).toEqual({ kind, hint: minted.hint });
  }
});

test('any single wrong character is told by the checksum', () => {
  const { text } = mintKey('key', random());
  for (let at = 4; at < text.length; at++) {
    const other = text[at] === 'x' ? 'y' : 'x';
    expect(readKey(text.slice(0, at) + other + text.slice(at + 1))).toBeUndefined();
  }
});

test('a cut, lengthened or foreign text is no key', () => {
  const { text } = mintKey('key', random());
  for (const wrong of ['', 'flk_', text.slice(1), text.slice(0, -1), `${text}0`, text.replace('flk_', 'sk-a'), `${text.slice(0, -1)} `]) expect(readKey(wrong)).toBeUndefined();
});

test('our prefixes are told from those of others', () => {
  expect([looksOurs(mintKey('key', random()).text), looksOurs('sk-ant-1')]).toEqual([true, false]);
});
