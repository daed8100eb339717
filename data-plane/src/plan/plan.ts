import { reservationOf } from '@fairlead/shared/money/reservation.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import type { HealthView } from '@fairlead/shared/plan/health-report.ts';
import { planChoices } from '@fairlead/shared/plan/plan.ts';
import type { Binding, PlanProblem } from '@fairlead/shared/plan/plan.ts';
import type { DialectName, SnapshotCredential, SnapshotKey, SnapshotUpstream } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Surveyed } from '../journey/ask.ts';
import type { Candidate, MadePlan } from '../journey/candidate.ts';
import type { Principal } from '../journey/principal.ts';
import type { RoutingTable } from '../snapshot/table.ts';

/** What planning may use besides the request and the table. */
export interface PlanParts {
  canConvert: (from: DialectName, to: DialectName) => boolean;
  health: HealthView;
  nowMs: number;
  /** What decides between equals: the exchange's id. */
  seed: string;
  /** Where the request's session was last served. */
  binding?: Binding | undefined;
}

/** What a model may say at most when nobody knows: enough for every model of today. */
const outputCapDefault = 32_000;
/** Bytes that an upstream may count beyond the body we were sent: rendering of roles, tools and our own edits. */
const renderingBytes = 1_024;
/** The window of a model of which nobody says how large it is. */
const windowDefault = 1_000_000;

/** Where it may go, the best first. Throws `model.unknown`, `model.not-allowed`, `count.unsupported` or `route.no-candidate`. */
export function planFor(at: { principal: Principal; ask: Surveyed; table: RoutingTable }, parts: PlanParts): MadePlan {
  const { ask, table, principal } = at;
  const modelOf = (name: string) => table.models.get(name.toLowerCase());
  const plan = planChoices({ ask: ask.facts, principal, tenantModels: table.tenants.get(principal.tenant)?.models, routes: table.routes, upstreams: table.upstreams, modelOf, priceOf: table.prices.priceOf, timesOf: table.prices.timesOf, needsPrice: principal.key.leased && ask.metered, ...parts });
  if (plan.problem) throw refusal(plan.problem, ask);
  const candidates: Candidate[] = [];
  for (const { credentials, ...choice } of plan.choices) {
    const model = modelOf(choice.model);
    const outputCap = Math.min(ask.maxOutputTokens ?? model?.maxOutputTokens ?? outputCapDefault, principal.key.maxOutputTokens ?? Infinity, model?.maxOutputTokens ?? Infinity);
    // What is fetched by the vendor can fill the whole window, whatever the body's size.
    const inputMost = ask.inputBytes + renderingBytes + (ask.reachesBeyond ? (model?.contextTokens ?? windowDefault) : 0);
    const outputMost = outputCap * ask.answers;
    const reserveNano = choice.price && ask.metered ? reservationOf({ input: inputMost, output: outputMost, writesCache: ask.writesCache, uses: ask.uses }, choice.price, { service: ask.service, times: choice.times }) : 0n;
    for (const { credential } of credentials) candidates.push({ ...choice, ...(plan.route?.strict === true ? { strict: true } : {}), credential, outputCap, reserveNano, tokensMost: inputMost + outputMost, bounded: isBounded(principal.key, choice.upstream, credential) });
  }
  if (candidates.length > 0) {
    const { route } = plan;
    const made: MadePlan = {
      route: route?.name, routeId: route?.id, candidates, leftOut: plan.leftOut, facts: ask.facts, seed: parts.seed, sticky: plan.sticky, passedOver: plan.passedOver.map((each) => ({ route: each.route.name, reason: each.reason })),
    };
    if (route?.hedgeAfterMs !== undefined) made.hedgeAfterMs = route.hedgeAfterMs;
    if (route?.replay === true || principal.key.replay === true) made.replay = true;
    return made;
  }
  const serving = plan.leftOut.filter((left) => !left.reason.startsWith('does not serve'));
  const detail = plan.leftOut.map((left) => `${left.upstream.name}: ${left.reason}`).join('; ').slice(0, 400);
  if (ask.does === 'count' && serving.length > 0) throw new Fault('count.unsupported', { detail });
  if (serving.length > 0) throw new Fault('route.no-candidate', { detail, hint: `${serving.slice(0, 4).map((left) => `${left.upstream.name}: ${left.reason}`).join('; ').slice(0, 300)}.` });
  throw new Fault('model.unknown', { detail, hint: `Asked for "${plan.wanted.model.slice(0, 80)}"; GET /v1/models lists what there is.` });
}

/** Whether the cap on output must be kept: the key has one, or somebody's budget counts on it. */
function isBounded(key: SnapshotKey, upstream: SnapshotUpstream, credential: SnapshotCredential): boolean {
  return key.leased || key.maxOutputTokens !== undefined || key.purses !== undefined || upstream.purses !== undefined || credential.purses !== undefined;
}

function refusal(problem: PlanProblem, ask: Surveyed): Fault {
  switch (problem.kind) {
    case 'unknown-upstream': return new Fault('model.unknown', { hint: problem.say });
    case 'upstream-cannot': return new Fault(ask.does === 'count' ? 'count.unsupported' : 'route.no-candidate', { hint: problem.say });
    case 'model-not-allowed': return new Fault('model.not-allowed', { hint: problem.say });
    case 'no-model': return new Fault('model.missing', { hint: problem.say });
  }
}
