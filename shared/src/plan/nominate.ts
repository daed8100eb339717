// Pure. A session's own upstream goes first, for its prompt cache; and when it goes back to where it came from.
import type { ReturnPolicy } from '../snapshot/snapshot.ts';
import type { Binding, PlanInput, PlannedChoice, Sticky } from './choice.ts';
import { termsOf } from '../money/price.ts';
import { factorOf, openness } from './rank.ts';
import type { RankedChoices } from './rank.ts';

/** How long a session stays while idle, when its route does not say. */
export const stickySecondsDefault = 300;
/** How long vendors keep a prompt cache after its last use. */
export const cacheLifeMs = 300_000;

/** The choices with the session's own in front where it holds, and what was made of the binding. */
export function nominate({ choices, home: homeId }: RankedChoices, route: { stickySeconds?: number; returns?: ReturnPolicy } | undefined, input: PlanInput): { choices: PlannedChoice[]; sticky: Sticky } {
  const seconds = route?.stickySeconds ?? stickySecondsDefault;
  const returns = route?.returns ?? 'WHEN_COLD';
  const { binding } = input;
  const sticky: Sticky = homeId === undefined ? { seconds, returns } : { seconds, returns, home: homeId };
  if (!binding || seconds === 0) return { choices, sticky };
  const not = (said: string) => ({ choices, sticky: { ...sticky, said } });
  const idleMs = Math.max(0, input.nowMs - binding.lastUsedMs);
  if (idleMs > seconds * 1000) return not(`its session was idle for ${Math.round(idleMs / 1000)} s, so it is routed anew`);
  const at = choices.findIndex((choice) => choice.upstream.id === binding.upstream && choice.model.toLowerCase() === binding.model.toLowerCase());
  const own = choices[at];
  if (!own) return not('the upstream of its session can no longer serve it');
  if (openness(input.health.upstream(own.upstream.id, own.model), input.nowMs) !== undefined) return not(`${own.upstream.name}, where its session was, rests`);
  const home = binding.from === undefined ? undefined : choices.find((choice) => choice.upstream.id === binding.from);
  if (home && choices.indexOf(home) < at && openness(input.health.upstream(home.upstream.id, home.model), input.nowMs) === undefined) {
    const why = whyReturn(returns, binding, idleMs, own, home, input);
    if (why !== undefined) return { choices: front(choices, choices.indexOf(home), `goes back: ${why}`), sticky: { ...sticky, said: `goes back to ${home.upstream.name}: ${why}` } };
  }
  const said = binding.cacheTokens > 0 && idleMs <= cacheLifeMs ? `stays with ${own.upstream.name} for its prompt cache of about ${binding.cacheTokens} tokens` : `stays with ${own.upstream.name}, where its session is`;
  return { choices: front(choices, at, said), sticky: { ...sticky, said } };
}

/** Why a session should go back to where it failed over from; undefined when it should stay. */
export function whyReturn(policy: ReturnPolicy, binding: Binding, idleMs: number, own: PlannedChoice, home: PlannedChoice, input: Pick<PlanInput, 'ask'>): string | undefined {
  if (policy === 'STAY') return undefined;
  if (idleMs > cacheLifeMs) return `idle for ${Math.round(idleMs / 1000)} s, its prompt cache is gone`;
  if (policy === 'WHEN_COLD' || !own.price || !home.price) return undefined;
  // What staying saves by reading the cache against what going saves on every token.
  const cached = Math.min(binding.cacheTokens, input.ask.inputTokens);
  const here = termsOf(own.price, input.ask.inputTokens, input.ask.service).rates;
  const there = termsOf(home.price, input.ask.inputTokens, input.ask.service).rates;
  const saved = (Number(here.inputNano) * factorOf(own) - Number(there.inputNano) * factorOf(home)) * input.ask.inputTokens;
  const lost = (Number(here.inputNano) - Number(here.cacheReadNano)) * factorOf(own) * cached;
  return saved > lost ? 'its lower price saves more than the prompt cache' : undefined;
}

function front(choices: readonly PlannedChoice[], at: number, said: string): PlannedChoice[] {
  const chosen = choices[at];
  if (!chosen) return [...choices];
  return [{ ...chosen, reason: `${chosen.reason}; ${said}` }, ...choices.slice(0, at), ...choices.slice(at + 1)];
}
