import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { Grant, Reservation } from '../journey/account.ts';
import type { Ask } from '../journey/ask.ts';
import type { Plan } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import { holdKeyPurses } from './key-purses.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** What holding a budget looks at. */
export interface Spending { principal: Principal; ask: Ask; plan: Plan; signal: Signal }

/** Holds the dearest candidate's upper bound in every unit in which a quota binds the key, or in none. */
export function holdBudget(at: Spending, leases: LeaseKeeper): Grant | Promise<Grant> {
  const { key } = at.principal;
  if (!at.ask.metered) return freeGrant;
  return key.purses === undefined ? holdDollars(at, leases) : holdAll(at, key.purses, leases);
}

async function holdAll(at: Spending, units: readonly QuotaUnit[], leases: LeaseKeeper): Promise<Grant> {
  const dollars = await holdDollars(at, leases);
  try {
    const purses = await holdKeyPurses({ key: at.principal.key, units, candidates: at.plan.candidates, signal: at.signal }, leases);
    return {
      reserve: (amountNano) => dollars.reserve(amountNano),
      draw: purses.draw,
      close() {
        dollars.close();
        purses.close();
      },
    };
  } catch (cause) {
    dollars.close();
    throw cause;
  }
}

function holdDollars(at: Spending, leases: LeaseKeeper): Grant | Promise<Grant> {
  const { key } = at.principal;
  if (!key.leased) return freeGrant;
  let dearest = 0n;
  for (const { reserveNano } of at.plan.candidates) if (reserveNano > dearest) dearest = reserveNano;
  if (dearest === 0n) return freeGrant; // nothing it may use has a price above nothing: there is nothing to hold
  const reserve = (amountNano: bigint) => leases.reserve(key.id, amountNano, at.signal, 'USD', key.goesOn?.includes('USD'));
  const first = reserve(dearest);
  return first instanceof Promise ? first.then((held) => grantOf(held, reserve)) : grantOf(first, reserve);
}

function grantOf(first: Reservation, reserve: Grant['reserve']): Grant {
  let held: Reservation | undefined = first;
  return {
    reserve(amountNano) {
      const mine = held;
      held = undefined;
      if (mine && (mine.amountNano >= amountNano || mine.uncovered)) return mine;
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
