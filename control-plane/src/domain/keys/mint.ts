import { randomBytes } from 'node:crypto';
import { keyRandomBytes, mintKey } from '@fairlead/shared/keys/key-text.ts';
import type { KeyKind } from '@fairlead/shared/keys/key-text.ts';
import { Secret } from '@fairlead/shared/crypto/secret.ts';
import { digestOf } from '../../crypto/digest.ts';

/** A new key text with what is kept of it. */
export interface Minted { secret: Secret; hint: string; digest: string }

/** Makes a key text. Call it before the transaction: a command may run several times, the secret is one. */
export function mint(kind: KeyKind): Minted {
  const { text, hint } = mintKey(kind, new Uint8Array(randomBytes(keyRandomBytes)));
  return { secret: new Secret(text), hint, digest: digestOf(text) };
}
