// Pure. What a node says of upstreams, as it is stored and read: the known fields only, with a bound on each.
import { isLoose, looseOf, numberOf, textOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { CredentialHealth, HealthReport, UpstreamHealth } from '@fairlead/shared/plan/health-report.ts';

/** The most rows of each kind that are kept of one node. */
export const mostHealthRows = 500;

const states = ['CLOSED', 'OPEN', 'HALF_OPEN'] as const;
// Beyond this no time is one.
const latestMs = 8_640_000_000_000_000;

/** A report that a node sent or that is stored; undefined when it is none. Rows without an id are passed over. */
export function readHealthReport(value: unknown): HealthReport | undefined {
  if (!isLoose(value)) return undefined;
  return {
    upstreams: looseOf(value.upstreams).slice(0, mostHealthRows).flatMap(upstreamOf),
    credentials: looseOf(value.credentials).slice(0, mostHealthRows).flatMap(credentialOf),
  };
}

function upstreamOf(row: Loose): UpstreamHealth[] {
  const upstream = textOf(row.upstream);
  const model = textOf(row.model);
  if (!upstream || upstream.length > 64 || !model || model.length > 200) return [];
  return [{
    upstream, model, state: states.find((known) => known === row.state) ?? 'CLOSED',
    failureShare: share(row.failureShare) ?? 0, calls: count(row.calls), inFlight: count(row.inFlight), ...rest(row),
    ...optional('ttftMs', within(row.ttftMs, 86_400_000)), ...optional('cacheHitShare', share(row.cacheHitShare)),
  }];
}

function credentialOf(row: Loose): CredentialHealth[] {
  const credential = textOf(row.credential);
  if (!credential || credential.length > 64) return [];
  return [{ credential, inFlight: count(row.inFlight), ...rest(row), ...optional('usedShare', share(row.usedShare)) }];
}

function rest(row: Loose): { why?: string; untilMs?: number } {
  return { ...optional('why', textOf(row.why)?.slice(0, 200)), ...optional('untilMs', within(row.untilMs, latestMs)) };
}

function optional<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  const made: { [Key in Name]?: Value } = {};
  if (value !== undefined) made[name] = value;
  return made;
}

function within(value: unknown, most: number): number | undefined {
  const number = numberOf(value);
  return number === undefined || number < 0 || number > most ? undefined : Math.round(number);
}

function share(value: unknown): number | undefined {
  const number = numberOf(value);
  return number === undefined ? undefined : Math.min(Math.max(number, 0), 1);
}

function count(value: unknown): number {
  return Math.min(within(value, Number.MAX_SAFE_INTEGER) ?? 0, 2_147_483_647);
}
