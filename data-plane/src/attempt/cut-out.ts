// Pure.
import type { Secret } from '@fairlead/shared/crypto/secret.ts';
import { objectOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';

/** Shorter texts are words that anybody may say. */
const leastLength = 6;

/** The text without these secrets and without the private key in one of them, however often a vendor quotes them. */
export function cutOut(text: string, secrets: readonly Secret[]): string {
  return secrets.flatMap((secret) => formsOf(secret.reveal())).reduce((rest, form) => (form.length < leastLength ? rest : rest.replaceAll(form, '[secret]')), text);
}

function formsOf(value: string): string[] {
  const privateKey = value.startsWith('{') ? textOf(objectOf(parseJson(value))?.private_key) : undefined;
  return privateKey === undefined ? [value] : [value, privateKey, JSON.stringify(privateKey).slice(1, -1), ...privateKey.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))];
}
