import { Fault } from '@fairlead/shared/faults/fault.ts';
import { anyModelFits } from '@fairlead/shared/plan/match.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Grant, Reservation } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Plan } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';
import type { Counters } from '../stores/stores.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** What admission needs of the node. */
export interface Admission { leases: LeaseKeeper; counters: Counters; clock: Clock }

/** Whether the key may ask for this at all; throws the refusal. Cheapest checks first, nothing is held yet. */
export async function checkRights(at: { principal: Principal; ask: Ask; table: RoutingTable }, parts: Admission): Promise<void> {
  const { key } = at.principal;
  if (at.table.tenants.get(at.principal.tenant)?.status === 'SUSPENDED') throw new Fault('tenant.suspended', { detail: at.principal.tenant });
  const wanted = at.ask.wants ?? at.ask.model;
  if (key.models && !anyModelFits(key.models, wanted)) {
    throw new Fault('model.not-allowed', { detail: wanted, hint: `It may use: ${key.models.slice(0, 8).join(', ')}.` });
  }
  if (key.requestsPerMinute !== undefined && at.ask.metered) {
    const wait = await parts.counters.pace(`rpm:${key.id}`, key.requestsPerMinute, 60_000, parts.clock.now());
    if (wait > 0) throw new Fault('pace.exceeded', { detail: `${key.requestsPerMinute} a minute`, retryAfterMs: wait });
  }
}

/** Holds the dearest candidate's upper bound for a key that a quota binds. */
export async function admit(at: { principal: Principal; ask: Ask; plan: Plan; signal: AbortSignal }, parts: Admission): Promise<Grant> {
  const { key } = at.principal;
  if (!key.leased || !at.ask.metered) return freeGrant;
  const dearest = at.plan.candidates.reduce((most, candidate) => (candidate.reserveNano > most ? candidate.reserveNano : most), 0n);
  if (dearest === 0n) return freeGrant; // nothing it may use has a price above nothing: there is nothing to hold
  let held: Reservation | undefined = await parts.leases.reserve(key.id, dearest, at.signal);
  return {
    async reserve(amountNano) {
      const first = held;
      held = undefined;
      if (first && first.amountNano >= amountNano) return first;
      first?.settle(0n, 0n);
      return parts.leases.reserve(key.id, amountNano, at.signal);
    },
    close() {
      held?.settle(0n, 0n);
      held = undefined;
    },
  };
}

/** For keys without a quota and calls that cost nothing. */
const freeGrant: Grant = {
  reserve: (amountNano) => Promise.resolve({ leaseId: undefined, amountNano, settle: () => undefined }),
  close: () => undefined,
};
