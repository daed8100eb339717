// Loads what an id leads to where there is no foreign key for a relation: ids that outlive their row, and subjects of several kinds.
import { createContextCache } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from './context.ts';

/** Reads the rows that an id leads to; those that one field asks for on a whole page are read together. */
export type Gather<Row> = (context: Context, info: GraphQLResolveInfo, id: string | null) => Promise<Row[]>;

/** How rows are gathered: what is selected of them, the read, which says which of them are the viewer's, and the column that leads to them. */
export interface GatherOptions<Query, Row> {
  plan: (at: { context: Context; info: GraphQLResolveInfo }) => Query;
  read: (query: Query, ids: string[], context: Context) => Promise<Row[]>;
  by: (row: Row) => string;
}

/** Makes a reader of the row with an id; null when there is none. */
export function gatherById(read: GatherOptions<{ select: { id: true } }, { id: string }>['read']) {
  const gather = gatherBy({ plan: (at) => queryFromInfo({ ...at, select: { id: true } }), read, by: (row) => row.id });
  return async (context: Context, info: GraphQLResolveInfo, id: string | null) => (await gather(context, info, id))[0] ?? null;
}

/** Makes a Gather. It keeps nothing beyond the turn in which it was asked, so a later field of a mutation reads anew. */
export function gatherBy<Query, Row>({ plan, read, by }: GatherOptions<Query, Row>): Gather<Row> {
  const batches = createContextCache((_: Context) => new Map<string, { ids: Set<string>; rows: Promise<Map<string, Row[]>> }>());
  return async (context, info, id) => {
    if (id === null) return [];
    // Every row plans, though all plans are alike: that is how the fields below this row learn that what they need is loaded.
    const query = plan({ context, info });
    const open = batches(context);
    const place = placeOf(info);
    let batch = open.get(place);
    if (!batch) {
      const ids = new Set<string>();
      const rows = new Promise<void>((resolve) => { setImmediate(resolve); }).then(async () => {
        open.delete(place);
        return Map.groupBy(await read(query, [...ids], context), by);
      });
      batch = { ids, rows };
      open.set(place, batch);
    }
    batch.ids.add(id);
    return (await batch.rows).get(id) ?? [];
  };
}

/** The field's place in the answer without the numbers of rows: there all rows are asked for the same. */
function placeOf(info: GraphQLResolveInfo): string {
  const names: string[] = [];
  for (let step: GraphQLResolveInfo['path'] | undefined = info.path; step; step = step.prev) if (typeof step.key === 'string') names.push(step.key);
  return `${info.parentType.name} ${names.reverse().join('.')}`;
}
