import type { GraphQLResolveInfo } from 'graphql';
import { createNodeToken } from '../domain/nodes/token.ts';
import { readHealthReport } from '../domain/nodes/health.ts';
import { awaitPropagation } from '../domain/nodes/propagation.ts';
import type { Propagation } from '../domain/nodes/propagation.ts';
import { fleetStatus, hasNack, publishedRevision, stateOf, visibleNodes } from '../domain/nodes/reads.ts';
import { rotateSigningKeys } from '../domain/nodes/rotate-signers.ts';
import { revokeNode } from '../domain/nodes/revoke.ts';
import type { RevokedNode } from '../domain/nodes/revoke.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import type { Context } from './context.ts';
import { CredentialRef } from './credentials.ts';
import { payload, settle } from './errors.ts';
import { gatherBy } from './gather.ts';
import { NodeHealthRef } from './health.ts';

const FleetNodeState = builder.enumType('FleetNodeState', {
  description: 'How a node is.',
  values: {
    LIVE: { description: 'Heard of lately, and up to date.' }, LAGGING: { description: 'Heard of lately, but behind the published revision.' },
    NACK: { description: 'It refused the published revision.' }, SILENT: { description: 'Not heard of for a minute.' }, REVOKED: { description: 'Shut out.' },
  },
});

const gatherRevision = gatherBy({ plan: () => null, read: async (_, __, { domain }) => [await publishedRevision(domain)], by: () => 'newest' });
const newestRevision = async (context: Context, info: GraphQLResolveInfo) => (await gatherRevision(context, info, 'newest'))[0] ?? 0;

/** One running data plane. */
export const FleetNodeRef = builder.prismaNode('FleetNode', {
  description: 'One running data plane.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    region: t.exposeString('region', { description: 'Where it is.' }),
    status: t.exposeString('status', { description: 'ACTIVE or REVOKED.' }),
    state: t.field({ type: FleetNodeState, description: 'How it is.', select: { status: true, lastSeenAt: true, appliedRevision: true, nack: true }, resolve: async (row, _, context, info) => stateOf(row, await newestRevision(context, info), context.domain.clock.now()) }),
    runtime: t.exposeString('runtime', { nullable: true, description: 'What it runs on.' }), build: t.exposeString('build', { nullable: true, description: 'Its build.' }),
    appliedRevision: t.exposeInt('appliedRevision', { description: 'The revision it works with.' }),
    publishedRevision: t.int({ description: 'The newest revision there is.', resolve: (_, __, context, info) => newestRevision(context, info) }),
    secretEpoch: t.exposeInt('secretEpoch', { description: 'Which group key it holds.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', nullable: true, description: 'When it was heard of last.' }),
    nack: t.field({ type: 'JSON', nullable: true, description: 'What it refused and why.', select: { nack: true }, resolve: (row) => (hasNack(row.nack) ? row.nack : null) }),
    spool: t.field({ type: 'JSON', nullable: true, description: 'What it has not reported yet: events, bytes, oldestMs.', select: { spool: true }, resolve: (row) => row.spool }),
    health: t.field({ type: NodeHealthRef, nullable: true, complexity: 20, description: 'How well upstreams do as it sees them; null before its first word of it.', select: { health: true }, resolve: (row) => readHealthReport(row.health) ?? null }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it joined.' }),
  }),
});

type Status = Awaited<ReturnType<typeof fleetStatus>>;
const FleetStatus = builder.objectRef<Status>('FleetStatus').implement({
  description: 'How far the fleet has applied what is published.',
  fields: (t) => ({
    revision: t.exposeInt('revision', { description: 'The newest revision.' }),
    nodes: t.exposeInt('nodes', { description: 'Nodes that are not revoked.' }),
    live: t.exposeInt('live', { description: 'Those heard of lately.' }),
    applied: t.exposeInt('applied', { description: 'Live nodes that have applied the newest revision, or the one that was asked about.' }), nacks: t.exposeInt('nacks', { description: 'Live nodes that refused it.' }),
  }),
});
const PropagationRef = builder.objectRef<Propagation>('Propagation').implement({
  description: 'How far one revision has come.',
  fields: (t) => ({
    revision: t.exposeInt('revision', { description: 'The revision that was asked about.' }),
    reached: t.exposeBoolean('reached', { description: 'Whether every live node has applied it.' }),
    live: t.exposeInt('live', { description: 'Nodes heard of within 20 seconds.' }),
    applied: t.exposeInt('applied', { description: 'Live nodes that have applied it.' }),
    silent: t.exposeInt('silent', { description: 'Nodes not heard of for 20 seconds: nobody knows by which revision they serve, if they do.' }),
    late: t.exposeStringList('late', { nullable: true, description: 'Names of live nodes that have not applied it (operators; null for others).' }),
  }),
});
const FleetNodeConnection = connectionOf('FleetNode', FleetNodeRef);

