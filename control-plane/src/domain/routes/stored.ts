// Pure. Reads the JSON columns of routes.
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { rankings, returnPolicies, scenarios } from '@fairlead/shared/snapshot/snapshot.ts';
import type { SnapshotRoute } from '@fairlead/shared/snapshot/snapshot.ts';
import { textList } from '../upstreams/stored.ts';

/** For which requests a stored rule counts; no models = every model. */
export type RouteMatch = Pick<SnapshotRoute, 'models' | 'scenario' | 'when'>;

/** How a stored rule treats its requests. */
export type RouteSettings = Pick<SnapshotRoute, 'rank' | 'hedgeAfterMs' | 'replay' | 'strict' | 'stickySeconds' | 'returns'>;

/** The stored condition of a route. */
export function routeMatch(value: unknown): RouteMatch {
  if (!isLoose(value)) return { models: [] };
  const scenario = scenarios.find((known) => known === value.scenario);
  return {
    models: textList(value.models) ?? [],
    ...(scenario ? { scenario } : {}),
    ...(typeof value.when === 'string' && value.when !== '' ? { when: value.when } : {}),
  };
}

/** The stored settings of a route. */
export function routeSettings(value: unknown): RouteSettings {
  if (!isLoose(value)) return {};
  const rank = rankings.find((known) => known === value.rank);
  const returns = returnPolicies.find((known) => known === value.returns);
  const whole = (found: unknown): found is number => typeof found === 'number' && Number.isSafeInteger(found) && found >= 0;
  return {
    ...(rank ? { rank } : {}),
    ...(whole(value.hedgeAfterMs) ? { hedgeAfterMs: value.hedgeAfterMs } : {}),
    ...(typeof value.replay === 'boolean' ? { replay: value.replay } : {}),
    ...(typeof value.strict === 'boolean' ? { strict: value.strict } : {}),
    ...(whole(value.stickySeconds) ? { stickySeconds: value.stickySeconds } : {}),
    ...(returns ? { returns } : {}),
  };
}

/** The stored targets of a route. */
export function routeTargets(value: unknown): { upstreamId: string; model?: string; priority: number; weight: number }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('upstreamId' in item) || typeof item.upstreamId !== 'string') return [];
    const number = (found: unknown, otherwise: number) => (typeof found === 'number' && Number.isSafeInteger(found) ? found : otherwise);
    return [{
      upstreamId: item.upstreamId,
      ...('model' in item && typeof item.model === 'string' ? { model: item.model } : {}),
      priority: number('priority' in item ? item.priority : undefined, 0), weight: number('weight' in item ? item.weight : undefined, 1),
    }];
  });
}
