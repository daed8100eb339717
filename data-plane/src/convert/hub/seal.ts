// Pure. What only its issuer can read (a signature, encrypted thinking), and how a client of another dialect carries it for us.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isDialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { listOf, parseJson, textOf } from '@fairlead/shared/wire/json.ts';
import { base64OfText, textOfBase64 } from './base64.ts';
import type { Part, Turn } from './conversation.ts';
import type { LossList } from './loss.ts';
import type { Target } from './target.ts';

/**
 * Data that has a meaning for one issuer alone. `issuer` is empty where the client's own dialect carried it,
 * so that nobody knows which vendor of that dialect made it.
 */
export type Seal = {
  readonly dialect: DialectName;
  readonly issuer: string;
  readonly data: string;
  /** The issuer's own id of what was sealed. */
  readonly id?: string | undefined;
  /** The call that it belongs to, where a dialect seals calls. */
  readonly callId?: string | undefined;
  /** What was thought, where the client's dialect would not send it back by itself; an empty text is a thought of which nothing was told. */
  readonly text?: string | undefined;
};

const mark = 'fl1';
/** Tells the empty text from none. */
const untold = 1;
/** How every packed seal begins, in any field: the base64 of `["fl1"`. */
export const SEAL_PREFIX = 'WyJmbDEi';

/** A seal as text that every dialect bears where it has a signature of its own: base64, without a break. */
export function packSeal({ dialect, issuer, data, id, callId, text }: Seal): string {
  return base64OfText(JSON.stringify([mark, dialect, issuer, data, id ?? '', callId ?? '', text ?? '', ...(text === '' ? [untold] : [])]));
}

/** The seal that was packed so; undefined for a signature of the client's own vendor. */
export function unpackSeal(packed: string): Seal | undefined {
  if (!packed.startsWith(SEAL_PREFIX)) return undefined;
  const list = textOfBase64(packed);
  if (list === undefined) return undefined;
  const [, dialect, issuer, data, id, callId, text, told] = listOf(parseJson(list));
  if (!isDialectName(dialect)) return undefined;
  return { dialect, issuer: textOf(issuer) ?? '', data: textOf(data) ?? '', id: textOf(id) || undefined, callId: textOf(callId) || undefined, text: told === untold ? '' : textOf(text) || undefined };
}

/** The seal in a field of the client's dialect: the one we packed, or its own vendor's. */
export function readSeal(text: string, dialect: DialectName): Seal {
  return unpackSeal(text) ?? { dialect, issuer: '', data: text };
}

/** The seal where the one who is asked now made it; anybody else would answer with an error, so that it is a loss. */
export function sealFor(seal: Seal | undefined, dialect: DialectName, target: Target, losses: LossList): Seal | undefined {
  if (!seal) return undefined;
  if (seal.dialect === dialect && seal.issuer === target.issuer) return seal;
  losses.add('thinking: sealed by another issuer');
  return undefined;
}

/** Turns in which seals that a client carried as thinking are back on the calls that they belong to. */
export function placeSeals(turns: readonly Turn[]): readonly Turn[] {
  return turns.map((turn) => {
    const seals = new Map<string, Seal>();
    for (const part of turn.parts) {
      const seal = sealOf(part);
      if (seal?.callId !== undefined) seals.set(seal.callId, seal);
    }
    if (seals.size === 0) return turn;
    const parts = turn.parts.flatMap((part): Part[] => {
      if (sealOf(part)?.callId !== undefined) return part.kind === 'thinking' && part.text !== '' ? [{ kind: 'thinking', text: part.text }] : [];
      const seal = part.kind === 'tool-call' ? seals.get(part.id) : undefined;
      return [part.kind === 'tool-call' && seal ? { ...part, seal } : part];
    });
    return { ...turn, parts };
  });
}

function sealOf(part: Part): Seal | undefined {
  return part.kind === 'thinking' || part.kind === 'sealed-thinking' ? part.seal : undefined;
}
