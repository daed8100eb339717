import { Prisma } from '@fairlead/prisma';

/** What sets a JSON column to SQL's NULL; the same value in all three clients. */
export const JsonNull = Prisma.DbNull;

/** A value whose texts every database stores: PostgreSQL takes no NUL, and no JSON column half a pair of surrogates; clients send both, and a cut makes the second. */
export function storable(value: unknown): unknown {
  const text = JSON.stringify(value) ?? 'null';
  return unstorable.test(text) ? JSON.parse(text.replaceAll(escapes, (escape) => (escape === '\\\\' ? escape : '\\ufffd'))) : value;
}

const unstorable = /\\u(?:0000|d[89a-f])/;
// A pair is written as it is; only halves are escaped. An escaped backslash is passed over, since what follows it is plain text.
const escapes = /\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** The beginning of a text, never with half of a pair of surrogates at its end. */
export function beginning(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}
