import type { Domain } from '../domain/domain.ts';

/** How long what has ended is kept for people to look at. */
const keepMs = 30 * 86_400_000;

/** Removes sign-ins, links and tokens that ended long ago. Ledger, leases and audit are never pruned. */
export async function pruneEnded(domain: Domain): Promise<number> {
  const before = new Date(domain.clock.now() - keepMs);
  const { client } = domain.db;
  const ended = { expiresAt: { lt: before } };
  const removed = [
    await client.signInLink.deleteMany({ where: ended }), await client.signIn.deleteMany({ where: ended }),
    await client.managementToken.deleteMany({ where: ended }), await client.nodeToken.deleteMany({ where: { ...ended, uses: 0 } }),
  ];
  return removed.reduce((sum, { count }) => sum + count, 0);
}
