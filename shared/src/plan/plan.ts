// Pure: the seed and the health are arguments. Used live by the node and by simulations.
import type { DialectName, SnapshotRoute, SnapshotUpstream } from '../snapshot/snapshot.ts';
import { anyModelFits } from './match.ts';

/** The facts of a request that routing needs. */
export interface RoutingAsk { model: string; dialect: DialectName; /** True when only an upstream of the same dialect can serve it. */ sameDialectOnly: boolean }

/** One way to serve a request: where, as which model, in which dialect. */
export interface Choice { upstream: SnapshotUpstream; model: string; dialect: DialectName; priority: number; weight: number; reason: string }

/** An upstream that was left out, and why. */
export interface LeftOut { upstream: SnapshotUpstream; reason: string }

/** Ordered choices with reasons, and what was left out. */
export interface RoutingPlan { route: SnapshotRoute | undefined; choices: Choice[]; leftOut: LeftOut[] }

/** What `planChoices` may use. `resting` says why an upstream should not be called now; `roll` is in [0, 1). */
export interface PlanInput {
  ask: RoutingAsk;
  tenant: string;
  routes: readonly SnapshotRoute[];
  upstreams: readonly SnapshotUpstream[];
  canConvert: (from: DialectName, to: DialectName) => boolean;
  resting: (upstream: SnapshotUpstream) => string | undefined;
  roll: () => number;
}

/**
 * match → filter → rank. The first route that fits decides the targets; without one every upstream that
 * serves the model is a candidate. Lower priority numbers first, weighted at random among equals;
 * upstreams that rest come last, not never: a tired upstream beats none.
 */
export function planChoices(input: PlanInput): RoutingPlan {
  const { ask, tenant } = input;
  const visible = input.upstreams.filter((upstream) => upstream.tenant === undefined || upstream.tenant === tenant);
  const route = input.routes.find((candidate) => (candidate.tenant === undefined || candidate.tenant === tenant) && (candidate.models.length === 0 || anyModelFits(candidate.models, ask.model)));
  const leftOut: LeftOut[] = [];
  const choices: Choice[] = [];
  const consider = (upstream: SnapshotUpstream, model: string | undefined, priority: number, weight: number, why: string) => {
    const found = fit(upstream, model ?? ask.model, ask, input.canConvert);
    if (typeof found === 'string') leftOut.push({ upstream, reason: found });
    else choices.push({ upstream, model: found.model, dialect: found.dialect, priority, weight, reason: why });
  };
  if (route) {
    for (const target of route.targets) {
      const upstream = visible.find((candidate) => candidate.id === target.upstream);
      if (upstream) consider(upstream, target.model, target.priority, target.weight, `route "${route.name}"`);
    }
  } else {
    for (const upstream of visible) consider(upstream, undefined, upstream.priority, upstream.weight, 'serves the model');
  }
  return { route, choices: rank(choices, input), leftOut };
}

function fit(upstream: SnapshotUpstream, model: string, ask: RoutingAsk, canConvert: PlanInput['canConvert']): { model: string; dialect: DialectName } | string {
  if (upstream.status !== 'ACTIVE') return 'paused';
  if (upstream.credentials.length === 0) return 'has no credential';
  const mapped = upstream.models === undefined ? model : upstream.models.find((row) => anyModelFits([row.model], model))?.upstreamModel;
  if (mapped === undefined) return `does not serve ${model}`;
  if (upstream.dialects.includes(ask.dialect)) return { model: mapped === '*' ? model : mapped, dialect: ask.dialect };
  if (ask.sameDialectOnly) return `does not speak ${ask.dialect}`;
  const dialect = upstream.dialects.find((name) => canConvert(ask.dialect, name));
  return dialect === undefined ? `cannot be spoken to from ${ask.dialect}` : { model: mapped === '*' ? model : mapped, dialect };
}

function rank(choices: Choice[], input: PlanInput): Choice[] {
  const rested = choices.map((choice) => {
    const rest = input.resting(choice.upstream);
    return { choice: rest === undefined ? choice : { ...choice, reason: `${choice.reason}; resting: ${rest}` }, rests: rest !== undefined };
  });
  const tiers = new Map<string, Choice[]>();
  for (const { choice, rests } of rested) {
    const tier = `${rests ? 1 : 0}|${String(choice.priority + 1_000_000).padStart(8, '0')}`;
    const list = tiers.get(tier);
    if (list) list.push(choice);
    else tiers.set(tier, [choice]);
  }
  return [...tiers.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, tier]) => shuffle(tier, input.roll));
}

/** A random order in which each place is drawn by weight. */
function shuffle(tier: Choice[], roll: () => number): Choice[] {
  if (tier.length < 2) return tier;
  const rest = [...tier];
  const order: Choice[] = [];
  while (rest.length > 0) {
    let mark = roll() * rest.reduce((sum, choice) => sum + Math.max(choice.weight, 0), 0);
    let at = rest.findIndex((choice) => (mark -= Math.max(choice.weight, 0)) < 0);
    if (at < 0) at = 0;
    order.push(...rest.splice(at, 1));
  }
  return order;
}
