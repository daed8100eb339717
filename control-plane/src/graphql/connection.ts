// Lists are read newest first by id: a cursor is an id, and a row that is gone does not disturb those behind it.
import type { ArgBuilder, ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import type { Context } from './context.ts';

/** Which part of a list is asked for. */
export interface Page { first?: number | null | undefined; after?: string | null | undefined }

/** What a list is read with: the columns and relations that are asked for, how many rows, and in which order. */
export interface PageQuery { select: { id: true }; take: number; orderBy: { id: 'desc' } }

const usual = 50;
const most = 200;
const sizeOf = (first: number | null | undefined) => Math.min(Math.max(first ?? usual, 1), most);

/** The connection type of a list, with edges and, more simply, nodes. */
export function connectionOf(name: string, type: ObjectRef<Extended, { id: string }>) {
  return builder.connectionObject(
    { type, name: `${name}Connection`, description: `A page of a list of ${name}, newest first.` },
    { name: `${name}Edge`, description: `One row of a list of ${name}.` },
  );
}

/** Reads one page with all that is asked below it; `read` says which rows are the viewer's. */
export async function pageOf(page: Page, context: Context, info: GraphQLResolveInfo, read: (query: PageQuery, after: { id?: { lt: string } }) => Promise<{ id: string }[]>) {
  const first = sizeOf(page.first);
  const query = queryFromInfo({ context, info, select: { id: true }, paths: [['nodes'], ['edges', 'node']] });
  const rows = await read({ ...query, take: first + 1, orderBy: { id: 'desc' } }, page.after ? { id: { lt: page.after } } : {});
  const nodes = rows.slice(0, first);
  return {
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    pageInfo: { hasNextPage: rows.length > first, hasPreviousPage: false, startCursor: nodes[0]?.id ?? null, endCursor: nodes.at(-1)?.id ?? null },
  };
}

/** The arguments of every list. */
export function pageArgs(arg: ArgBuilder<Extended>) {
  return {
    first: arg.int({ defaultValue: usual, description: `How many rows, at most ${most}.` }),
    after: arg.string({ description: 'The cursor behind which to go on.' }),
  };
}

/** What a list costs: its rows. */
export function listCost(args: { first?: number | null | undefined }) {
  return { field: 1, multiplier: sizeOf(args.first) };
}
