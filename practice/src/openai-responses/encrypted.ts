// Pure. Reasoning that only this vendor can read: a real one refuses what it did not encrypt itself.
import { createHash } from 'node:crypto';
import { isLoose, parseJson } from '@fairlead/shared/wire/json.ts';

/** A thought as its clients keep it. */
export function encryptReasoning(thought: string): string {
  return Buffer.from(JSON.stringify({ thought, digest: digestOf(thought) })).toString('base64');
}

/** Tells whether this is a thought of ours, letter by letter. */
export function isOurReasoning(encrypted: string): boolean {
  const read = parseJson(Buffer.from(encrypted, 'base64').toString());
  return isLoose(read) && typeof read['thought'] === 'string' && encrypted === encryptReasoning(read['thought']);
}

function digestOf(thought: string): string {
  return createHash('sha256').update(`practice reasoning\n${thought}`).digest('hex');
}
