// Pure. The field of reasoning that only its issuer can read.
import { packSeal, readSeal, unpackSeal, type Seal } from '../hub/seal.ts';

/** Thinking that nobody sealed. Clients that keep nothing at the vendor drop reasoning without this field, and some vendors want theirs back. */
const unsealed = packSeal({ dialect: 'openai-responses', issuer: '', data: '' });

/** The field for a client. */
export function sealedContent(seal: Seal | undefined): string {
  return seal ? packSeal(seal) : unsealed;
}

/** The seal in the field as a client sends it back; its own vendor's has the id of its item. */
export function sentSeal(content: string, id: string | undefined): Seal | undefined {
  if (content === '' || content === unsealed) return undefined;
  const packed = unpackSeal(content);
  return packed ?? { ...readSeal(content, 'openai-responses'), ...(id !== undefined && { id }) };
}

/** The seal in the field as a vendor gives it. */
export function givenSeal(content: string, issuer: string, id: string | undefined): Seal | undefined {
  return content === '' || content === unsealed ? undefined : { dialect: 'openai-responses', issuer, data: content, ...(id !== undefined && { id }) };
}