builder.queryFields((t) => ({
  fleetNodes: t.field({
    type: FleetNodeConnection, description: 'Every node (operators).', args: pageArgs(t.arg),
    complexity: listCost,
    resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.fleetNode.findMany({ ...query, where: { AND: [visibleNodes(context.actor), after] } })),
  }),
  fleetStatus: t.field({
    type: FleetStatus, description: 'How far the fleet has applied what is published (operators).',
    args: { minRevision: t.arg.int({ description: 'Counts nodes as `applied` from this revision on; the newest when left out.' }) },
    resolve: (_, { minRevision }, { domain, actor }) => fleetStatus(domain, actor, minRevision ?? undefined),
  }),
  awaitPropagation: t.field({
    type: PropagationRef, complexity: 50,
    description: 'Waits until every live node serves by a revision: pass the one that a mutation answered, and go on when `reached` is true. Example: { awaitPropagation(revision: 42, timeoutMs: 5000) { reached applied live } }',
    args: {
      revision: t.arg.int({ required: true, description: 'The revision to wait for.' }),
      timeoutMs: t.arg.int({ description: 'How long the answer is held at most: 5000 when left out, 30000 at most.' }),
    },
    resolve: (_, { revision, timeoutMs }, { domain, actor, signal }) => awaitPropagation(domain, actor, { revision, timeoutMs: timeoutMs ?? 5_000 }, signal),
  }),
}));

const NodeTokenCreateInput = builder.inputType('NodeTokenCreateInput', {
  description: 'For which node.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What the token is for.' }),
    region: t.string({ description: 'Where the node will be; "local" when left out.' }),
    expiresInMinutes: t.int({ description: 'How long it may be used; an hour when left out.' }),
  }),
});
const NodeTokenCreatePayload = payload<{ token: string; row: { expiresAt: Date } }>('NodeTokenCreatePayload', 'What nodeTokenCreate answers.', (t) => ({
  token: t.string({ nullable: true, description: 'What the node is started with (fln_…). It works once and is shown only here.', resolve: ({ value }) => value?.token ?? null }),
  expiresAt: t.field({ type: 'DateTime', nullable: true, description: 'When it stops working.', resolve: ({ value }) => value?.row.expiresAt ?? null }),
}));
const NodeRevokeInput = builder.inputType('NodeRevokeInput', { description: 'Which node.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const NodeRevokePayload = payload<RevokedNode>('NodeRevokePayload', 'What nodeRevoke answers.', (t) => ({
  fleetNode: t.field({ type: FleetNodeRef, nullable: true, description: 'The revoked node.', resolve: ({ value }) => value?.node ?? null }),
  exposedCredentials: t.field({
    type: [CredentialRef], description: 'Credentials whose secrets the node could read and that were not replaced since: where it was stolen, replace each at its vendor and here (`credentialRotate`). Asked again of a revoked node, it tells what is left to be done.',
    resolve: ({ value }) => value?.exposed ?? [],
  }),
}));

const SigningRole = builder.enumType('SigningRole', {
  description: 'Who signs what nodes believe.',
  values: { ROOT: { value: 'root', description: 'Names the keys of all roles.' }, MANIFEST: { value: 'manifest', description: 'Says what a snapshot is made of.' }, HEAD: { value: 'head', description: 'Says which snapshot counts now.' } } as const,
});
const SigningKeysRotateInput = builder.inputType('SigningKeysRotateInput', { description: 'Whose keys.', fields: (t) => ({ roles: t.field({ type: [SigningRole], required: true, description: 'The roles.' }) }) });
const SigningKeysRotatePayload = payload<number>('SigningKeysRotatePayload', 'What signingKeysRotate answers.', (t) => ({ rootVersion: t.int({ nullable: true, description: 'The version of the root that names the new keys.', resolve: ({ value }) => value ?? null }) }));

builder.mutationFields((t) => ({
  signingKeysRotate: t.field({
    type: SigningKeysRotatePayload, description: 'Gives signing roles new keys; nodes follow, also those that are away (operators).',
    args: { input: t.arg({ type: SigningKeysRotateInput, required: true, description: 'Whose.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await rotateSigningKeys(domain, actor, input.roles)),
  }),
  nodeTokenCreate: t.field({
    type: NodeTokenCreatePayload, description: 'Makes a one-time right for a node to join (operators).',
    args: { input: t.arg({ type: NodeTokenCreateInput, required: true, description: 'For which node.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createNodeToken(domain, actor, input)),
  }),
  nodeRevoke: t.field({
    type: NodeRevokePayload, description: 'Shuts a node out, changes the group key, and books what the node still held of budgets as spent (operators).',
    args: { input: t.arg({ type: NodeRevokeInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await revokeNode(domain, actor, input.id)),
  }),
}));
