import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { Reading } from '@fairlead/shared/money/reading.ts';
import type { Grant } from '../journey/account.ts';
import type { Inbound } from '../journey/inbound.ts';
import type { Taken } from '../journey/standing.ts';
import type { RoutingTable } from '../snapshot/table.ts';
import { holdBudget } from './budget.ts';
import type { Spending } from './budget.ts';
import type { LeaseKeeper } from './lease-keeper.ts';
import { levelsOf } from './levels.ts';
import type { Level } from './levels.ts';
import { takePace } from './pace.ts';
import type { Pacing } from './pace.ts';

/** What admission needs of the node. */
export interface Admission extends Pacing {
  leases: LeaseKeeper;
  /** One name for all requests of a session. */
  sessionOf: (ask: Spending['ask'], json: Inbound['json']) => string;
}

/** What admission looks at. */
interface Asking extends Spending { table: RoutingTable; inbound: Pick<Inbound, 'json'> }

/** A grant with the tokens that were taken for it, where tokens are paced. */
export interface Admitted extends Grant { tokens?: Taken | undefined }

/** A session that is idle for this long does not count any more. */
const sessionIdleMs = 300_000;

/** Lets a request in where its key and tenant have room for it, and holds its budget. Throws why not; then nothing is held. */
export function admit(at: Asking, parts: Admission): Admitted | Promise<Admitted> {
  const { key } = at.principal;
  const tenant = at.table.tenants.get(at.principal.tenant);
  const limited = key.concurrent !== undefined || key.tokensPerMinute !== undefined || key.sessions !== undefined || tenant?.concurrent !== undefined || tenant?.tokensPerMinute !== undefined;
  return limited && at.ask.metered ? admitLimited(at, levelsOf(at.principal, at.table), parts) : holdBudget(at, parts.leases);
}

async function admitLimited(at: Asking, levels: readonly Level[], parts: Admission): Promise<Admitted> {
  // What was taken so far: all of it is given back when a later one refuses.
  const held: (() => void)[] = [];
  let tokens: Taken | undefined;
  try {
    await enterSession(at, parts, held);
    for (const level of levels) await takePlace(level, parts, held);
    tokens = await takePace('tokens', mostTokens(at), levels, parts);
    return limitedGrant(await holdBudget(at, parts.leases), tokens, held);
  } catch (cause) {
    tokens?.settle(0);
    for (const free of held) free();
    throw cause;
  }
}

async function enterSession({ principal: { key }, ask, inbound }: Asking, { counters, clock, sessionOf }: Admission, held: (() => void)[]): Promise<void> {
  if (key.sessions === undefined) return;
  const stay = await counters.enter(key.id, sessionOf(ask, inbound.json), key.sessions, sessionIdleMs, clock.now());
  if (!stay) throw new Fault('sessions.exceeded', { detail: `${key.id}: ${key.sessions} sessions`, hint: `It may have ${key.sessions}; those that are there go on. One ends when it has been idle for five minutes.` });
  held.push(() => stay.leave(clock.now()));
}

async function takePlace({ id, whose, limits: { concurrent } }: Level, { counters }: Admission, held: (() => void)[]): Promise<void> {
  if (concurrent === undefined) return;
  const place = await counters.hold(`at-once:${id}`, concurrent);
  if (!place) throw new Fault('concurrency.exceeded', { detail: `${id}: ${concurrent} at once`, hint: `The ${whose} may have ${concurrent} under way.`, retryAfterMs: 1_000 });
  held.push(() => place.free());
}

/** Text that has more tokens than half its bytes is rare, and what it has more is taken when it is known. */
const bytesPerToken = 2;

/** About the most that the request may use: what it sends, and the longest answer that it allows. */
function mostTokens({ ask, plan }: Asking): number {
  let output = 0;
  for (const { outputCap } of plan.candidates) if (outputCap > output) output = outputCap;
  return Math.ceil(ask.inputBytes / bytesPerToken) + output * ask.answers;
}

/** What counts against a pace in tokens. A prompt that is read from a cache is no work worth pacing. */
function countedTokens(reading: Reading): number {
  return reading.input + reading.cacheWrite5m + reading.cacheWrite1h + reading.output;
}

function limitedGrant(grant: Grant, tokens: Taken | undefined, held: readonly (() => void)[]): Admitted {
  let used = 0;
  let open = true;
  return {
    tokens,
    reserve: (amountNano) => grant.reserve(amountNano),
    draw: grant.draw,
    used(reading) {
      used += countedTokens(reading);
      // An attempt beside the one that served may end after it.
      if (!open) tokens?.settle(used);
    },
    close() {
      grant.close();
      if (!open) return;
      open = false;
      tokens?.settle(used);
      for (const free of held) free();
    },
  };
}
