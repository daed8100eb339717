// Pure. How hard one history is: which faults happen in it, and how often.
import type { Chance } from './chance.ts';

/** The faults of one history, as shares of messages or as chances of a step. */
export interface Weather {
  nodes: number; keys: number; steps: number; limit: number;
  loss: number; repeats: number; delays: number; longDelays: number;
  crash: number; diskLoss: number; diskDamage: number; pause: number; partition: number; outage: number; clockJump: number;
  restore: number; limitChange: number; revoke: number; lies: number; windowMs: number | undefined; excess: number;
  /** The share of requests that need an upstream's purse beside their key's. */
  upstreams: number;
  /** Owners let requests go on uncovered while the control plane cannot be reached. */
  servesOn: boolean;
  /** Nodes lend each other parts of their slices. */
  lends: boolean;
  /** What carries their words is away for a while. */
  messengerAway: number;
}

/** Most histories have some faults, few have all; a restore is rare, since it excuses what no protocol can keep. After one the ledger believes what nodes say of leases it forgot: there are no liars then. */
export function rollWeather(chance: Chance): Weather {
  const often = (share: number, most: number) => (chance.hits(share) ? chance.roll() * most : 0);
  const restore = often(0.15, 0.02);
  // Nodes lend to each other when nobody else can be asked, and when they have something to spare.
  const lends = chance.hits(0.6);
  const ample = lends && chance.hits(0.5) ? 8 : 1;
  return {
    nodes: chance.hits(0.1) ? 5 + chance.pick(4) : 1 + chance.pick(4), keys: 1 + chance.pick(3), steps: 80 + chance.pick(160), limit: ample * (100 + chance.pick(chance.hits(0.7) ? 700 : 4_000)),
    loss: often(0.7, 0.3), repeats: often(0.6, 0.2), delays: often(0.8, 0.5), longDelays: often(0.4, 0.1),
    crash: often(0.7, 0.06), diskLoss: often(0.15, 0.3), diskDamage: often(0.15, 0.4), pause: often(0.5, 0.03), partition: often(0.5, 0.04), outage: lends ? often(0.8, 0.08) : often(0.4, 0.03), clockJump: often(0.3, 0.03),
    restore, limitChange: often(0.25, 0.02), revoke: often(0.15, 0.01), lies: restore > 0 ? 0 : often(0.2, 0.05), windowMs: chance.hits(0.4) ? 5_000 + chance.pick(60_000) : undefined, excess: often(0.4, 0.2), upstreams: often(0.5, 0.8), servesOn: chance.hits(0.3),
    lends, messengerAway: often(0.3, 0.03),
  };
}

/** The share of histories in which the database forgets is set here alone, so that a rule can be tried with and without. */
export function withoutRestores(weather: Weather): Weather {
  return { ...weather, restore: 0 };
}
