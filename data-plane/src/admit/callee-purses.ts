// The budgets of upstreams and credentials: leases of their own, drawn on by each call whatever key pays for it.
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { purseName } from '@fairlead/shared/lease/purse.ts';
import type { QuotaUnit } from '@fairlead/shared/lease/purse.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Signal } from '@fairlead/shared/time/stop.ts';
import type { CalleePurses, Drawable } from '../journey/account.ts';
import type { Candidate } from '../journey/candidate.ts';
import { allOrNone, drawableOf, needOf } from './key-purses.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** A refusal, so that not every request asks again before it goes on to the next upstream. */
interface Refusal { amount: bigint; untilMs: number; fault: Fault }

interface Holder { id: string; purses?: QuotaUnit[]; goesOn?: QuotaUnit[] }

/** How long a refusal is believed: a limit that is raised counts after this. */
const believedMs = 1_000;
const refusalsMost = 1_000;

/** Purses of upstreams and credentials. */
export function createCalleePurses({ leases, clock }: { leases: LeaseKeeper; clock: Clock }): CalleePurses {
  const refusals = new Map<string, Refusal>();

  const refused = (purse: string, amount: bigint): Fault | undefined => {
    const known = refusals.get(purse);
    if (known === undefined) return undefined;
    const leftMs = known.untilMs - clock.now();
    // A clock that was set back must not make a refusal last.
    if (leftMs > 0 && leftMs <= believedMs) return amount >= known.amount ? known.fault : undefined;
    refusals.delete(purse);
    return undefined;
  };

  const take = async (candidate: Candidate, { id: holderId, goesOn }: Holder, unit: QuotaUnit, signal: Signal): Promise<Drawable | undefined> => {
    if (unit === 'USD' && candidate.price === undefined) throw new Fault('upstream.over-quota', { detail: `${candidate.model} has no price, so its budget cannot cover it` });
    const amount = needOf(candidate, unit);
    if (amount === 0n) return undefined;
    const purse = purseName(holderId, unit);
    const known = refused(purse, amount);
    if (known) throw known;
    try {
      return drawableOf(unit, amount, await leases.reserve(holderId, amount, signal, unit, goesOn?.includes(unit)));
    } catch (cause) {
      if (!(cause instanceof Fault) || (cause.code !== 'quota.spent' && cause.code !== 'quota.unavailable')) throw cause;
      const fault = overQuota(cause, holderId === candidate.upstream.id ? 'its' : 'its credential\'s', unit);
      if (refusals.size >= refusalsMost) refusals.clear();
      refusals.set(purse, { amount, untilMs: clock.now() + believedMs, fault });
      throw fault;
    }
  };

  return {
    draw(candidate, signal) {
      const { upstream, credential } = candidate;
      const wanted = [upstream, credential].flatMap((holder: Holder) => (holder.purses ?? []).map((unit) => ({ holder, unit })));
      return allOrNone(wanted, ({ holder, unit }) => take(candidate, holder, unit, signal));
    },
  };
}

const counted: Record<QuotaUnit, string> = { USD: 'dollars', TOKENS: 'tokens', REQUESTS: 'requests' };

function overQuota(cause: Fault, whose: string, unit: QuotaUnit): Fault {
  const said = cause.code === 'quota.spent' ? `${whose} budget of ${counted[unit]} has too little left` : `${whose} budget of ${counted[unit]} cannot be asked for now`;
  return new Fault('upstream.over-quota', { detail: said, cause, ...(cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }) });
}
