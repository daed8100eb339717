// Pure: seed, health and time are arguments. Used live by nodes and, with kept facts, by simulations.
//
// What decides, the first that speaks:
//   1. an upstream named in the model's name (`upstream,model`, `upstream/model`): that one alone, or a refusal
//   2. a sub-agent tag: the upstream it names alone, or all that serve the model it names; routes are not asked
//   3. routes by position: the first whose tenant, models, kind of work and condition fit decides alone
//   4. all that serve the model
// Among what is left: open breakers last, priority, what the route ranks by, chance by weight; and before all
// of them the upstream of the request's session.
import type { SnapshotRoute, SnapshotUpstream } from '../snapshot/snapshot.ts';
import type { CompiledRoute, LeftOut, PlanInput, PlanProblem, RoutingPlan } from './choice.ts';
import { isNamed, wantedOf } from './explicit.ts';
import type { Wanted } from './explicit.ts';
import { fit, needsOf } from './fit.ts';
import type { Fitting } from './fit.ts';
import { anyModelFits } from './match.ts';
import { nominate } from './nominate.ts';
import { rank } from './rank.ts';
import { compileRule, ruleScope } from './rule.ts';
import type { RuleScope } from './rule.ts';
import { isScenario } from './scenario.ts';

export type { Binding, Choice, CompiledRoute, LeftOut, PlanInput, PlannedChoice, PlanPrincipal, PlanProblem, RoutingPlan, Sticky } from './choice.ts';

/** Puts routes in order and makes their conditions ready; done once for a table. */
export function compileRoutes(routes: readonly SnapshotRoute[]): CompiledRoute[] {
  return [...routes].sort((a, b) => a.position - b.position || (a.id < b.id ? -1 : 1)).map((route) => ({ route, rule: route.when === undefined ? undefined : compileRule(route.when) }));
}

/** match → filter → rank → nominate, with the reason for every upstream considered. */
export function planChoices(input: PlanInput): RoutingPlan {
  const { principal } = input;
  const visible = input.upstreams.filter((upstream) => upstream.tenant === undefined || upstream.tenant === principal.tenant);
  const wanted = wantedOf(input.ask, visible);
  const leftOut: LeftOut[] = [];
  const passedOver: RoutingPlan['passedOver'] = [];
  const refused = (problem: PlanProblem): RoutingPlan => ({ wanted, route: undefined, choices: [], leftOut, passedOver, sticky: { seconds: 0, returns: 'STAY' }, problem });
  if (wanted.model === '') return refused({ kind: 'no-model', say: `After the upstream's name comes a model, as in "${(wanted.upstream ?? '').slice(0, 60)},claude-…".` });
  if (principal.key.models && !anyModelFits(principal.key.models, wanted.model)) return refused({ kind: 'model-not-allowed', say: `The key may use: ${principal.key.models.slice(0, 8).join(', ')}.` });
  if (input.tenantModels && !anyModelFits(input.tenantModels, wanted.model)) return refused({ kind: 'model-not-allowed', say: `The account may use: ${input.tenantModels.slice(0, 8).join(', ')}.` });

  const fitting: Fitting[] = [];
  const needs = needsOf(input);
  const consider = (upstream: SnapshotUpstream, model: string, priority: number, weight: number, why: string) => {
    const found = fit(upstream, model, { priority, weight, why, needs }, input);
    if (typeof found === 'string') leftOut.push({ upstream, reason: found });
    else fitting.push(found);
  };

  if (wanted.upstream !== undefined) {
    const name = wanted.upstream;
    const named = visible.filter((upstream) => isNamed(upstream, name));
    if (named.length === 0) return refused({ kind: 'unknown-upstream', say: `${by(wanted)} asks for the upstream "${name.slice(0, 60)}", and there is none. There ${namesOf(visible)}.` });
    // A tenant's own goes before the operator's of the same name.
    const own = named.filter((upstream) => upstream.tenant !== undefined);
    for (const upstream of own.length > 0 ? own : named) consider(upstream, wanted.model, upstream.priority, upstream.weight, `asked for by name in ${wanted.by ?? 'the request'}`);
    const ranked = rank(fitting, 'PRIORITY', input, leftOut);
    if (ranked.choices.length === 0) return refused({ kind: 'upstream-cannot', say: `${by(wanted)} asks for ${named[0]?.name ?? name} by name: ${leftOut.map(({ reason }) => reason).join('; ')}. ${serving(visible, wanted.model, input)}` });
    return { wanted, route: undefined, leftOut, passedOver, ...nominate(ranked, undefined, input) };
  }

  const route = wanted.by === undefined ? matchRoute(input, wanted, passedOver) : undefined;
  if (route) {
    for (const target of route.targets) {
      const upstream = visible.find((candidate) => candidate.id === target.upstream);
      if (upstream) consider(upstream, target.model ?? wanted.model, target.priority, target.weight, `route "${route.name}"`);
    }
  } else {
    for (const upstream of visible) consider(upstream, wanted.model, upstream.priority, upstream.weight, wanted.by === undefined ? 'serves the model' : `serves the model of ${wanted.by}`);
  }
  return { wanted, route, leftOut, passedOver, ...nominate(rank(fitting, route?.rank ?? 'PRIORITY', input, leftOut), route, input) };
}

function matchRoute(input: PlanInput, wanted: Wanted, passedOver: RoutingPlan['passedOver']): SnapshotRoute | undefined {
  let scope: RuleScope | undefined;
  for (const { route, rule } of input.routes) {
    if (route.tenant !== undefined && route.tenant !== input.principal.tenant) continue; // another tenant's does not exist
    const pass = (reason: string) => void passedOver.push({ route, reason });
    if (route.models.length > 0 && !anyModelFits(route.models, wanted.model)) { pass('is for other models'); continue; }
    if (route.scenario !== undefined && !isScenario(input.ask, route.scenario)) { pass(`is for ${route.scenario} only`); continue; }
    if (rule === undefined) return route;
    if ('problem' in rule) { pass(`its condition cannot be used: ${rule.problem}`); continue; }
    const verdict = rule.says((scope ??= ruleScope({ ...input.ask, model: wanted.model }, input.principal, input.nowMs)));
    if (verdict === true) return route;
    pass(verdict === false ? 'its condition does not hold' : `its condition could not be told: ${verdict.problem}`);
  }
  return undefined;
}

function by(wanted: Wanted): string {
  return wanted.by === 'the sub-agent tag' ? 'The sub-agent tag' : 'The model name';
}

function namesOf(upstreams: readonly SnapshotUpstream[]): string {
  const names = upstreams.filter(({ status }) => status === 'ACTIVE').map(({ name }) => name);
  return names.length === 0 ? 'are none yet' : names.length === 1 ? `is ${names[0] ?? ''}` : `are ${names.slice(0, 8).join(', ')}${names.length > 8 ? ' and others' : ''}`;
}

function serving(upstreams: readonly SnapshotUpstream[], model: string, input: PlanInput): string {
  const able = upstreams.filter((upstream) => typeof fit(upstream, model, { priority: 0, weight: 1, why: '', needs: needsOf(input) }, input) !== 'string');
  return able.length === 0 ? `No upstream can serve ${model.slice(0, 80)} now.` : `${model.slice(0, 80)} can be had from ${able.slice(0, 8).map(({ name }) => name).join(', ')}.`;
}
