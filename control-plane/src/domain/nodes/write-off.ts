import type { Tx } from '@fairlead/prisma';
import type { Domain } from '../domain.ts';
import { settleLease } from './settle-lease.ts';

/**
 * Closes every lease of a node that will never report again. What it was granted counts as spent: it may have been, and
 * a budget may rather be used up too early than be passed. Returns how many there were.
 */
export async function writeOffLeases(domain: Domain, tx: Tx, nodeId: string): Promise<number> {
  const open = await tx.lease.findMany({ where: { nodeId, open: true }, select: { id: true }, orderBy: { id: 'asc' } });
  let count = 0;
  for (const { id } of open) if (await settleLease(domain, tx, id, 'WRITE_OFF')) count++;
  return count;
}
