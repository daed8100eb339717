// Pure. Proof that a thinking block was written here: a real vendor refuses thinking that it did not sign.
import { createHash } from 'node:crypto';
import { isLoose, parseJson } from '@fairlead/shared/wire/json.ts';

/** The signature of a thought; it carries the text, for clients that are not shown it. */
export function signThinking(thinking: string): string {
  return Buffer.from(JSON.stringify({ thinking, digest: digestOf(thinking) })).toString('base64');
}

/** Tells whether a thinking block is one of ours, with its text as it was or left out. */
export function isOurThinking(thinking: string, signature: string): boolean {
  const read = parseJson(Buffer.from(signature, 'base64').toString());
  if (!isLoose(read) || typeof read['thinking'] !== 'string') return false;
  return read['digest'] === digestOf(read['thinking']) && (thinking === '' || thinking === read['thinking']);
}

function digestOf(thinking: string): string {
  return createHash('sha256').update(`practice thinking\n${thinking}`).digest('hex');
}
