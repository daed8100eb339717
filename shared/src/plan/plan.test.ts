import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DialectName, SnapshotRoute, SnapshotUpstream } from '../snapshot/snapshot.ts';
import { anyModelFits, modelFits } from './match.ts';
import { planChoices } from './plan.ts';
import type { PlanInput } from './plan.ts';

const upstream = (id: string, more: Partial<SnapshotUpstream> = {}): SnapshotUpstream => ({ id, name: id, baseUrl: 'https://example.com', dialects: ['anthropic-messages'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [{ id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }], ...more });
const route = (id: string, more: Partial<SnapshotRoute> = {}): SnapshotRoute => ({ id, name: id, position: 1, models: [], targets: [], ...more });
const plan = (more: Partial<PlanInput> & { model?: string; dialect?: DialectName } = {}) =>
  planChoices({ ask: { model: more.model ?? 'claude-haiku-5-5', dialect: more.dialect ?? 'anthropic-messages', sameDialectOnly: false }, tenant: 'ten_1', routes: [], upstreams: [], canConvert: () => false, resting: () => undefined, roll: () => 0.5, ...more });
const names = (result: ReturnType<typeof plan>) => result.choices.map(({ upstream: { id } }) => id);

describe('matching of names', () => {
  test.each([
    ['*', 'anything', true], ['claude-*', 'claude-opus-5-5', true], ['claude-*', 'gpt-5', false], ['*-mini', 'gpt-5-mini', true], ['gpt-*-mini', 'gpt-5-mini', true], ['gpt-*-mini', 'gpt-mini', false],
    ['Claude-Opus', 'claude-opus', true], ['claude', 'claude-opus', false], ['a*a', 'a', false], ['a*a', 'aa', true], ['*a*b*', 'xaybz', true], ['*a*b*', 'xbya', false], ['', '', true],
  ])('"%s" fits "%s": %s', (pattern, model, expected) => { expect(modelFits(pattern, model)).toBe(expected); });

  test('property: a pattern made by putting stars into a name fits that name', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), fc.nat(20), fc.nat(20), (name, a, b) => {
      const [from, to] = [Math.min(a, b, name.length), Math.min(Math.max(a, b), name.length)];
      expect(modelFits(`${name.slice(0, from)}*${name.slice(to)}`, name.toUpperCase())).toBe(true);
    }));
  });

  test('no pattern fits nothing', () => { expect(anyModelFits([], 'x')).toBe(false); });
});

test('without a route every upstream that serves the model is a candidate, lower priority numbers first', () => {
  const upstreams = [upstream('practice', { priority: 1000 }), upstream('real'), upstream('other', { models: [{ model: 'gpt-*', upstreamModel: '*' }] })];
  const result = plan({ upstreams });
  expect(names(result)).toEqual(['real', 'practice']);
  expect(result.leftOut.map(({ upstream: { id }, reason }) => [id, reason])).toEqual([['other', 'does not serve claude-haiku-5-5']]);
});

test('the first route that fits decides alone, also about the model that is sent', () => {
  const upstreams = [upstream('a'), upstream('b')];
  const routes = [route('gpt', { models: ['gpt-*'], targets: [{ upstream: 'a', priority: 0, weight: 1 }] }), route('cheap', { models: ['claude-*'], targets: [{ upstream: 'b', model: 'practice-1', priority: 0, weight: 1 }] }), route('all', { targets: [{ upstream: 'a', priority: 0, weight: 1 }] })];
  const result = plan({ upstreams, routes });
  expect([result.route?.id, names(result), result.choices[0]?.model]).toEqual(['cheap', ['b'], 'practice-1']);
});

test('another tenant\'s upstreams and routes do not exist', () => {
  const upstreams = [upstream('mine', { tenant: 'ten_1' }), upstream('theirs', { tenant: 'ten_2' }), upstream('everyones', { priority: 5 })];
  const routes = [route('theirs', { tenant: 'ten_2', targets: [{ upstream: 'theirs', priority: 0, weight: 1 }] })];
  const result = plan({ upstreams, routes });
  expect([names(result), result.leftOut]).toEqual([['mine', 'everyones'], []]);
  expect(names(plan({ upstreams, routes: [route('mine', { tenant: 'ten_1', targets: [{ upstream: 'theirs', priority: 0, weight: 1 }] })] }))).toEqual([]);
});

test('paused upstreams, those without a credential and foreign dialects are left out with the reason', () => {
  const upstreams = [upstream('paused', { status: 'PAUSED' }), upstream('empty', { credentials: [] }), upstream('chat', { dialects: ['openai-chat'] })];
  expect(plan({ upstreams }).leftOut.map(({ reason }) => reason)).toEqual(['paused', 'has no credential', 'cannot be spoken to from anthropic-messages']);
  expect(names(plan({ upstreams, canConvert: (from, to) => from === 'anthropic-messages' && to === 'openai-chat' }))).toEqual(['chat']);
});

test('an upstream that rests comes last, and is still better than none', () => {
  const resting = ({ id }: SnapshotUpstream) => (id === 'tired' ? 'overloaded' : undefined);
  const both = plan({ upstreams: [upstream('tired'), upstream('spare', { priority: 9 })], resting });
  expect(names(both)).toEqual(['spare', 'tired']);
  expect(both.choices[1]?.reason).toContain('resting: overloaded');
  expect(names(plan({ upstreams: [upstream('tired')], resting }))).toEqual(['tired']);
});

test('property: equals are drawn by weight, and every candidate appears once', () => {
  fc.assert(fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.double({ min: 0, max: 0.999999, noNaN: true })), (weights, rolls) => {
    const result = plan({ upstreams: weights.map((weight, at) => upstream(`u${at}`, { weight })), roll: () => rolls.next().value ?? 0 });
    expect([...names(result)].sort()).toEqual(weights.map((_, at) => `u${at}`).sort());
  }));
  const draws = Array.from({ length: 1000 }, (_, at) => names(plan({ upstreams: [upstream('heavy', { weight: 3 }), upstream('light')], roll: () => at / 1000 }))[0]);
  expect(draws.filter((name) => name === 'heavy')).toHaveLength(750);
});
