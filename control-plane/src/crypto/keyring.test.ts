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
