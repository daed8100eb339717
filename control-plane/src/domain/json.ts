import { Prisma } from '@fairlead/prisma';

/** What sets a JSON column to SQL's NULL; the same value in all three clients. */
export const JsonNull = Prisma.DbNull;

/** PostgreSQL stores no NUL, neither in texts nor in JSON; clients may name a model with one. */
export function withoutNul(value: unknown): unknown {
  const text = JSON.stringify(value) ?? 'null';
  return text.includes('\\u0000') ? JSON.parse(text, (_, inner: unknown) => (typeof inner === 'string' ? inner.replaceAll('\0', '\ufffd') : inner)) : value;
}
