import { Prisma } from '@fairlead/prisma';

/** What sets a JSON column to SQL's NULL; the same value in all three clients. */
export const JsonNull = Prisma.DbNull;

/** PostgreSQL stores no NUL, neither in texts nor in JSON, and no half of a character in JSON; clients may name a model with one. */
export function withoutNul(value: unknown): unknown {
  const text = JSON.stringify(value) ?? 'null';
  // A half of a pair is the only thing that is written as an escape of these.
  return /\\u0000|\\ud[89a-f]/.test(text) ? JSON.parse(text, (_, inner: unknown) => (typeof inner === 'string' ? inner.replaceAll('\0', '\ufffd').toWellFormed() : inner)) : value;
}
