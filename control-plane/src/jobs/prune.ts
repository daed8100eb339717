import { idPrefixes, ulid } from '@fairlead/shared/id.ts';
import type { Domain } from '../domain/domain.ts';

/** How long what has ended is kept for people to look at. */
const keepMs = 30 * 86_400_000;

/** Removes sign-ins, links and tokens that ended long ago, and counts of API points that nobody takes any more. Ledger, leases and audit are never pruned. */
export async function pruneEnded(domain: Domain): Promise<number> {
  const before = new Date(domain.clock.now() - keepMs);
  const { client } = domain.db;
  const ended = { expiresAt: { lt: before } };
  const removed = [
    await client.signInLink.deleteMany({ where: ended }), await client.signIn.deleteMany({ where: ended }),
    await client.managementToken.deleteMany({ where: ended }), await client.nodeToken.deleteMany({ where: { ...ended, uses: 0 } }),
    await client.apiAllowance.deleteMany({ where: { windowAt: { lt: before } } }),
  ];
  return removed.reduce((sum, { count }) => sum + count, 0);
}

/** How long the request log is kept, and how many rows one statement removes. */
export interface Retention { keepDays: number; batch?: number }

/**
 * Removes exchanges that began long ago, some at a time so that nobody waits for long. An id begins with its time, so the
 * oldest are found by the primary key. The ledger has its own rows and stays as it is.
 */
export async function pruneExchanges(domain: Domain, { keepDays, batch = 2_000 }: Retention, signal?: AbortSignal): Promise<number> {
  const before = new Date(domain.clock.now() - keepDays * 86_400_000);
  const until = `${idPrefixes.exchange}_${ulid(before.getTime()).slice(0, 10)}`;
  const { client } = domain.db;
  let removed = 0;
  while (!signal?.aborted) {
    const old = await client.exchange.findMany({ where: { id: { lt: until }, startedAt: { lt: before } }, orderBy: { id: 'asc' }, take: batch, select: { id: true } });
    if (old.length > 0) removed += (await domain.db.retryConflict(() => client.exchange.deleteMany({ where: { id: { in: old.map((row) => row.id) } } }))).count;
    if (old.length < batch) break;
  }
  return removed;
}
