import type { Paces } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';

/** Whose limits a request must fit: its key's, and its tenant's. */
export interface Level { id: string; whose: 'key' | 'account'; limits: Paces }

/** The levels of a request, the nearest first. */
export function levelsOf(principal: Principal, table: RoutingTable): Level[] {
  const tenant = table.tenants.get(principal.tenant);
  const key: Level = { id: principal.key.id, whose: 'key', limits: principal.key };
  return tenant ? [key, { id: tenant.id, whose: 'account', limits: tenant }] : [key];
}
