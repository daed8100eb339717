// Pure.
import type { Secret } from '@fairlead/shared/crypto/secret.ts';

/** The text without the secret, however often a vendor quotes it. */
export function cutOut(text: string, secret: Secret | undefined): string {
  const value = secret?.reveal() ?? '';
  return value === '' ? text : text.replaceAll(value, '[secret]');
}
