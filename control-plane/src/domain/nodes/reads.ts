import type { FleetNode, Prisma } from '@fairlead/prisma';
import type { Actor } from '../actor.ts';
import { requireOperator } from '../actor.ts';
import type { Domain } from '../domain.ts';

/** How a node stands. */
export type FleetNodeState = 'LIVE' | 'LAGGING' | 'NACK' | 'SILENT' | 'REVOKED';

// A dozen heartbeats.
const silentAfterMs = 60_000;

/** The state of a node beside the published revision. Pure. */
export function stateOf(row: Pick<FleetNode, 'status' | 'lastSeenAt' | 'appliedRevision' | 'nack'>, published: number, nowMs: number): FleetNodeState {
  if (row.status === 'REVOKED') return 'REVOKED';
  if (!row.lastSeenAt || row.lastSeenAt.getTime() < nowMs - silentAfterMs) return 'SILENT';
  if (hasNack(row.nack)) return 'NACK';
  return row.appliedRevision < published ? 'LAGGING' : 'LIVE';
}

/** Whether a stored refusal is one: a node that applied everything stores an empty object. */
export function hasNack(nack: unknown): boolean {
  return typeof nack === 'object' && nack !== null && 'code' in nack;
}

/** Every node, for operators. */
export function visibleNodes(actor: Actor): Prisma.FleetNodeWhereInput {
  requireOperator(actor, 'nodes:read');
  return {};
}

/** The published revision. */
export async function publishedRevision(domain: Domain): Promise<number> {
  return (await domain.db.client.snapshot.findFirst({ orderBy: { revision: 'desc' }, select: { revision: true } }))?.revision ?? 0;
}

/** How far the fleet has applied what is published, or at least this revision. */
export async function fleetStatus(domain: Domain, actor: Actor, minRevision?: number) {
  requireOperator(actor, 'nodes:read');
  const revision = await publishedRevision(domain);
  const wanted = minRevision ?? revision;
  const now = domain.clock.now();
  const states = (await domain.db.client.fleetNode.findMany({ where: { status: 'ACTIVE' } })).map((row) => ({ row, state: stateOf(row, revision, now) }));
  const heard = states.filter(({ state }) => state !== 'SILENT');
  return {
    revision, nodes: states.length, live: heard.length,
    applied: heard.filter(({ row }) => row.appliedRevision >= wanted).length,
    nacks: heard.filter(({ state }) => state === 'NACK').length,
  };
}
