// Pure. How fast, how many at once and from where: what a key, or all keys of a tenant, may do.
import type { Checks, Unset } from '../check.ts';

/** Limits of a key and of a tenant alike: undefined = as it is, null = no limit. */
export interface PacesInput { requestsPerMinute?: number | Unset; tokensPerMinute?: number | Unset; concurrent?: number | Unset }

/** Limits of a key. */
export interface KeyLimitsInput extends PacesInput { maxOutputTokens?: number | Unset; sessions?: number | Unset; clients?: readonly string[] | Unset }

/** The columns that change; what was not given is absent. */
export interface PaceColumns { requestsPerMinute?: number | null; tokensPerMinute?: number | null; concurrent?: number | null }

/** The columns of a key that change; a list that is null takes the limit away. */
export interface KeyLimitColumns extends PaceColumns { maxOutputTokens?: number | null; sessions?: number | null }

/** What fits the column. */
const tokensMost = 2_000_000_000;

/** The checked paces. */
export function pacesOf(checks: Checks, input: PacesInput): PaceColumns {
  const data: PaceColumns = {};
  if (input.requestsPerMinute !== undefined) data.requestsPerMinute = checks.count(input.requestsPerMinute, ['requestsPerMinute'], 1, 1_000_000) ?? null;
  if (input.tokensPerMinute !== undefined) data.tokensPerMinute = checks.count(input.tokensPerMinute, ['tokensPerMinute'], 1, tokensMost) ?? null;
  if (input.concurrent !== undefined) data.concurrent = checks.count(input.concurrent, ['concurrent'], 1, 100_000) ?? null;
  return data;
}

/** The checked limits of a key but for its lists. */
export function keyLimitsOf(checks: Checks, input: KeyLimitsInput): KeyLimitColumns {
  const data: KeyLimitColumns = pacesOf(checks, input);
  if (input.maxOutputTokens !== undefined) data.maxOutputTokens = checks.count(input.maxOutputTokens, ['maxOutputTokens'], 1, 10_000_000) ?? null;
  if (input.sessions !== undefined) data.sessions = checks.count(input.sessions, ['sessions'], 1, 100_000) ?? null;
  return data;
}

/** Whether an input says anything of a key's limits. */
export function touchesLimits(input: KeyLimitsInput & { models?: unknown; expiresAt?: unknown }): boolean {
  return [input.requestsPerMinute, input.tokensPerMinute, input.concurrent, input.maxOutputTokens, input.sessions, input.clients, input.models, input.expiresAt].some((value) => value !== undefined);
}
