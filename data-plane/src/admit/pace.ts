import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Standing } from '@fairlead/shared/faults/standing.ts';
import type { Clock } from '@fairlead/shared/time/clock.ts';
import type { Taken } from '../journey/standing.ts';
import type { Counters, Paced } from '../stores/stores.ts';
import type { Level } from './levels.ts';

/** What is counted by the minute. */
export type PaceKind = 'requests' | 'tokens';

/** What pacing needs of the node. */
export interface Pacing { counters: Counters; clock: Clock }

/** What was taken at one level, and how long until the whole of it is free, as known at a time. */
interface Share { name: string; limit: number; taken: number; paced: Paced; wholeInMs: number; atMs: number }

const windowMs = 60_000;

/** Takes an amount at every level that has a pace, or nothing at all; nothing is answered when none has. Throws `pace.exceeded`. */
export async function takePace(kind: PaceKind, amount: number, levels: readonly Level[], parts: Pacing): Promise<Taken | undefined> {
  const shares: Share[] = [];
  for (const level of levels) {
    const limit = limitOf(kind, level);
    if (limit === undefined) continue;
    const name = `${kind === 'requests' ? 'rpm' : 'tpm'}:${level.id}`;
    const atMs = parts.clock.now();
    const asked = parts.counters.pace(name, limit, windowMs, atMs, amount);
    const paced = asked instanceof Promise ? await asked : asked;
    const refused = paced.waitMs > 0;
    const share: Share = { name, limit, taken: refused ? 0 : Math.min(amount, limit), paced, wholeInMs: paced.wholeInMs, atMs };
    if (refused) {
      for (const before of shares) correct(before, -before.taken, parts);
      throw exceeded(kind, amount, level, share);
    }
    shares.push(share);
  }
  return shares.length === 0 ? undefined : takenOf(shares, parts);
}

/** The limit of a level, if it has one. */
export function limitOf(kind: PaceKind, { limits }: Level): number | undefined {
  return kind === 'requests' ? limits.requestsPerMinute : limits.tokensPerMinute;
}

function takenOf(shares: Share[], parts: Pacing): Taken {
  return {
    standing(nowMs) {
      let least: Standing | undefined;
      for (const share of shares) {
        const standing = standingOf(share, nowMs);
        if (!least || standing.remaining < least.remaining) least = standing;
      }
      return least ?? { limit: 0, remaining: 0, wholeAtMs: nowMs };
    },
    settle(used) {
      for (const share of shares) {
        if (used !== share.taken) correct(share, used - share.taken, parts);
        share.taken = used;
      }
    },
  };
}

function correct(share: Share, more: number, { counters, clock }: Pacing): void {
  const nowMs = clock.now();
  counters.correct(share.name, share.limit, windowMs, nowMs, more, share.paced);
  share.wholeInMs = Math.max(0, wholeIn(share, nowMs) + (more * windowMs) / share.limit);
  share.atMs = nowMs;
}

/** Stores count in parts of a millisecond, and a step need not be a whole number of them. */
const roundingShare = 0.05;

function standingOf(share: Share, nowMs: number): Standing {
  const wholeInMs = wholeIn(share, nowMs);
  const free = ((windowMs - wholeInMs) * share.limit) / windowMs;
  return { limit: share.limit, remaining: Math.max(0, Math.min(share.limit, Math.floor(free + roundingShare))), wholeAtMs: nowMs + wholeInMs };
}

function wholeIn({ wholeInMs, atMs }: Share, nowMs: number): number {
  return Math.max(0, wholeInMs - Math.max(0, nowMs - atMs));
}

function exceeded(kind: PaceKind, amount: number, { whose, id }: Level, share: Share): Fault {
  const { limit, paced } = share;
  const hint = kind === 'requests'
    ? `The ${whose} may send ${limit} ${limit === 1 ? 'request' : 'requests'} a minute.`
    : `The ${whose} may use ${limit} tokens a minute, and this request may take up to ${amount}; what it does not use is given back.`;
  return new Fault('pace.exceeded', { detail: `${id}: ${limit} ${kind} a minute`, hint, retryAfterMs: paced.waitMs, paces: { [kind]: standingOf(share, share.atMs) } });
}
