import type { Domain } from '../domain/domain.ts';
import { writeOffLeases } from '../domain/nodes/write-off.ts';

/** Writes off what revoked nodes still hold: a lease that was being granted while its node was revoked would be held for ever. Returns how many there were. */
export async function writeOffRevoked(domain: Domain): Promise<number> {
  const holders = await domain.db.client.lease.findMany({ where: { open: true }, distinct: ['nodeId'], select: { nodeId: true } });
  const revoked = await domain.db.client.fleetNode.findMany({ where: { status: 'REVOKED', id: { in: holders.map((row) => row.nodeId) } }, select: { id: true }, orderBy: { id: 'asc' } });
  let count = 0;
  for (const { id } of revoked) count += await domain.db.transaction((tx) => writeOffLeases(domain, tx, id), { timeoutMs: 30_000 });
  return count;
}
