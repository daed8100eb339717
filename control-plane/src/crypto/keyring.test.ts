import { randomBytes } from 'node:crypto';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { expect, test } from 'vitest';
import { WrongKek, openKeyring } from './keyring.ts';

const place = { upstreamId: 'ups_1', credentialId: 'crd_1', version: 1 };

test('a sealed credential opens in its own place only: not in another row, not as another version, not with another key', async () => {
  const keyring = openKeyring(new Uint8Array(randomBytes(32)));
  const sealed = await keyring.sealCredential(place, new Secret('sk-1'));
  expect((await keyring.openCredential(place, sealed)).reveal()).toBe('sk-1');
  for (const other of [{ ...place, upstreamId: 'ups_2' }, { ...place, credentialId: 'crd_2' }, { ...place, version: 2 }]) await expect(keyring.openCredential(other, sealed)).rejects.toThrow(WrongKek);
  await expect(openKeyring(new Uint8Array(randomBytes(32))).openCredential(place, sealed)).rejects.toThrow(WrongKek);
  await expect(keyring.openCredential(place, sealed.replace(/"data":"../, '"data":"zz'))).rejects.toThrow(WrongKek);
});

test('the same secret sealed twice looks different each time', async () => {
  const keyring = openKeyring(new Uint8Array(32));
  expect(await keyring.sealCredential(place, new Secret('sk-1'))).not.toBe(await keyring.sealCredential(place, new Secret('sk-1')));
});

test('a newer key opens what an older one has sealed, and seals it anew without seeing the secret again', async () => {
  const [old, now] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
  const before = openKeyring(old);
  const [credential, setting] = [await before.sealCredential(place, new Secret('sk-1')), await before.seal(new TextEncoder().encode('plain'), 'setting|x')];
  const both = openKeyring(now, [old]);
  expect((await both.openCredential(place, credential)).reveal()).toBe('sk-1');
  const [renewed, anew] = [await both.renewCredential(place, credential), await both.renew(setting, 'setting|x')];
  const alone = openKeyring(now);
  expect((await alone.openCredential(place, renewed ?? '')).reveal()).toBe('sk-1');
  expect(new TextDecoder().decode(await alone.open(anew ?? '', 'setting|x'))).toBe('plain');
  expect([await both.renewCredential(place, renewed ?? ''), await both.renew(anew ?? '', 'setting|x')]).toEqual([undefined, undefined]);
  await expect(both.renewCredential({ ...place, credentialId: 'crd_2' }, credential)).rejects.toThrow(WrongKek);
  await expect(alone.renew(setting, 'setting|x')).rejects.toThrow(WrongKek);
});
