import { sealToKey } from '@fairlead/shared/crypto/seal.ts';
import { toBase64 } from '@fairlead/shared/crypto/base64url.ts';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { sealEnvelope } from '@fairlead/shared/snapshot/envelope.ts';
import type { Keyring } from '@fairlead/shared/snapshot/snapshot.ts';
import type { NodeHeartbeatInput } from '@fairlead/shared/node-api/operations.ts';
import { readGroupKey, readSigner } from '../../crypto/fleet.ts';
import { storable } from '../json.ts';
import { describeError } from '../../log.ts';
import type { Actor } from '../actor.ts';
import { requireNode } from '../actor.ts';
import type { Domain } from '../domain.ts';
import { isClosedLease } from '../../ingest/learning.ts';
import { readHealthReport } from './health.ts';

/** What a node hears back; `keyring` only when it lacks the group key in use, `closedLeaseKnown` only when it named a lease, `shutOut` those of its borrowers that were. */
export interface Heard { serverTime: Date; revision: number; keyring: string | null; closedLeaseKnown: boolean | null; shutOut: string[] }

/** A heartbeat as the API reads it. */
export type HeartbeatRead = Omit<NodeHeartbeatInput, 'health' | 'nack'> & { health?: unknown; nack?: Omit<NonNullable<NodeHeartbeatInput['nack']>, 'path'> & { path?: string | null | undefined } };

/** Notes how a node is: one row per node, no history. */
export async function hearHeartbeat(domain: Domain, actor: Actor, input: HeartbeatRead): Promise<Heard> {
  const node = requireNode(actor);
  const now = new Date(domain.clock.now());
  const nack = input.nack ? { revision: input.nack.revision, code: input.nack.code.slice(0, 100), stage: input.nack.stage.slice(0, 100), message: input.nack.message.slice(0, 500), ...(input.nack.path ? { path: input.nack.path.slice(0, 200) } : {}), at: now.toISOString() } : null;
  const health = readHealthReport(storable(input.health));
  const { group, row } = await domain.db.transaction(async (tx) => {
    const stored = await tx.fleetNode.findUniqueOrThrow({ where: { id: node.id } });
    await tx.fleetNode.update({
      where: { id: node.id },
      data: { secretEpoch: input.secretEpoch, runtime: input.runtime.slice(0, 60), build: input.build.slice(0, 60), lastSeenAt: now, spool: { ...input.spool }, nack: nack ?? {},
        ...(health ? { health: { upstreams: health.upstreams.map((known) => ({ ...known })), credentials: health.credentials.map((known) => ({ ...known })) } } : {}),
      },
    });
    // A heartbeat that was overtaken by a later one of the same boot must not take a revision back.
    const bootId = input.bootId.slice(0, 60);
    await tx.fleetNode.updateMany({
      where: { id: node.id, OR: [{ bootId: null }, { bootId: { not: bootId } }, { appliedRevision: { lt: input.appliedRevision } }] },
      data: { bootId, appliedRevision: input.appliedRevision },
    });
    return { group: await readGroupKey(tx, domain.keyring), row: stored };
  });
  domain.publishing.acknowledged();
  const head = await domain.db.client.snapshot.findFirst({ orderBy: { revision: 'desc' }, select: { revision: true } });
  const revision = head?.revision ?? 0;
  if (input.appliedRevision > revision) await catchUp(domain, node.id, revision, input.appliedRevision);
  // It holds another one of this number: this database was restored and has gone on by itself.
  else if (input.nack?.code === 'forked' && input.nack.revision === revision) await catchUp(domain, node.id, revision, revision + 1);
  let keyring: string | null = null;
  if (input.secretEpoch !== group.epoch) {
    const content: Keyring = { fleet: domain.fleet.fleet, node: node.id, epoch: group.epoch, jwe: await sealToKey(row.sealPublicKey, group.key) };
    keyring = toBase64(await sealEnvelope('fairlead/keyring/1', canonicalBytes(content), await readSigner(domain.db.client, domain.keyring, 'manifest')));
  }
  const closedLeaseKnown = input.closedLeaseId === undefined ? null : await isClosedLease(domain, node.id, input.closedLeaseId);
  return { serverTime: now, revision, keyring, closedLeaseKnown, shutOut: await shutOutOf(domain, input.borrowerIds ?? []) };
}

const borrowersMost = 1_000;

/** Which of these nodes will never be heard again. */
async function shutOutOf(domain: Domain, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await domain.db.client.fleetNode.findMany({ where: { id: { in: ids.slice(0, borrowersMost).map((id) => id.slice(0, 60)) }, status: 'REVOKED' }, select: { id: true } });
  return rows.map(({ id }) => id);
}

/** A node that lies could otherwise use up all revisions there are. */
const mostAhead = 100_000;

/** A node holds a later revision than this database, which was therefore restored: what is published next must be newer than that, or no node would take it. */
async function catchUp(domain: Domain, nodeId: string, revision: number, applied: number): Promise<void> {
  domain.log.warn('snapshot.behind-node', { node: nodeId, revision, applied });
  if (applied > revision + mostAhead) return;
  await domain.db.transaction(async (tx) => {
    // The row that publishers queue at.
    await tx.setting.updateMany({ where: { name: 'revision' }, data: { name: 'revision' } });
    const floor = Number((await tx.setting.findUniqueOrThrow({ where: { name: 'revision' } })).value);
    if (floor >= applied) return;
    await tx.setting.update({ where: { name: 'revision' }, data: { value: String(applied) } });
    await tx.dirtyMark.create({ data: { kind: 'revision', objectId: nodeId } });
  });
  await domain.publishing.publish().catch((cause: unknown) => { domain.log.error('snapshot.publish-failed', describeError(cause)); });
}
