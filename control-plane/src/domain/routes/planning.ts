// What nodes plan with, read from the database: the same code decides here and there.
import type { Tx } from '@fairlead/prisma';
import type { Price } from '@fairlead/shared/money/charge.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { canConvert } from '@fairlead/shared/plan/convertible.ts';
import { viewOf } from '@fairlead/shared/plan/health-report.ts';
import type { HealthReport, UpstreamHealth } from '@fairlead/shared/plan/health-report.ts';
import { compileRoutes, planChoices } from '@fairlead/shared/plan/plan.ts';
import { compilePrices } from '@fairlead/shared/snapshot/price-book.ts';
import type { PlanPrincipal, RoutingPlan } from '@fairlead/shared/plan/plan.ts';
import { buildLists } from '../../snapshot/build.ts';
import type { MemberActor } from '../actor.ts';
import type { Checks, Unset } from '../check.ts';
import { readHealthReport } from '../nodes/health.ts';
import { draftedRoutes } from './draft.ts';
import type { RoutesDraft } from './draft.ts';

/** Plans requests as a node would with this state. */
export interface Planning {
  plan(at: { ask: AskFacts; principal: PlanPrincipal; needsPrice: boolean; nowMs: number; seed: string; health: HealthReport }): RoutingPlan;
  /** The price that counts now. */
  priceOf(model: string, upstreamId: string): Price | undefined;
  upstreamName(id: string): string | undefined;
}

/** Reads the state, with a draft of routes applied. */
export async function openPlanning(tx: Tx, checks: Checks, member: MemberActor, draft: RoutesDraft | Unset, nowMs: number): Promise<Planning> {
  const order = { id: 'asc' } as const;
  const tenants = await tx.tenant.findMany({ orderBy: order });
  const upstreams = await tx.upstream.findMany({ include: { credentials: { where: { status: 'ACTIVE' }, include: { balance: true }, orderBy: order } }, orderBy: order });
  const models = await tx.model.findMany({ orderBy: { name: 'asc' } });
  const priceRows = await tx.price.findMany({ where: { effectiveAt: { lte: new Date(nowMs) } }, orderBy: [{ effectiveAt: 'asc' }, { id: 'asc' }] });
  const multipliers = await tx.priceMultiplier.findMany({ orderBy: order });
  const quotas = await tx.quota.findMany({ where: { subjectKind: { in: ['UPSTREAM', 'CREDENTIAL'] } }, select: { subjectKind: true, subjectId: true, unit: true, whenUnreachable: true } });
  const routes = await draftedRoutes(tx, checks, member, draft, nowMs);
  checks.done();
  // Planning looks at which credentials there are, never at what they hold.
  const sealed = new Map(upstreams.flatMap((row) => row.credentials.map((one): [string, string] => [one.id, '-'])));
  const state = buildLists({ tenants, upstreams, models, prices: priceRows, routes, errorRules: [], quotas, multipliers, pausedPools: [], upstreamIds: new Set(upstreams.map(({ id }) => id)) }, sealed, nowMs);
  const compiled = compileRoutes(state.routes);
  const modelOf = new Map(state.models.map((row) => [row.name.toLowerCase(), row]));
  const tenantModels = new Map(state.tenants.map((row) => [row.id, row.models]));
  const prices = compilePrices(state.prices, state.multipliers);
  const names = new Map(upstreams.map((row) => [row.id, row.name]));
  return {
    priceOf: (model, upstreamId) => prices.priceOf(model, upstreamId, nowMs),
    upstreamName: (id) => names.get(id),
    plan: ({ health, ...at }) => planChoices({ ...at, tenantModels: tenantModels.get(at.principal.tenant), routes: compiled, upstreams: state.upstreams, modelOf: (model) => modelOf.get(model.toLowerCase()), priceOf: prices.priceOf, timesOf: prices.timesOf, health: viewOf(health), canConvert }),
  };
}

/** Nobody knows anything: every upstream is taken for well. */
export const noHealth: HealthReport = { upstreams: [], credentials: [] };

const liveWithinMs = 60_000;

/** What the live nodes said last, put together: the worst state counts, shares and times are weighed by calls. */
export async function latestHealth(tx: Tx, nowMs: number): Promise<HealthReport> {
  const nodes = await tx.fleetNode.findMany({ where: { status: 'ACTIVE', lastSeenAt: { gt: new Date(nowMs - liveWithinMs) } }, select: { health: true }, orderBy: { id: 'asc' } });
  return mergeHealth(nodes.flatMap((row) => readHealthReport(row.health) ?? []));
}

const badness = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;

/** Several nodes' reports as one. Pure. */
export function mergeHealth(reports: readonly HealthReport[]): HealthReport {
  const upstreams = Map.groupBy(reports.flatMap((report) => report.upstreams), (row) => `${row.upstream}|${row.model.toLowerCase()}`);
  const credentials = Map.groupBy(reports.flatMap((report) => report.credentials), (row) => row.credential);
  return {
    upstreams: [...upstreams.values()].flatMap((rows) => {
      const worst = rows.toSorted((a, b) => badness[b.state] - badness[a.state] || (b.untilMs ?? 0) - (a.untilMs ?? 0))[0];
      return worst ? [merged(worst, rows)] : [];
    }),
    credentials: [...credentials.values()].flatMap((rows) => {
      const longest = rows.toSorted((a, b) => (b.untilMs ?? 0) - (a.untilMs ?? 0))[0];
      const used = rows.flatMap((row) => row.usedShare ?? []);
      return longest ? [{ ...longest, inFlight: sum(rows, (row) => row.inFlight), ...(used.length > 0 ? { usedShare: Math.max(...used) } : {}) }] : [];
    }),
  };
}

function merged(worst: UpstreamHealth, rows: readonly UpstreamHealth[]): UpstreamHealth {
  const { ttftMs: _ttft, cacheHitShare: _share, ...rest } = worst;
  const ttftMs = weighed(rows, (row) => row.ttftMs);
  const cacheHitShare = weighed(rows, (row) => row.cacheHitShare);
  return {
    ...rest, calls: sum(rows, (row) => row.calls), inFlight: sum(rows, (row) => row.inFlight), failureShare: weighed(rows, (row) => row.failureShare) ?? 0,
    ...(ttftMs === undefined ? {} : { ttftMs: Math.round(ttftMs) }), ...(cacheHitShare === undefined ? {} : { cacheHitShare }),
  };
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function weighed(rows: readonly UpstreamHealth[], of: (row: UpstreamHealth) => number | undefined): number | undefined {
  const known = rows.flatMap((row) => { const value = of(row); return value === undefined ? [] : [{ value, weight: Math.max(row.calls, 1) }]; });
  return known.length === 0 ? undefined : sum(known, ({ value, weight }) => value * weight) / sum(known, ({ weight }) => weight);
}
