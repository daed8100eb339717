import { Fault } from '@fairlead/shared/faults/fault.ts';
import { anyModelFits } from '@fairlead/shared/plan/match.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
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
export function checkRights(at: { principal: Principal; ask: Ask; table: RoutingTable }, parts: Admission): void | Promise<void> {
  const { key } = at.principal;
  if (at.table.tenants.get(at.principal.tenant)?.status === 'SUSPENDED') throw new Fault('tenant.suspended', { detail: at.principal.tenant });
  const wanted = at.ask.wants ?? at.ask.model;
  if (key.models && !anyModelFits(key.models, wanted)) {
    throw new Fault('model.not-allowed', { detail: wanted, hint: `It may use: ${key.models.slice(0, 8).join(', ')}.` });
  }
  if (key.requestsPerMinute !== undefined && at.ask.metered) {
    const limit = key.requestsPerMinute;
    const wait = parts.counters.pace(`rpm:${key.id}`, limit, 60_000, parts.clock.now());
    return wait instanceof Promise ? wait.then((ms) => keepPace(ms, limit)) : keepPace(wait, limit);
  }
}

function keepPace(waitMs: number, limit: number): void {
  if (waitMs > 0) throw new Fault('pace.exceeded', { detail: `${limit} a minute`, retryAfterMs: waitMs });
}

/** Holds the dearest candidate's upper bound for a key that a quota binds. */
export function admit(at: { principal: Principal; ask: Ask; plan: Plan; signal: Signal }, parts: Admission): Grant | Promise<Grant> {
  const { key } = at.principal;
  if (!key.leased || !at.ask.metered) return freeGrant;
  let dearest = 0n;
  for (const { reserveNano } of at.plan.candidates) if (reserveNano > dearest) dearest = reserveNano;
  if (dearest === 0n) return freeGrant; // nothing it may use has a price above nothing: there is nothing to hold
  const reserve = (amountNano: bigint) => parts.leases.reserve(key.id, amountNano, at.signal);
  const first = reserve(dearest);
  return first instanceof Promise ? first.then((held) => grantOf(held, reserve)) : grantOf(first, reserve);
}

function grantOf(first: Reservation, reserve: Grant['reserve']): Grant {
  let held: Reservation | undefined = first;
  return {
    reserve(amountNano) {
      const mine = held;
      held = undefined;
      if (mine && mine.amountNano >= amountNano) return mine;
      mine?.settle(0n, 0n);
      return reserve(amountNano);
    },
    close() {
      held?.settle(0n, 0n);
      held = undefined;
    },
  };
}

/** For keys without a quota and calls that cost nothing. */
const freeGrant: Grant = {
  reserve: (amountNano) => ({ leaseId: undefined, amountNano, settle: () => undefined }),
  close: () => undefined,
};
