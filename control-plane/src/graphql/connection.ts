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

/** What the rows of a page are read with, and how many of them are wanted. */
export function pageQuery(page: Page, context: Context, info: GraphQLResolveInfo): { query: Omit<PageQuery, 'take'>; first: number } {
  return { query: { ...queryFromInfo({ context, info, select: { id: true }, paths: [['nodes'], ['edges', 'node']] }), orderBy: { id: 'desc' } }, first: sizeOf(page.first) };
}

/** A page of a list: its rows, whether there are more, and behind what to go on where that is not the last row. */
export function pageWith(nodes: { id: string }[], more: boolean, end = nodes.at(-1)?.id ?? null) {
  return {
    edges: nodes.map((node) => ({ cursor: node.id, node })),
    pageInfo: { hasNextPage: more, hasPreviousPage: false, startCursor: nodes[0]?.id ?? null, endCursor: end },
  };
}

/** Reads one page with all that is asked below it; `read` says which rows are the viewer's. */
export async function pageOf(page: Page, context: Context, info: GraphQLResolveInfo, read: (query: PageQuery, after: { id?: { lt: string } }) => Promise<{ id: string }[]>) {
  const { query, first } = pageQuery(page, context, info);
  const rows = await read({ ...query, take: first + 1 }, page.after ? { id: { lt: page.after } } : {});
  return pageWith(rows.slice(0, first), rows.length > first);
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
