// Pure. Proof that a call was thought up here: a real vendor refuses calls of the current turn that bear no signature of its own.
import { createHash } from 'node:crypto';
import { GEMINI_NO_SIGNATURE } from '@fairlead/shared/wire/gemini-generate.ts';
import { isLoose, parseJson } from '@fairlead/shared/wire/json.ts';

/** The signature of a thought; like the vendor's it is base64 and holds the thought itself. */
export function signThought(thinking: string): string {
  return Buffer.from(JSON.stringify({ thinking, digest: digestOf(thinking) })).toString('base64');
}

/** Tells whether a signature is one of ours, or the vendor's word for a call that it did not make. */
function isOurSignature(signature: string): boolean {
  if (signature === GEMINI_NO_SIGNATURE) return true;
  const read = parseJson(Buffer.from(signature, 'base64').toString());
  return isLoose(read) && typeof read['thinking'] === 'string' && read['digest'] === digestOf(read['thinking']);
}

type Said = { readonly role?: string | undefined; readonly parts: readonly { readonly thoughtSignature?: string | undefined; readonly functionCall?: { readonly name: string } | undefined; readonly functionResponse?: unknown }[] };

/** What is wrong with the signatures of a conversation. Only models of the third generation demand them, and only since the user last said something. */
export function signatureProblem(contents: readonly Said[], model: string): string | undefined {
  for (const { parts } of contents) for (const { thoughtSignature } of parts) if (thoughtSignature !== undefined && !isOurSignature(thoughtSignature)) return 'Thought signature is not valid.';
  if (!/^gemini-3/.test(model)) return undefined;
  const asked = contents.findLastIndex(({ role, parts }) => role !== 'model' && parts.some((part) => part.functionResponse === undefined));
  for (const [at, { role, parts }] of contents.entries()) {
    const first = role === 'model' && at > asked ? parts.find((part) => part.functionCall !== undefined) : undefined;
    if (!first || first.thoughtSignature !== undefined) continue;
    return `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${first.functionCall?.name}\` , position ${at + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`;
  }
  return undefined;
}

function digestOf(thinking: string): string {
  return createHash('sha256').update(`practice thought\n${thinking}`).digest('hex');
}
