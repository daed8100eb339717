// For tests: plans of small tables.
import type { SnapshotRoute, SnapshotUpstream } from '../snapshot/snapshot.ts';
import type { Price } from '../money/charge.ts';
import type { AskFacts } from './ask-facts.ts';
import { viewOf } from './health-report.ts';
import type { CredentialHealth, UpstreamHealth } from './health-report.ts';
import { compileRoutes, planChoices } from './plan.ts';
import type { PlanInput, RoutingPlan } from './plan.ts';

/** An upstream that serves everything in Anthropic's dialect. */
export function upstream(id: string, more: Partial<SnapshotUpstream> = {}): SnapshotUpstream {
  return { id, name: id, baseUrl: 'https://example.com', dialects: ['anthropic-messages'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [{ id: `crd_${id}`, version: 1, priority: 0, weight: 1, sealed: 'x' }], ...more };
}

/** A route that fits everything and leads nowhere yet. */
export function route(id: string, more: Partial<SnapshotRoute> = {}): SnapshotRoute {
  return { id, name: id, position: 1, models: [], targets: [], ...more };
}

/** A target of a route. */
export function to(upstream: string, more: Partial<SnapshotRoute['targets'][number]> = {}): SnapshotRoute['targets'][number] {
  return { upstream, priority: 0, weight: 1, ...more };
}

/** The facts of a small request. */
export function facts(more: Partial<AskFacts> = {}): AskFacts {
  return { model: 'claude-haiku-5-5', dialect: 'anthropic-messages', does: 'generate', stream: true, inputTokens: 1_000, tools: 0, images: false, thinking: false, webSearch: false, longContext: false, subagent: false, background: false, ...more };
}

/** A price in dollars per million tokens. */
export function price(input: number, output: number, cacheRead = input / 10): Price {
  const nano = (dollars: number) => BigInt(Math.round(dollars * 1e9));
  return { id: `prc_${input}`, inputNano: nano(input), outputNano: nano(output), cacheReadNano: nano(cacheRead), cacheWrite5mNano: nano(input * 1.25), cacheWrite1hNano: nano(input * 2) };
}

/** Health of a model at an upstream. */
export function health(upstream: string, more: Partial<UpstreamHealth> = {}): UpstreamHealth {
  return { upstream, model: 'claude-haiku-5-5', state: 'CLOSED', failureShare: 0, calls: 10, inFlight: 0, ...more };
}

/** What a test says of a plan; the rest is quiet. */
export interface PlanOf extends Partial<Omit<PlanInput, 'ask' | 'routes' | 'health'>> { ask?: Partial<AskFacts>; routes?: SnapshotRoute[]; health?: UpstreamHealth[]; credentials?: CredentialHealth[]; tenant?: string }

/** A plan. */
export function planOf({ ask, routes, health: upstreams, credentials, tenant, ...more }: PlanOf): RoutingPlan {
  return planChoices({
    ask: facts(ask), principal: { tenant: tenant ?? 'ten_1', key: { id: 'key_1' } }, upstreams: [], modelOf: () => undefined, priceOf: () => undefined, needsPrice: false,
    nowMs: 1_000_000, seed: 'exc_1', canConvert: () => false, routes: compileRoutes(routes ?? []), health: viewOf({ upstreams: upstreams ?? [], credentials: credentials ?? [] }), ...more,
  });
}

/** The upstreams of a plan in order. */
export function namesIn(plan: RoutingPlan): string[] {
  return plan.choices.map(({ upstream: { id } }) => id);
}
