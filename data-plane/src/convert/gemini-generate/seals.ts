// Pure. How clients of this dialect carry what other vendors sealed: all of it in the signature of the next call.
import { isDialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { GEMINI_NO_SIGNATURE } from '@fairlead/shared/wire/gemini-generate.ts';
import { listOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import { base64OfText, textOfBase64 } from '../hub/base64.ts';
import type { Part } from '../hub/conversation.ts';
import { SEAL_PREFIX, unpackSeal, type Seal } from '../hub/seal.ts';

/** Marks the seal of a text, which goes back onto one. */
export const ON_TEXT = 'text';

/**
 * Several seals as one text. Gemini CLI sends back no thoughts and no signature but those of calls, so that a call
 * bears the thinking before it (its text too) and its own seal, which has a `callId`. The field is one of bytes:
 * the text is base64.
 */
export function packSeals(seals: readonly Seal[]): string {
  const list = seals.map(({ dialect, issuer, data, id, callId, text }) => [dialect, issuer, data, id ?? null, callId ?? null, text ?? null]);
  return base64OfText(JSON.stringify(['fl1', ...list]));
}

/** The seals that were packed so, or the one that any dialect packs; undefined for a signature of this dialect's own vendor. */
export function unpackSeals(signature: string): Seal[] | undefined {
  if (!signature.startsWith(SEAL_PREFIX)) return undefined;
  const one = unpackSeal(signature);
  if (one) return [one];
  const packed = textOfBase64(signature);
  if (packed === undefined) return undefined;
  const [, ...list] = listOf(parseJson(packed));
  return list.flatMap((item): Seal[] => {
    const [dialect, issuer, data, id, callId, text] = listOf(item);
    return isDialectName(dialect) ? [{ dialect, issuer: textOf(issuer) ?? '', data: textOf(data) ?? '', id: textOf(id), callId: textOf(callId), text: textOf(text) }] : [];
  });
}

/** What a signature in a request stands for: thinking before its part, and the seal of the part itself. */
export type Carried = { readonly thinking: readonly Part[]; readonly own: Seal | undefined };

/** Reads a signature that a client sends back. */
export function carriedIn(signature: string | undefined): Carried {
  if (signature === undefined || signature === '' || signature === GEMINI_NO_SIGNATURE) return { thinking: [], own: undefined };
  const seals = unpackSeals(signature);
  if (!seals) return { thinking: [], own: { dialect: 'gemini-generate', issuer: '', data: signature } };
  const own = seals.find((seal) => seal.callId !== undefined);
  return { thinking: seals.filter((seal) => seal.callId === undefined).map(thinkingOf), own: own && { dialect: own.dialect, issuer: own.issuer, data: own.data, id: own.id } };
}

function thinkingOf({ dialect, issuer, data, id, text }: Seal): Part {
  const seal: Seal = { dialect, issuer, data, id };
  return text === undefined ? { kind: 'sealed-thinking', seal } : { kind: 'thinking', text, seal };
}
