// What a route may look like; used when it is saved and when a draft is tried.
import type { Tx } from '@fairlead/prisma';
import { rankings, returnPolicies, scenarios } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Checks, Unset } from '../check.ts';
import { isModelName } from '../check.ts';
import { checkRule } from './rule-check.ts';
import type { RouteMatch, RouteSettings } from './stored.ts';

/** One place a route leads to. */
export interface RouteTargetInput { upstreamId: string; model?: string | Unset; priority?: number | Unset; weight?: number | Unset }

/** What a route is made from or changed to; on a change undefined stays, and null takes an optional setting away. */
export interface RouteInput {
  name?: string | Unset; position?: number | Unset; models?: readonly string[] | Unset; targets?: readonly RouteTargetInput[] | Unset;
  scenario?: string | Unset; when?: string | Unset; rank?: string | Unset; hedgeAfterMs?: number | Unset; replay?: boolean | Unset; strict?: boolean | Unset; stickySeconds?: number | Unset; returns?: string | Unset;
  shared?: boolean | Unset; status?: 'ACTIVE' | 'PAUSED' | Unset;
}

/** One checked target as it is stored. */
export interface StoredTarget { [field: string]: string | number | undefined; upstreamId: string; model?: string; priority: number; weight: number }

/** What of a route was given, checked. */
export interface CheckedRoute { name?: string; position?: number; match?: RouteMatch; settings?: RouteSettings; targets?: StoredTarget[]; status?: string }

/** Checks what was given of a route that stands at `before`; problems are said in `checks`. */
export async function checkRoute(tx: Tx, checks: Checks, input: RouteInput, tenantId: string | null, before: { match: RouteMatch; settings: RouteSettings }, at: string[] = []): Promise<CheckedRoute> {
  const data: CheckedRoute = {};
  if (input.name !== undefined && input.name !== null) data.name = checks.name(input.name, [...at, 'name']);
  const position = checks.count(input.position, [...at, 'position'], 0, 1_000_000);
  if (position !== undefined) data.position = position;
  if (input.status) data.status = input.status;
  const match = matchOf(checks, input, before.match, at);
  if (match) data.match = match;
  const settings = settingsOf(checks, input, before.settings, at);
  if (settings) data.settings = settings;
  if (input.targets) data.targets = await targetsOf(tx, checks, input.targets, tenantId, at);
  return data;
}

function matchOf(checks: Checks, input: RouteInput, before: RouteMatch, at: string[]): RouteMatch | undefined {
  const models = checks.models(input.models, [...at, 'models']);
  if (models === undefined && input.scenario === undefined && input.when === undefined) return undefined;
  const scenario = input.scenario === undefined ? before.scenario : known(checks, scenarios, input.scenario, [...at, 'scenario']);
  const when = input.when === undefined ? before.when : input.when === null ? undefined : checkRule(checks, input.when, [...at, 'when']);
  return { models: models ?? before.models, ...(scenario ? { scenario } : {}), ...(when ? { when } : {}) };
}

function settingsOf(checks: Checks, input: RouteInput, before: RouteSettings, at: string[]): RouteSettings | undefined {
  if ([input.rank, input.hedgeAfterMs, input.replay, input.strict, input.stickySeconds, input.returns].every((part) => part === undefined)) return undefined;
  const rank = input.rank === undefined ? before.rank : known(checks, rankings, input.rank, [...at, 'rank']);
  const returns = input.returns === undefined ? before.returns : known(checks, returnPolicies, input.returns, [...at, 'returns']);
  const hedgeAfterMs = input.hedgeAfterMs === undefined ? before.hedgeAfterMs : checks.count(input.hedgeAfterMs, [...at, 'hedgeAfterMs'], 100, 600_000);
  const stickySeconds = input.stickySeconds === undefined ? before.stickySeconds : checks.count(input.stickySeconds, [...at, 'stickySeconds'], 0, 86_400);
  const strict = input.strict === undefined ? before.strict : input.strict ?? undefined;
  const replay = input.replay === undefined ? before.replay : input.replay ?? undefined;
  return {
    ...(rank ? { rank } : {}), ...(returns ? { returns } : {}), ...(hedgeAfterMs === undefined ? {} : { hedgeAfterMs }),
    ...(stickySeconds === undefined ? {} : { stickySeconds }), ...(replay === undefined ? {} : { replay }), ...(strict === undefined ? {} : { strict }),
  };
}

async function targetsOf(tx: Tx, checks: Checks, given: readonly RouteTargetInput[], tenantId: string | null, at: string[]): Promise<StoredTarget[]> {
  if (given.length === 0) checks.say([...at, 'targets'], 'INVALID', 'It must lead to at least one upstream.');
  if (given.length > 50) checks.say([...at, 'targets'], 'TOO_LONG', 'It must have at most 50 targets.');
  const targets = given.slice(0, 50);
  // A tenant's route leads to its own upstreams and the operator's; the operator's route to the operator's only.
  const rows = await tx.upstream.findMany({ where: { id: { in: targets.map((target) => target.upstreamId) }, OR: [{ tenantId: null }, ...(tenantId === null ? [] : [{ tenantId }])] }, select: { id: true } });
  const ids = new Set(rows.map((row) => row.id));
  return targets.map((target, index) => {
    const path = [...at, 'targets', String(index)];
    if (!ids.has(target.upstreamId)) checks.say([...path, 'upstreamId'], 'NOT_FOUND', 'There is no such upstream.');
    if (target.model && (!isModelName(target.model) || target.model.includes('*'))) checks.say([...path, 'model'], 'INVALID', 'It must be the whole name of a model.');
    return {
      upstreamId: target.upstreamId, ...(target.model ? { model: target.model } : {}),
      priority: checks.count(target.priority, [...path, 'priority'], -1_000_000, 1_000_000) ?? 0, weight: checks.count(target.weight, [...path, 'weight'], 1, 10_000) ?? 1,
    };
  });
}

function known<Name extends string>(checks: Checks, among: readonly Name[], value: string | null, path: string[]): Name | undefined {
  const found = among.find((name) => name === value);
  if (value !== null && found === undefined) checks.say(path, 'INVALID', `It must be one of ${among.join(', ')}.`);
  return found;
}
