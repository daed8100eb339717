// Types and arguments that several files share.
import { usdText } from '@fairlead/shared/money/charge.ts';
import type { ArgBuilder, ObjectRef } from '@pothos/core';
import { idPrefixes, kindOf } from '@fairlead/shared/id.ts';
import type { IdKind } from '@fairlead/shared/id.ts';
import type { Slice } from '../domain/page.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';

/** GraphQL type names of the ids that can be looked up. */
export const typeNames: Partial<Record<IdKind, string>> = {
  tenant: 'Tenant', member: 'Member', managementToken: 'ManagementToken', key: 'Key', upstream: 'Upstream', credential: 'Credential', model: 'Model', price: 'Price',
  route: 'Route', quota: 'Quota', campaign: 'Campaign', pool: 'Pool', exchange: 'Exchange', fleetNode: 'FleetNode', audit: 'AuditEntry',
};

/** Whatever has an id of its own. */
export const NodeInterface = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Whatever has an id of its own.',
  resolveType: (row) => {
    const kind = kindOf(row.id);
    return (kind && typeNames[kind]) ?? idPrefixes.tenant;
  },
  fields: (t) => ({ id: t.exposeID('id', { description: 'The same text everywhere; its prefix names the type.' }) }),
});

/** An exact amount of money. */
export const Money = builder.objectRef<bigint>('Money').implement({
  description: 'An exact amount of money.',
  fields: (t) => ({
    amount: t.field({ type: 'Decimal', description: 'The amount, never rounded.', resolve: (nano) => usdText(nano) }),
    currency: t.string({ description: 'Always "USD".', resolve: () => 'USD' }),
  }),
});

const PageInfo = builder.objectRef<Slice<{ id: string }>>('PageInfo').implement({
  description: 'Where a page of a list is.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there is more behind this page.' }),
    hasPreviousPage: t.boolean({ description: 'Always false: lists are read forwards.', resolve: () => false }),
    startCursor: t.string({ nullable: true, description: 'The cursor of the first row.', resolve: (slice) => slice.nodes[0]?.id ?? null }),
    endCursor: t.string({ nullable: true, description: 'The cursor of the last row: pass it as `after`.', resolve: (slice) => slice.nodes.at(-1)?.id ?? null }),
  }),
});

/** The connection type of a list, with edges and, more simply, nodes. */
export function connectionOf(name: string, type: ObjectRef<Extended, { id: string }>) {
  const Edge = builder.objectRef<{ id: string }>(`${name}Edge`).implement({
    description: `One row of a list of ${name}.`,
    fields: (t) => ({
      cursor: t.string({ description: 'Pass it as `after` to go on behind this row.', resolve: (found) => found.id }),
      node: t.field({ type, description: 'The row itself.', resolve: (found) => found }),
    }),
  });
  return builder.objectRef<Slice<{ id: string }>>(`${name}Connection`).implement({
    description: `A page of a list of ${name}, newest first.`,
    fields: (t) => ({
      nodes: t.field({ type: [type], description: 'The rows.', resolve: (slice) => slice.nodes }),
      edges: t.field({ type: [Edge], description: 'The rows with their cursors.', resolve: (slice) => slice.nodes }),
      pageInfo: t.field({ type: PageInfo, description: 'Where this page is.', resolve: (slice) => slice }),
    }),
  });
}

/** The arguments of every list. */
export function pageArgs(arg: ArgBuilder<Extended>) {
  return {
    first: arg.int({ defaultValue: 50, description: 'How many rows, at most 200.' }),
    after: arg.string({ description: 'The cursor behind which to go on.' }),
  };
}

/** What a list costs: its rows. */
export function listCost(args: { first?: number | null | undefined }) {
  return { field: 1, multiplier: Math.min(Math.max(args.first ?? 50, 1), 200) };
}

/** How often a quota starts anew. */
export const QuotaWindow = builder.enumType('QuotaWindow', {
  description: 'How often a limit starts anew.',
  values: {
    FIVE_HOURS: { description: 'Every five hours, counted in UTC.' }, DAY: { description: 'Every day at midnight in the time zone.' },
    WEEK: { description: 'Every Monday at midnight in the time zone.' }, MONTH: { description: 'Every first day of a month in the time zone.' }, TOTAL: { description: 'Never: it counts for ever.' },
  },
});

/** A limit with its window. */
export const BudgetInput = builder.inputType('BudgetInput', {
  description: 'A limit with its window.',
  fields: (t) => ({
    limit: t.field({ type: 'Decimal', required: true, description: 'Dollars that may be spent in one window.' }),
    window: t.field({ type: QuotaWindow, required: true, description: 'How often the limit starts anew.' }),
    timeZone: t.string({ description: 'Whose midnight counts, such as "Europe/Berlin"; UTC when left out.' }),
  }),
});

/** One environment variable. */
export const EnvVar = builder.objectRef<{ name: string; value: string }>('EnvVar').implement({
  description: 'One environment variable.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Its name.' }), value: t.exposeString('value', { description: 'Its value.' }) }),
});

/** A public face of whatever is on or off. */
export const SwitchStatus = builder.enumType('SwitchStatus', { description: 'Whether it counts at the moment.', values: ['ACTIVE', 'PAUSED'] as const });
