import type { Credential, FleetNode, Tx } from '@fairlead/prisma';
import { rotateGroupKey } from '../../crypto/fleet.ts';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import { runCommand } from '../command.ts';
import type { Domain } from '../domain.ts';
import { notFound } from '../problem.ts';
import type { Result } from '../problem.ts';
import { writeOffLeases } from './write-off.ts';

/** A node that was shut out, and the credentials whose secrets it could read and that were not replaced since: what is to be done where it was stolen. */
export interface RevokedNode { node: FleetNode; exposed: Credential[] }

/**
 * Shuts a node out: it is refused here, and what is published from now on is sealed with a key it never gets, and what it
 * still held of budgets counts as spent. It may have read every credential that is there; of those that are gone the audit
 * tells (`credential.remove`). Asked again, it answers which of them have the same secret still.
 */
export async function revokeNode(domain: Domain, actor: Actor, id: string): Promise<Result<RevokedNode>> {
  requireOperator(actor, 'nodes:write');
  return runCommand(domain, actor, async (command) => {
    const row = await command.tx.fleetNode.findUnique({ where: { id } });
    if (!row) throw notFound('node');
    if (row.status === 'REVOKED') return { node: row, exposed: await stillExposed(command.tx, id) };
    const node = await command.tx.fleetNode.update({ where: { id }, data: { status: 'REVOKED' } });
    const exposed = await command.tx.credential.findMany({ orderBy: { id: 'asc' } });
    const epoch = await rotateGroupKey(command.tx, domain.keyring);
    const writtenOff = await writeOffLeases(domain, command.tx, id);
    await command.mark('node', id);
    await command.audit({ action: 'node.revoke', objectId: id, detail: { name: row.name, newSecretEpoch: epoch, leasesWrittenOff: writtenOff, exposedCredentials: exposed.map(placeOf) } });
    return { node, exposed };
  });
}

const placeOf = ({ id, version }: Pick<Credential, 'id' | 'version'>) => `${id} v${version}`;

async function stillExposed(tx: Tx, nodeId: string): Promise<Credential[]> {
  const entry = await tx.auditEntry.findFirst({ where: { action: 'node.revoke', objectId: nodeId }, orderBy: { id: 'desc' } });
  const { detail } = entry ?? {};
  const places = new Set(typeof detail === 'object' && detail !== null && 'exposedCredentials' in detail && Array.isArray(detail.exposedCredentials) ? detail.exposedCredentials : []);
  return (await tx.credential.findMany({ orderBy: { id: 'asc' } })).filter((one) => places.has(placeOf(one)));
}
