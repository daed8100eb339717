// Pure. Reads the JSON columns of routes.
import { textList } from '../upstreams/stored.ts';

/** The model patterns of a stored rule; empty = every model. */
export function routeModels(value: unknown): string[] {
  return typeof value === 'object' && value !== null && 'models' in value ? textList(value.models) ?? [] : [];
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
