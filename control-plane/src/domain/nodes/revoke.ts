import type { FleetNode } from '@fairlead/prisma';
import { rotateGroupKey } from '../../crypto/fleet.ts';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { writeOffLeases } from './write-off.ts';

/** Shuts a node out: it is refused here, and what is published from now on is sealed with a key it never gets, and what it still held of budgets counts as spent. */
export async function revokeNode(domain: Domain, actor: Actor, id: string): Promise<Result<FleetNode>> {
  requireOperator(actor, 'nodes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.fleetNode.findUnique({ where: { id } });
    if (!row) throw notFound('node');
    if (row.status === 'REVOKED') return row;
    const node = await command.tx.fleetNode.update({ where: { id }, data: { status: 'REVOKED' } });
    const epoch = await rotateGroupKey(command.tx, domain.keyring);
    const writtenOff = await writeOffLeases(domain, command.tx, id);
    await command.mark('node', id);
    await command.audit({ action: 'node.revoke', objectId: id, detail: { name: row.name, newSecretEpoch: epoch, leasesWrittenOff: writtenOff } });
    return node;
  });
}
