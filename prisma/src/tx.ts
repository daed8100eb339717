import type { Prisma } from '#client/client.ts';

/** What runs statements within a transaction. */
export type Tx = Prisma.TransactionClient;
