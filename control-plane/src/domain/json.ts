import { Prisma } from '@fairlead/prisma';

/** What sets a JSON column to SQL's NULL; the same value in all three clients. */
export const JsonNull = Prisma.DbNull;
