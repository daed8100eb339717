// Pure. The order of what can serve, and what is said about each place.
import { oneMillionths, termsOf } from '../money/price.ts';
import type { Price } from '../money/price.ts';
import { accountOf } from './account.ts';
import type { Ranking } from '../snapshot/snapshot.ts';
import type { AskFacts } from './ask-facts.ts';
import type { LeftOut, PlanInput, PlannedChoice } from './choice.ts';
import { orderCredentials } from './credentials.ts';
import type { Fitting } from './fit.ts';
import type { UpstreamHealth } from './health-report.ts';
import { placeOf } from './seed.ts';

/** Choices in order, and the upstream that would come first if none rested. */
export interface RankedChoices { choices: PlannedChoice[]; home: string | undefined }

interface Ranked { choice: PlannedChoice; last: 0 | 1; measure: number; place: number }

/**
 * Upstreams whose breaker is open come last, not never: a tired one beats none. Then the lower priority number,
 * then what the route ranks by, then chance by weight. What is unknown: a price comes last, a latency first,
 * since one call makes it known. A model whose window looks too small serves only when none looks large enough.
 */
export function rank(fitting: readonly Fitting[], by: Ranking, input: PlanInput, leftOut: LeftOut[]): RankedChoices {
  const roomy = fitting.some(({ tooSmall }) => tooSmall === undefined);
  const ranked: Ranked[] = [];
  for (const { choice, tooSmall } of fitting) {
    if (tooSmall !== undefined && roomy) {
      leftOut.push({ upstream: choice.upstream, reason: tooSmall });
      continue;
    }
    const health = input.health.upstream(choice.upstream.id, choice.model);
    const open = openness(health, input.nowMs);
    const credentials = orderCredentials(choice.upstream.credentials, { health: input.health, nowMs: input.nowMs, seed: input.seed, preferred: preferredOf(input, choice) });
    const { measure, said } = measureOf(by, choice, health, input);
    const [best] = credentials;
    const notes = [said, open, tooSmall === undefined ? undefined : `${tooSmall}, and none is larger`, best?.note];
    let reason = choice.reason;
    for (const note of notes) if (note !== undefined) reason += `; ${note}`;
    ranked.push({ choice: { ...choice, credentials, reason }, last: open === undefined ? 0 : 1, measure, place: fitting.length > 1 ? placeOf(input.seed, choice.upstream.id, choice.weight) : 0 });
  }
  if (ranked.length > 1) ranked.sort((a, b) => a.last - b.last || a.choice.priority - b.choice.priority || less(a.measure, b.measure) || less(a.place, b.place));
  let home = ranked[0];
  for (const each of ranked) if (home && (each.choice.priority - home.choice.priority || less(each.measure, home.measure) || less(each.place, home.place)) < 0) home = each;
  return { choices: ranked.map(({ choice }) => choice), home: home?.choice.upstream.id };
}

/** Why a call should not go there first; undefined when it may. A breaker that is due for its probe gets one. */
export function openness(health: UpstreamHealth | undefined, nowMs: number): string | undefined {
  if (!health || health.state === 'CLOSED') return undefined;
  if (health.state === 'OPEN' && (health.untilMs === undefined || health.untilMs > nowMs)) return `resting: ${health.why ?? 'it failed'}`;
  return health.inFlight > 0 ? 'resting: a probe is under way' : undefined;
}

function preferredOf({ binding }: PlanInput, choice: PlannedChoice): string | undefined {
  return binding?.upstream === choice.upstream.id ? binding.credential : undefined;
}

// Infinity minus Infinity is no number, so places are compared, not subtracted.
function less(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function measureOf(by: Ranking, choice: PlannedChoice, health: UpstreamHealth | undefined, { ask, nowMs }: PlanInput): { measure: number; said?: string } {
  switch (by) {
    case 'PRIORITY': return { measure: 0 };
    case 'PRICE': {
      if (!choice.price) return { measure: Infinity, said: 'no price is known' };
      const cost = costNano(choice.price, ask, 0) * factorOf(choice);
      return { measure: cost, said: `about $${dollars(cost)}` };
    }
    case 'EFFECTIVE_PRICE': {
      if (!choice.price) return { measure: Infinity, said: 'no price is known' };
      const share = health?.cacheHitShare ?? 0;
      const cost = costNano(choice.price, ask, share) * factorOf(choice) * (1 + (health?.failureShare ?? 0));
      return { measure: cost, said: `about $${dollars(cost)} with ${percent(share)} from the cache and ${percent(health?.failureShare ?? 0)} failures` };
    }
    case 'LATENCY': return health?.ttftMs === undefined ? { measure: -1, said: 'first content not measured yet' } : { measure: health.ttftMs, said: `first content after ${Math.round(health.ttftMs)} ms` };
    case 'ACCOUNT_LEFT': case 'ACCOUNT_RESET': return accountOf(choice.upstream, by, nowMs);
    case 'BALANCE': return { measure: health?.inFlight ?? 0, said: `${health?.inFlight ?? 0} in flight` };
  }
}

/** Coding agents write a small part of what they read; what is asked for at most says little about it. */
const outputPart = 1 / 20;

/** What a request costs by the list in nano-USD, with this share of its input read from a cache. */
export function costNano(price: Price, ask: Pick<AskFacts, 'inputTokens' | 'maxOutputTokens' | 'service'>, cacheShare: number): number {
  const input = Math.max(1, ask.inputTokens);
  const output = Math.min(ask.maxOutputTokens ?? Infinity, Math.max(100, input * outputPart));
  const { rates, millionths } = termsOf(price, input, ask.service);
  const tokens = (input * ((1 - cacheShare) * Number(rates.inputNano) + cacheShare * Number(rates.cacheReadNano)) + output * Number(rates.outputNano)) / 1_000_000;
  return tokens * (Number(millionths) / oneMillionths) + Number(price.requestNano ?? 0n);
}

/** What makes an upstream dearer, or cheaper, than its list for this key. */
export function factorOf({ times }: PlannedChoice): number {
  return times === undefined ? 1 : ((times.upstream ?? oneMillionths) / oneMillionths) * ((times.tenant ?? oneMillionths) / oneMillionths) * ((times.key ?? oneMillionths) / oneMillionths);
}

function dollars(nano: number): string {
  return (nano / 1e9).toFixed(6).replace(/0{1,4}$/, '');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
