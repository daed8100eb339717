import { expect, test } from 'vitest';
import fc from 'fast-check';
import { outcomes } from './classify.ts';
import type { Outcome } from './classify.ts';
import { blamed, callsMost, createRun, step } from './engine.ts';
import type { Command, RunEvent } from './engine.ts';

const at = 1_000_000;
const runners = (count: number, of: (at: number) => string = (place) => `u${place}`) => Array.from({ length: count }, (_, place) => ({ upstream: of(place), model: 'm', credential: `c${place}` }));
const open = (count: number, more: { hedgeAfterMs?: number; of?: (at: number) => string } = {}) => createRun({ runners: runners(count, more.of), deadlineMs: at + 600_000, hedgeAfterMs: more.hedgeAfterMs });
const world = (nowMs = at, mayRetry = true) => ({ nowMs, roll: () => 0.5, mayRetry: () => mayRetry });
const called = (commands: Command[]) => commands.flatMap((command) => (command.do === 'call' ? [`${command.kind} ${command.runner}`] : []));

test('candidates are called in order, each once, until one serves', () => {
  const run = open(3);
  expect(called(step(run, { kind: 'begin' }, world()))).toEqual(['first 0']);
  expect(called(step(run, { kind: 'failed', call: 1, outcome: 'overloaded' }, world()))).toEqual(['failover 1']);
  expect(step(run, { kind: 'served', call: 2 }, world())).toEqual([{ do: 'commit', call: 2 }]);
  expect(step(run, { kind: 'failed', call: 2, outcome: 'failed' }, world())).toEqual([]);
});

test('what is wrong with an upstream is wrong for its other credentials: they come after the other upstreams', () => {
  const run = open(3, { of: (place) => (place < 2 ? 'a' : 'b') });
  step(run, { kind: 'begin' }, world());
  expect(called(step(run, { kind: 'failed', call: 1, outcome: 'failed' }, world()))).toEqual(['failover 2']);
});

test('a credential that is refused or spent gives way to the next of its upstream', () => {
  for (const outcome of ['credential', 'credential-spent', 'limited'] as const) {
    const run = open(3, { of: (place) => (place < 2 ? 'a' : 'b') });
    step(run, { kind: 'begin' }, world());
    expect(called(step(run, { kind: 'failed', call: 1, outcome }, world()))).toEqual(['failover 1']);
  }
});

test('a request that is wrong in itself is not carried further', () => {
  const run = open(3);
  step(run, { kind: 'begin' }, world());
  expect(step(run, { kind: 'failed', call: 1, outcome: 'client-input' }, world())).toEqual([{ do: 'give-up', why: 'stopped', waitMs: undefined }]);
});

test('a request that can be mended is sent once more to the same candidate, each repair once', () => {
  const run = open(2);
  step(run, { kind: 'begin' }, world());
  expect(step(run, { kind: 'failed', call: 1, outcome: 'client-input', repair: 'thinking-signature' }, world())).toMatchObject([{ do: 'call', runner: 0, kind: 'repair', repairs: ['thinking-signature'] }]);
  expect(step(run, { kind: 'failed', call: 2, outcome: 'client-input', repair: 'thinking-signature' }, world())).toMatchObject([{ do: 'give-up', why: 'stopped' }]);
});

test('when all have failed the last ones are tried again after a pause, as far as the budget of retries allows', () => {
  const run = open(1);
  step(run, { kind: 'begin' }, world());
  expect(step(run, { kind: 'failed', call: 1, outcome: 'overloaded' }, world())).toEqual([{ do: 'wake', atMs: at + 200 }]);
  expect(step(run, { kind: 'woken' }, world(at + 100))).toEqual([]);
  expect(called(step(run, { kind: 'woken' }, world(at + 200)))).toEqual(['retry 0']);
  step(run, { kind: 'failed', call: 2, outcome: 'overloaded' }, world(at + 300));
  expect(step(run, { kind: 'woken' }, world(at + 10_000, false))).toMatchObject([{ do: 'give-up', why: 'exhausted' }]);
});

test('a longer wait than a client should be held for is told instead', () => {
  const run = open(1);
  step(run, { kind: 'begin' }, world());
  expect(step(run, { kind: 'failed', call: 1, outcome: 'limited', waitMs: 60_000 }, world())).toEqual([{ do: 'give-up', why: 'exhausted', waitMs: 60_000 }]);
});

