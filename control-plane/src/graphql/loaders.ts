import type { Campaign, FleetNode, Key, Member, Model, Pool, Price, Tenant, Upstream } from '@fairlead/prisma';
import type { Domain } from '../domain/domain.ts';

/** Reads rows by id, those of one tick together. */
export type Load<T> = (id: string | null) => Promise<T | null>;

/** The loaders of one operation. They judge nothing: who asks has checked what may be seen. */
export interface Loaders { tenant: Load<Tenant>; member: Load<Member>; key: Load<Key>; campaign: Load<Campaign>; pool: Load<Pool>; upstream: Load<Upstream>; fleetNode: Load<FleetNode>; model: Load<Model>; price: Load<Price> }

/** Makes the loaders of one operation. */
export function createLoaders({ db: { client } }: Domain): Loaders {
  return {
    tenant: batched((ids) => client.tenant.findMany({ where: { id: { in: ids } } })),
    member: batched((ids) => client.member.findMany({ where: { id: { in: ids } } })),
    key: batched((ids) => client.key.findMany({ where: { id: { in: ids } } })),
    campaign: batched((ids) => client.campaign.findMany({ where: { id: { in: ids } } })),
    pool: batched((ids) => client.pool.findMany({ where: { id: { in: ids } } })),
    upstream: batched((ids) => client.upstream.findMany({ where: { id: { in: ids } } })),
    fleetNode: batched((ids) => client.fleetNode.findMany({ where: { id: { in: ids } } })),
    model: batched((ids) => client.model.findMany({ where: { id: { in: ids } } })),
    price: batched((ids) => client.price.findMany({ where: { id: { in: ids } } })),
  };
}

function batched<T extends { id: string }>(read: (ids: string[]) => Promise<T[]>): Load<T> {
  const known = new Map<string, Promise<T | null>>();
  let batch: { ids: string[]; rows: Promise<Map<string, T>> } | undefined;
  return (id) => {
    if (id === null) return Promise.resolve(null);
    const found = known.get(id);
    if (found) return found;
    if (!batch) {
      const ids: string[] = [];
      const rows = new Promise<void>((resolve) => { setImmediate(resolve); }).then(async () => {
        batch = undefined;
        return new Map((await read(ids)).map((row) => [row.id, row]));
      });
      batch = { ids, rows };
    }
    batch.ids.push(id);
    const row = batch.rows.then((rows) => rows.get(id) ?? null);
    known.set(id, row);
    return row;
  };
}
