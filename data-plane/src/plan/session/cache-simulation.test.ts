// Simulation: what stickiness is for. Five upstreams that keep prompt caches as vendors do, one of them
// flapping, and many growing conversations; compared with one upstream that never fails.
import { expect, test } from 'vitest';
import { viewOf } from '@fairlead/shared/plan/health-report.ts';
import { drawOf } from '@fairlead/shared/plan/seed.ts';
import { health } from '@fairlead/shared/plan/test-plan.ts';
import { TestClock } from '@fairlead/shared/time/clock.ts';
import type { Bindings } from '../../stores/stores.ts';
import { createMemoryBindings } from '../../stores/memory/bindings.ts';
import { planFor } from '../plan.ts';
import { survey } from '../survey.ts';
import { inboundOf, principalOf, tableOf } from '../test-ask.ts';
import { createSessions } from './sessions.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const sessionCount = deep ? 400 : 60;
const turnsMost = deep ? 40 : 25;
const cacheMs = 300_000;
const model = 'claude-haiku-5-5';
const seed = process.env.FAIRLEAD_TEST_SEED ?? '1';
const chance = (...of: (string | number)[]) => drawOf(seed, of.join('|'));

interface Turn { session: number; turn: number; atMs: number }

/** When every turn of every session comes: seconds apart, now and then after a pause in which caches go cold. */
const schedule: Turn[] = Array.from({ length: sessionCount }, (_, session) => {
  let atMs = Math.floor(chance('start', session) * 3_600_000);
  return Array.from({ length: 5 + Math.floor(chance('turns', session) * (turnsMost - 5)) }, (_, turn): Turn => {
    atMs += chance('pause', session, turn) < 0.04 ? 400_000 : 5_000 + Math.floor(chance('gap', session, turn) * 60_000);
    return { session, turn, atMs };
  });
}).flat().sort((a, b) => a.atMs - b.atMs || a.session - b.session);

const tokensAt = ({ session, turn }: Turn) => 15_000 + turn * 2_000 + Math.floor(chance('size', session) * 5_000);
const isDown = (id: string, atMs: number) => id === 'c' && atMs % 600_000 < 90_000;

/** Input tokens read from caches when every turn goes through planning and, where `bindings` is given, through its memory. */
async function hitTokens(upstreamIds: readonly string[], bindings: Bindings | undefined, flapping: boolean): Promise<number> {
  const clock = new TestClock(0);
  const table = tableOf({ upstreams: tableOf().upstreams.filter(({ id }) => upstreamIds.includes(id)) });
  const sessions = bindings && createSessions(bindings, clock);
  const caches = new Map<string, { tokens: number; untilMs: number }>();
  const openUntil = new Map<string, number>();
  const principal = principalOf();
  let hits = 0;
  for (const turn of schedule) {
    clock.advance(turn.atMs - clock.now());
    const messages = Array.from({ length: turn.turn * 2 + 1 }, (_, at) => ({ role: at % 2 === 0 ? 'user' : 'assistant', content: `session ${turn.session} message ${at}` }));
    // Every second client says no id: Gemini CLI has none.
    const inbound = inboundOf('/v1/messages', { model, messages }, turn.session % 2 === 0 ? { 'x-claude-code-session-id': `s${turn.session}` } : {}, `exc_${turn.session}_${turn.turn}`);
    const ask = survey(inbound, table, principal.tenant);
    const session = await sessions?.find({ ask, principal, inbound, table });
    const view = viewOf({ upstreams: [...openUntil].map(([id, untilMs]) => health(id, { state: 'OPEN', why: 'failed', untilMs })), credentials: [] });
    const plan = planFor({ principal, ask, table }, { canConvert: () => false, health: view, nowMs: clock.now(), seed: inbound.exchangeId, binding: session?.binding });
    for (const candidate of plan.candidates) {
      const { id } = candidate.upstream;
      if (flapping && isDown(id, turn.atMs)) { openUntil.set(id, turn.atMs + 30_000); continue; }
      openUntil.delete(id);
      const name = `${id}|${turn.session}`;
      const cache = caches.get(name);
      const hit = cache && cache.untilMs > turn.atMs ? Math.min(cache.tokens, tokensAt(turn)) : 0;
      hits += hit;
      caches.set(name, { tokens: tokensAt(turn), untilMs: turn.atMs + cacheMs });
      if (sessions && session) await sessions.bound(session, plan, candidate, { input: 0, output: 100, cacheRead: hit, cacheWrite5m: tokensAt(turn) - hit, cacheWrite1h: 0, reasoning: 0 });
      break;
    }
  }
  return hits;
}

test('five upstreams, one of them flapping, read at least 95 % as much from prompt caches as one that never fails', async () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const alone = await hitTokens(['a'], undefined, false);
  const [sticky, loose] = [await hitTokens(five, createMemoryBindings(), true), await hitTokens(five, undefined, true)];
  const percent = (tokens: number) => ((tokens / alone) * 100).toFixed(1);
  process.stdout.write(`prompt caches: ${percent(sticky)} % of one upstream's hits over ${schedule.length} turns of ${sessionCount} sessions; without stickiness ${percent(loose)} % (seed ${seed})\n`);
  expect(alone).toBeGreaterThan(0);
  expect(sticky / alone).toBeGreaterThanOrEqual(0.95);
  // The twin: without the memory the promise breaks, so it is the memory that keeps it.
  expect(loose / alone).toBeLessThan(0.7);
});
