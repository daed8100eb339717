// Pure. Where this dialect's servers and clients carry what only its issuer can read.
import { isLoose, textOf, type JsonObject, type Loose } from '@fairlead/shared/wire/json.ts';
import { packSeal, type Seal } from '../hub/seal.ts';

/** The signature that Gemini's Chat endpoint puts on a call. */
export function googleSeal(call: Loose, issuer: string): Seal | undefined {
  const google = isLoose(call['extra_content']) ? call['extra_content']['google'] : undefined;
  const data = isLoose(google) ? textOf(google['thought_signature']) : undefined;
  return data === undefined ? undefined : { dialect: 'openai-chat', issuer, data };
}

/** The field of a call that carries a signature. */
export function sealOnCall(signature: string): JsonObject {
  return { google: { thought_signature: signature } };
}

/** A seal among the details of thinking, as clients of OpenRouter keep and send them back. */
export function sealDetail(seal: Seal, index: number): JsonObject {
  return { type: 'reasoning.encrypted', data: packSeal(seal), id: `seal_${index}`, format: 'unknown', index };
}
