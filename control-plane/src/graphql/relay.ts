// How the Relay plugin speaks here: ids stay as they are stored, and everything is described.
import { kindOf } from '@fairlead/shared/id.ts';
import type { IdKind } from '@fairlead/shared/id.ts';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { findById } from '../domain/find.ts';
import type { Context } from './context.ts';

// The types of ids that can be looked up.
const typeNames: Partial<Record<IdKind, string>> = {
  tenant: 'Tenant', member: 'Member', managementToken: 'ManagementToken', key: 'Key', upstream: 'Upstream', credential: 'Credential', model: 'Model', price: 'Price',
  route: 'Route', errorRule: 'ErrorRule', quota: 'Quota', campaign: 'Campaign', pool: 'Pool', exchange: 'Exchange', fleetNode: 'FleetNode', audit: 'AuditEntry',
};

const mostNodes = 100;

/** Finds a node with the fields that are asked of its type; the domain decides whether it is there for the viewer. */
function resolveNode(context: Context, id: string, info: GraphQLResolveInfo) {
  const typeName = typeNameOf(id);
  return typeName === undefined ? null : findById(context.domain, context.actor, id, queryFromInfo({ context, info, typeName, select: { id: true } }));
}

/** The options of the Relay plugin. */
export const relay = {
  cursorType: 'String' as const,
  encodeGlobalID: (_: string, id: bigint | number | string) => String(id),
  decodeGlobalID: (id: string) => ({ typename: typeNameOf(id) ?? '', id }),
  idFieldOptions: { description: 'The same text everywhere; its prefix names the type.' },
  nodeTypeOptions: { description: 'Whatever has an id of its own.', resolveType: (row: unknown) => (hasId(row) ? typeNameOf(row.id) : undefined) },
  nodeQueryOptions: {
    description: 'Whatever has this id; null when it is not there for the viewer.', args: { id: { description: 'Its id.' } },
    resolve: (_: unknown, { id }: { id: { id: string } }, context: Context, info: GraphQLResolveInfo) => resolveNode(context, id.id, info),
  },
  nodesQueryOptions: {
    description: `Whatever has these ids, at most ${mostNodes}, in the same order.`, args: { ids: { description: 'The ids.' } },
    resolve: (_: unknown, { ids }: { ids: { id: string }[] }, context: Context, info: GraphQLResolveInfo) => ids.slice(0, mostNodes).map(({ id }) => resolveNode(context, id, info)),
  },
  edgesFieldOptions: { description: 'The rows with their cursors.', nullable: { list: false, items: false } as const },
  nodesOnConnection: { description: 'The rows.' },
  nodeFieldOptions: { description: 'The row itself.' },
  cursorFieldOptions: { description: 'Pass it as `after` to go on behind this row.' },
  pageInfoFieldOptions: { description: 'Where this page is.' },
  pageInfoTypeOptions: { description: 'Where a page of a list is.' },
  hasNextPageFieldOptions: { description: 'Whether there is more behind this page.' },
  hasPreviousPageFieldOptions: { description: 'Always false: lists are read forwards.' },
  startCursorFieldOptions: { description: 'The cursor of the first row.' },
  endCursorFieldOptions: { description: 'The cursor of the last row: pass it as `after`.' },
};

function typeNameOf(id: string): string | undefined {
  const kind = kindOf(id);
  return kind && typeNames[kind];
}

function hasId(row: unknown): row is { id: string } {
  return typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string';
}