test('with hedging a second upstream is called when the first is silent, and the quicker one wins', () => {
  const run = open(3, { hedgeAfterMs: 2_000, of: (place) => (place < 2 ? 'a' : 'b') });
  expect(step(run, { kind: 'begin' }, world()).filter(({ do: what }) => what === 'wake')).toContainEqual({ do: 'wake', atMs: at + 2_000 });
  expect(called(step(run, { kind: 'woken' }, world(at + 2_000)))).toEqual(['hedge 2']);
  expect(step(run, { kind: 'served', call: 2 }, world(at + 2_500))).toEqual([{ do: 'cancel', call: 1, why: 'hedge-lost' }, { do: 'commit', call: 2 }]);
});

test('a client that leaves stops whatever runs', () => {
  const run = open(2, { hedgeAfterMs: 10 });
  step(run, { kind: 'begin' }, world());
  step(run, { kind: 'woken' }, world(at + 10));
  expect(step(run, { kind: 'left' }, world(at + 20))).toEqual([{ do: 'cancel', call: 1, why: 'left' }, { do: 'cancel', call: 2, why: 'left' }, { do: 'give-up', why: 'left', waitMs: undefined }]);
});

test('the same failure at two upstreams is blamed on nobody, unless a third serves', () => {
  const run = open(4);
  step(run, { kind: 'begin' }, world());
  step(run, { kind: 'failed', call: 1, outcome: 'failed' }, world());
  expect(blamed(run, 'failed', false)).toBe(true);
  step(run, { kind: 'failed', call: 2, outcome: 'failed' }, world());
  expect([blamed(run, 'failed', false), blamed(run, 'failed', true), blamed(run, 'overloaded', false)]).toEqual([false, true, true]);
  expect(step(run, { kind: 'failed', call: 3, outcome: 'failed' }, world())).toMatchObject([{ do: 'give-up', why: 'exhausted' }]);
});

test('whatever happens, a run ends: once, with at most eight calls beside those that no budget allowed, and leaves none running', () => {
  const failing = outcomes.filter((outcome): outcome is Outcome => outcome !== 'ok');
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 12 }), fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }), fc.boolean(),
    fc.array(fc.record({ what: fc.constantFrom('fail', 'fail', 'fail', 'serve', 'wait', 'left'), pick: fc.nat(), outcome: fc.constantFrom(...failing), waitMs: fc.option(fc.integer({ min: 0, max: 120_000 }), { nil: undefined }), repair: fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { nil: undefined }) }), { minLength: 60, maxLength: 80 }),
    (count, hedgeAfterMs, mayRetry, happenings) => {
      const run = open(count, { ...(hedgeAfterMs === undefined ? {} : { hedgeAfterMs }), of: (place) => `u${place % 4}` });
      const running = new Set<number>();
      let wakes: number[] = [];
      let now = at;
      let calls = 0;
      const ends: string[] = [];
      const post = (event: RunEvent) => {
        for (const command of step(run, event, world(now, mayRetry))) {
          if (command.do === 'call') { running.add(command.call); calls += 1; }
          if (command.do === 'cancel') running.delete(command.call);
          if (command.do === 'wake') wakes.push(command.atMs);
          if (command.do === 'commit') { running.delete(command.call); ends.push('commit'); }
          if (command.do === 'give-up') ends.push('give-up');
        }
      };
      post({ kind: 'begin' });
      for (const { what, pick, outcome, waitMs, repair } of happenings) {
        const call = [...running][pick % Math.max(1, running.size)];
        if (call !== undefined && what === 'fail') { running.delete(call); if (ends.length === 0 && outcome === 'over-quota') calls -= 1; post({ kind: 'failed', call, outcome, waitMs, repair }); }
        else if (call !== undefined && what === 'serve') post({ kind: 'served', call });
        else if (what === 'left') post({ kind: 'left' });
        else {
          const next = Math.min(...wakes);
          if (next === Infinity) continue;
          wakes = wakes.filter((due) => due > next);
          now = Math.max(now, next);
          post({ kind: 'woken' });
        }
        // Nothing runs and nothing is waited for: then it must be over.
        if (running.size === 0 && ends.length === 0) expect(Math.min(...wakes)).toBeLessThan(at + 600_000);
      }
      for (const due of wakes.sort((a, b) => a - b)) { now = Math.max(now, due); post({ kind: 'woken' }); }
      expect(ends).toHaveLength(1);
      expect(calls).toBeLessThanOrEqual(callsMost);
      expect(running.size).toBe(0);
    },
  ), { numRuns: process.env.FAIRLEAD_TEST_DEEP === '1' ? 20_000 : 500, seed: Number(process.env.FAIRLEAD_TEST_SEED ?? 1) });
});
