// Pure. Reads the JSON columns of upstreams and keys.
import { dialectNames, upstreamAuths } from '@fairlead/shared/snapshot/snapshot.ts';
import type { DialectName, UpstreamAuth } from '@fairlead/shared/snapshot/snapshot.ts';

/** The texts of a stored list; undefined when there is none. */
export function textList(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** The known dialects of a stored list. */
export function dialectsOf(value: unknown): DialectName[] {
  const names = textList(value) ?? [];
  return names.flatMap((name) => dialectNames.filter((dialect) => dialect === name));
}

/** The stored way to present a credential. */
export function authOf(value: string): UpstreamAuth {
  return upstreamAuths.find((auth) => auth === value) ?? 'BEARER';
}

/** The stored map from asked to sent model names; undefined = every name. */
export function modelMap(value: unknown): { model: string; upstreamModel: string }[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('model' in item) || typeof item.model !== 'string') return [];
    return [{ model: item.model, upstreamModel: 'upstreamModel' in item && typeof item.upstreamModel === 'string' ? item.upstreamModel : item.model }];
  });
}
