// Pure. What a charge was made from besides tokens and the price, as the ledger keeps it.
import type { UsageEvent as EventRow } from '@fairlead/prisma';
import { isServiceName } from '@fairlead/shared/money/price.ts';
import type { Times } from '@fairlead/shared/money/price.ts';
import { unitKinds } from '@fairlead/shared/money/reading.ts';
import type { Reading, UnitKind } from '@fairlead/shared/money/reading.ts';
import { isMillionths } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { UsageEvent } from '@fairlead/shared/usage/event.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';

/** The part of a usage event that is kept as one column. */
export type ChargeTerms = Pick<UsageEvent, 'units' | 'serviceAsked' | 'service' | 'fromTokens' | 'times'>;

/** The terms as they are stored; undefined when there is nothing to say. */
export function storedTerms({ units, serviceAsked, service, fromTokens, times }: ChargeTerms): Record<string, unknown> | undefined {
  const terms = { ...(units && { units }), ...(serviceAsked !== undefined && { serviceAsked }), ...(service !== undefined && { service }), ...(fromTokens !== undefined && { fromTokens }), ...(times && { times }) };
  return Object.keys(terms).length === 0 ? undefined : terms;
}

/** The terms in a stored column; an event of before they were kept has none. */
export function readTerms(value: unknown): ChargeTerms {
  if (!isLoose(value)) return {};
  const units: Partial<Record<UnitKind, number>> = {};
  for (const kind of unitKinds) {
    const count = isLoose(value.units) ? value.units[kind] : undefined;
    if (typeof count === 'number' && Number.isSafeInteger(count) && count > 0) units[kind] = count;
  }
  const times: Times = {};
  for (const whose of ['upstream', 'tenant', 'key'] as const) {
    const millionths = isLoose(value.times) ? value.times[whose] : undefined;
    if (isMillionths(millionths)) times[whose] = millionths;
  }
  return {
    ...(Object.keys(units).length > 0 && { units }), ...(Object.keys(times).length > 0 && { times }),
    ...(typeof value.serviceAsked === 'string' && isServiceName(value.serviceAsked) && { serviceAsked: value.serviceAsked }),
    ...(typeof value.service === 'string' && isServiceName(value.service) && { service: value.service }),
    ...(typeof value.fromTokens === 'number' && Number.isSafeInteger(value.fromTokens) && { fromTokens: value.fromTokens }),
  };
}

/** The columns of an event that a charge is made from. */
export type ChargedColumns = Pick<EventRow, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWrite5mTokens' | 'cacheWrite1hTokens' | 'reasoningTokens'>;

/** What was read of an event's use. */
export function readingOf(row: ChargedColumns, terms: ChargeTerms): Reading {
  return {
    input: Number(row.inputTokens), output: Number(row.outputTokens), cacheRead: Number(row.cacheReadTokens), cacheWrite5m: Number(row.cacheWrite5mTokens), cacheWrite1h: Number(row.cacheWrite1hTokens), reasoning: Number(row.reasoningTokens),
    ...(terms.units && { units: terms.units }), ...(terms.service !== undefined && { service: terms.service }),
  };
}
