import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Between, fromBase64, fromBase64url, toBase64, toBase64url } from './base64url.ts';
import { newSealingKeys, openBytes, openWithKey, sealBytes, sealToKey } from './seal.ts';
import { Secret } from './secret.ts';
import { newSigningKeys, openSigner, openVerifier } from './sign.ts';

const text = new TextEncoder();

test('property: bytes come back from both base64 forms, also from a view into a larger buffer', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(20), (bytes, shift) => {
    const view = new Uint8Array([...new Uint8Array(shift), ...bytes]).subarray(shift);
    expect([...fromBase64(toBase64(view))]).toEqual([...bytes]);
    expect([...fromBase64url(toBase64url(view))]).toEqual([...bytes]);
    expect(toBase64(view)).toBe(btoa(String.fromCharCode(...bytes)));
  }));
});

test.each([0, 1, 2, 49_151, 49_152, 49_153, 200_000])('%i bytes between two texts are what the text of all would be', (length) => {
  const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
  expect(Buffer.compare(base64Between('{"ä":"', bytes, '"}'), text.encode(`{"ä":"${toBase64(bytes)}"}`))).toBe(0);
});

test.each(['%', 'a b', 'ä', 'a=b'])('"%s" is no base64url', (wrong) => {
  expect(() => fromBase64url(wrong)).toThrow();
  expect(() => fromBase64(wrong)).toThrow();
});

test('a signature fits its bytes and its key, and nothing else', async () => {
  const [ours, theirs] = [await newSigningKeys(), await newSigningKeys()];
  const signature = await (await openSigner(ours.privateKey))(text.encode('hello'));
  const verify = await openVerifier(ours.publicKey);
  expect([await verify(text.encode('hello'), signature), await verify(text.encode('hellO'), signature), await (await openVerifier(theirs.publicKey))(text.encode('hello'), signature)]).toEqual([true, false, false]);
});

test('public keys of small order are refused, also with the sign bit set', async () => {
  for (const first of [0, 1]) {
    for (const last of [0, 0x80]) {
      const raw = new Uint8Array(32);
      raw[0] = first;
      raw[31] = last;
      await expect(openVerifier(toBase64url(raw))).rejects.toThrow(RangeError);
    }
  }
  await expect(openVerifier(toBase64url(new Uint8Array(31)))).rejects.toThrow(RangeError);
});

test('sealed bytes open only with the same key and the same place', async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const sealed = await sealBytes(key, text.encode('secret'), 'tenant|1');
  expect(new TextDecoder().decode(await openBytes(key, sealed, 'tenant|1'))).toBe('secret');
  await expect(openBytes(key, sealed, 'tenant|2')).rejects.toThrow();
  await expect(openBytes(crypto.getRandomValues(new Uint8Array(32)), sealed, 'tenant|1')).rejects.toThrow();
  await expect(openBytes(key, sealed.slice(0, 10), 'tenant|1')).rejects.toThrow();
});

test('what is sealed to a node opens with that node\'s key only', async () => {
  const [node, other] = [await newSealingKeys(), await newSealingKeys()];
  const sealed = await sealToKey(node.publicKey, text.encode('group key'));
  expect(new TextDecoder().decode(await openWithKey(node.privateKey, sealed))).toBe('group key');
  await expect(openWithKey(other.privateKey, sealed)).rejects.toThrow();
});

test('a secret prints as [secret] however it is shown', () => {
  const secret = new Secret('sk-canary');
  expect([String(secret), `${secret}`, JSON.stringify({ secret }), JSON.stringify(Object.entries(secret))].join(' ')).not.toContain('canary');
  expect(secret.reveal()).toBe('sk-canary');
});
