import { Fault } from '@fairlead/shared/faults/fault.ts';
import { anyModelFits } from '@fairlead/shared/plan/match.ts';
import type { Ask } from '../journey/ask.ts';
import type { Principal } from '../journey/principal.ts';
import type { Taken } from '../journey/standing.ts';
import type { RoutingTable } from '../snapshot/table.ts';
import { levelsOf } from './levels.ts';
import { takePace } from './pace.ts';
import type { Pacing } from './pace.ts';

/** Whether the key may ask for this at all, and its pace of requests; throws the refusal. Cheapest checks first, nothing is held yet. */
export function checkRights(at: { principal: Principal; ask: Ask; table: RoutingTable }, parts: Pacing): undefined | Promise<Taken | undefined> {
  const { principal, ask, table } = at;
  const { key } = principal;
  const tenant = table.tenants.get(principal.tenant);
  if (tenant?.status === 'SUSPENDED') throw new Fault('tenant.suspended', { detail: principal.tenant });
  const wanted = ask.wants ?? ask.model;
  if (key.models && !anyModelFits(key.models, wanted)) throw notAllowed(wanted, 'It', key.models);
  if (tenant?.models && !anyModelFits(tenant.models, wanted)) throw notAllowed(wanted, 'The account', tenant.models);
  if (key.clients && !anyModelFits(key.clients, ask.client ?? 'unknown')) {
    throw new Fault('client.not-allowed', { detail: ask.client ?? 'no user agent', hint: `It may be used with: ${key.clients.slice(0, 8).join(', ')}.` });
  }
  if (!ask.metered || (key.requestsPerMinute === undefined && tenant?.requestsPerMinute === undefined)) return undefined;
  return takePace('requests', 1, levelsOf(principal, table), parts);
}

function notAllowed(wanted: string, who: string, models: readonly string[]): Fault {
  return new Fault('model.not-allowed', { detail: wanted, hint: `${who} may use: ${models.slice(0, 8).join(', ')}.` });
}
