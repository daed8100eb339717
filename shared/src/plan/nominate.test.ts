import { describe, expect, test } from 'vitest';
import type { Binding } from './plan.ts';
import { health, namesIn, planOf, price, route, to, upstream } from './test-plan.ts';
import type { PlanOf } from './test-plan.ts';

const nowMs = 10_000_000;
const upstreams = [upstream('first'), upstream('second', { priority: 1 }), upstream('third', { priority: 2 })];
const bound = (more: Partial<Binding> = {}): Binding => ({ upstream: 'second', model: 'claude-haiku-5-5', credential: 'crd_second', lastUsedMs: nowMs - 10_000, cacheTokens: 90_000, ...more });
const plan = (more: PlanOf = {}) => planOf({ upstreams, nowMs, binding: bound(), ...more });

test('a session stays with its upstream before better ones, and the reason names its cache', () => {
  const made = plan();
  expect([namesIn(made), made.choices[0]?.reason, made.sticky.said]).toEqual([['second', 'first', 'third'], 'serves the model; stays with second for its prompt cache of about 90000 tokens', 'stays with second for its prompt cache of about 90000 tokens']);
});

test.each<[string, PlanOf, string[], RegExp]>([
  ['rests', { health: [health('second', { state: 'OPEN', why: 'failed' })] }, ['first', 'third', 'second'], /rests/],
  ['was paused', { upstreams: upstreams.map((each) => (each.id === 'second' ? { ...each, status: 'PAUSED' as const } : each)) }, ['first', 'third'], /can no longer serve/],
  ['lacks what is needed now', { ask: { images: true }, upstreams: upstreams.map((each) => (each.id === 'second' ? { ...each, lacks: ['images' as const] } : each)) }, ['first', 'third'], /can no longer serve/],
  ['was idle for too long', { binding: bound({ lastUsedMs: nowMs - 301_000 }) }, ['first', 'second', 'third'], /idle for 301 s/],
  ['serves another model now', { binding: bound({ model: 'claude-opus' }) }, ['first', 'second', 'third'], /can no longer serve/],
])('a binding only nominates: an upstream that %s is not preferred', (_what, more, ids, said) => {
  const made = plan(more);
  expect(namesIn(made)).toEqual(ids);
  expect(made.sticky.said).toMatch(said);
});

test('a route says how long sessions stay, or that they do not', () => {
  const routes = (stickySeconds: number) => [route('r', { stickySeconds, targets: [to('first'), to('second', { priority: 1 })] })];
  expect([namesIn(plan({ routes: routes(0) })), namesIn(plan({ routes: routes(9) })), namesIn(plan({ routes: routes(11) }))]).toEqual([['first', 'second'], ['first', 'second'], ['second', 'first']]);
});

test('an upstream that is asked for by name goes before the session\'s', () => {
  expect(namesIn(plan({ ask: { model: 'third,claude-haiku-5-5' } }))).toEqual(['third']);
});

describe('the way back after a failover', () => {
  const away = { from: 'first' };
  const routes = (returns: 'STAY' | 'WHEN_COLD' | 'WHEN_CHEAPER') => [route('r', { returns, stickySeconds: 3_600, targets: [to('first'), to('second', { priority: 1 })] })];
  const at = (returns: 'STAY' | 'WHEN_COLD' | 'WHEN_CHEAPER', binding: Partial<Binding>, more: PlanOf = {}) => namesIn(plan({ routes: routes(returns), binding: bound({ ...away, ...binding }), ask: { inputTokens: 100_000 }, ...more }))[0];
  const [warm, cold] = [{}, { lastUsedMs: nowMs - 301_000 }];
  const cheaperAtHome = (input: number) => ({ priceOf: (_model: string, id: string) => (id === 'first' ? price(input, 5) : price(3, 15)) });
  test.each<[string, string | undefined, string]>([
    ['STAY stays when the cache is warm', at('STAY', warm), 'second'], ['STAY stays when it is cold', at('STAY', cold), 'second'],
    ['WHEN_COLD stays when it is warm', at('WHEN_COLD', warm), 'second'], ['WHEN_COLD goes back when it is cold', at('WHEN_COLD', cold), 'first'],
    ['WHEN_CHEAPER stays when nothing is saved', at('WHEN_CHEAPER', warm, cheaperAtHome(3)), 'second'],
    ['WHEN_CHEAPER stays when the cache is worth more', at('WHEN_CHEAPER', warm, cheaperAtHome(0.7)), 'second'],
    ['WHEN_CHEAPER goes when the saving is more', at('WHEN_CHEAPER', warm, cheaperAtHome(0.5)), 'first'],
    ['WHEN_CHEAPER goes when little is cached', at('WHEN_CHEAPER', { cacheTokens: 1_000 }, cheaperAtHome(2.5)), 'first'],
    ['WHEN_CHEAPER goes back when it is cold', at('WHEN_CHEAPER', cold, cheaperAtHome(3)), 'first'],
    ['WHEN_CHEAPER stays where no price is known', at('WHEN_CHEAPER', warm), 'second'],
    ['nobody goes back to what still rests', at('WHEN_COLD', cold, { health: [health('first', { state: 'OPEN' })] }), 'second'],
    ['nobody goes back who never left', namesIn(plan({ routes: routes('WHEN_COLD'), binding: bound(cold) }))[0], 'second'],
  ])('%s', (_what, got, expected) => { expect(got).toBe(expected); });
});
