import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scenario, SnapshotBalance } from '../snapshot/snapshot.ts';
import type { AskFacts } from './ask-facts.ts';
import { anyModelFits, modelFits } from './match.ts';
import { health, namesIn, planOf, price, route, to, upstream } from './test-plan.ts';
import type { PlanOf } from './test-plan.ts';

describe('matching of names', () => {
  test.each([
    ['*', 'anything', true], ['claude-*', 'claude-opus-5-5', true], ['claude-*', 'gpt-5', false], ['*-mini', 'gpt-5-mini', true], ['gpt-*-mini', 'gpt-5-mini', true], ['gpt-*-mini', 'gpt-mini', false],
    ['Claude-Opus', 'claude-opus', true], ['claude', 'claude-opus', false], ['a*a', 'a', false], ['a*a', 'aa', true], ['*a*b*', 'xaybz', true], ['*a*b*', 'xbya', false], ['', '', true],
  ])('"%s" fits "%s": %s', (pattern, model, expected) => { expect(modelFits(pattern, model)).toBe(expected); });

  test('property: a pattern made by putting stars into a name fits that name', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9.-]{1,20}$/), fc.nat(20), fc.nat(20), (name, a, b) => {
      const [from, until] = [Math.min(a, b, name.length), Math.min(Math.max(a, b), name.length)];
      expect(modelFits(`${name.slice(0, from)}*${name.slice(until)}`, name.toUpperCase())).toBe(true);
    }));
  });

  test('no pattern fits nothing', () => { expect(anyModelFits([], 'x')).toBe(false); });
});

test('nobody counts tokens on Bedrock: it has no such address', () => {
  const counted = planOf({ ask: { does: 'count' }, upstreams: [upstream('aws', { addressing: 'BEDROCK' }), upstream('vendor')] });
  expect([namesIn(counted), counted.leftOut.map(({ reason }) => reason)]).toEqual([['vendor'], ['does not count tokens']]);
});

describe('what decides', () => {
  const upstreams = [upstream('home'), upstream('spare', { priority: 5 }), upstream('vendor'), upstream('other')];
  const routes = [
    route('images', { position: 1, scenario: 'image', targets: [to('other')] }),
    route('agents', { position: 2, scenario: 'subagent', targets: [to('vendor')] }),
    route('opus', { position: 3, models: ['claude-opus-*'], targets: [to('spare')] }),
    route('cheap', { position: 4, when: 'inputTokens < 100', targets: [to('spare', { model: 'tiny' })] }),
  ];
  test.each<[string, Partial<AskFacts>, string | undefined, string[], string]>([
    ['an upstream in the name before a tag, a route and all', { model: 'spare,claude-opus-5', explicit: { upstream: 'other', model: 'x' }, images: true }, undefined, ['spare'], 'claude-opus-5'],
    ['the same with a slash, whatever the letter case', { model: 'SPARE/claude-opus-5', images: true }, undefined, ['spare'], 'claude-opus-5'],
    ['a tag with an upstream before a route', { explicit: { upstream: 'other', model: 'm' }, subagent: true }, undefined, ['other'], 'm'],
    ['a tag with a model before a route: all that serve it', { explicit: { model: 'm' }, subagent: true }, undefined, ['home', 'other', 'vendor', 'spare'], 'm'],
    ['the first route by position, of several kinds of work', { images: true, subagent: true }, 'images', ['other'], 'claude-haiku-5-5'],
    ['a route for a kind of work only for that', { subagent: true }, 'agents', ['vendor'], 'claude-haiku-5-5'],
    ['a route by the model', { model: 'claude-opus-5' }, 'opus', ['spare'], 'claude-opus-5'],
    ['the long window does not change the model', { model: 'claude-opus-5[1m]', longContext: true }, 'opus', ['spare'], 'claude-opus-5'],
    ['a route by its condition, and the model it names', { inputTokens: 99 }, 'cheap', ['spare'], 'tiny'],
    ['all that serve, where no route fits', {}, undefined, ['home', 'other', 'vendor', 'spare'], 'claude-haiku-5-5'],
    ['a slash in a name that names no upstream is part of the model', { model: 'anthropic/claude-5' }, undefined, ['home', 'other', 'vendor', 'spare'], 'anthropic/claude-5'],
  ])('%s', (_what, ask, by, ids, model) => {
    const plan = planOf({ ask, upstreams, routes });
    expect([plan.problem, plan.route?.id, [...namesIn(plan)].sort(), plan.choices[0]?.model]).toEqual([undefined, by, [...ids].sort(), model]);
    // Lower priority numbers first: chance decides only among equals.
    if (ids.length > 1) expect(namesIn(plan).at(-1)).toBe('spare');
  });

  test.each<[string, PlanOf, string, RegExp]>([
    ['an upstream that is not there', { ask: { model: 'nobody,m' }, upstreams }, 'unknown-upstream', /"nobody".*There are home, spare, vendor, other\./],
    ['one that is another tenant\'s', { ask: { model: 'theirs,m' }, upstreams: [...upstreams, upstream('theirs', { tenant: 'ten_2' })] }, 'unknown-upstream', /^(?!.*are .*theirs)/],
    ['one that cannot serve the model', { ask: { model: 'narrow/m' }, upstreams: [...upstreams, upstream('narrow', { models: [{ model: 'n', upstreamModel: '*' }] })] }, 'upstream-cannot', /narrow by name: does not serve m\. m can be had from home, spare/],
    ['one that is paused', { ask: { explicit: { upstream: 'off', model: 'm' } }, upstreams: [upstream('off', { status: 'PAUSED' })] }, 'upstream-cannot', /The sub-agent tag.*paused/],
    ['no model after the comma', { ask: { model: 'home,' }, upstreams }, 'no-model', /"home,/],
    ['a model the account may not use', { ask: { model: 'gpt-5' }, upstreams, tenantModels: ['claude-*'] }, 'model-not-allowed', /The account may use: claude-\*/],
    ['a model the key may not use, behind an upstream whose name fits', { ask: { model: 'claude-pool/gpt-5' }, upstreams: [upstream('claude-pool')], principal: { tenant: 'ten_1', key: { id: 'k', models: ['claude-*'] } } }, 'model-not-allowed', /claude-\*/],
  ])('%s is refused, with what there is, and nothing else is tried', (_what, input, kind, say) => {
    const plan = planOf(input);
    expect([plan.problem?.kind, namesIn(plan)]).toEqual([kind, []]);
    expect(plan.problem?.say).toMatch(say);
  });

  test('every route before the one that decides says why it did not fit', () => {
    const plan = planOf({ ask: { inputTokens: 500 }, upstreams, routes: [...routes, route('broken', { position: 0, when: 'nonsense(' }), route('absent', { position: 5, when: 'header["x-team"] == "a"' }), route('last', { position: 6, targets: [to('home')] })] });
    expect(plan.route?.id).toBe('last');
    expect(Object.fromEntries(plan.passedOver.map((each) => [each.route.id, each.reason]))).toMatchObject({ broken: expect.stringContaining('cannot be used') as unknown, images: 'is for image only', opus: 'is for other models', cheap: 'its condition does not hold', absent: 'its condition could not be told: the request has no header x-team' });
  });

  test.each<[Scenario, Partial<AskFacts>]>([['image', { images: true }], ['long-context', { longContext: true }], ['web-search', { webSearch: true }], ['subagent', { subagent: true }], ['background', { background: true }], ['think', { thinking: true }]])('a route for %s fits that alone, one for default none of them', (scenario, ask) => {
    const two = [route('kind', { scenario, targets: [to('vendor')] }), route('plain', { position: 2, scenario: 'default', targets: [to('other')] })];
    expect([planOf({ ask, upstreams, routes: two }).route?.id, planOf({ upstreams, routes: two }).route?.id, planOf({ ask, upstreams, routes: two.slice(1) }).route?.id]).toEqual(['kind', 'plain', undefined]);
  });
});

describe('the filter', () => {
  test('without a route every upstream that serves the model is a candidate, lower priority numbers first', () => {
    const plan = planOf({ upstreams: [upstream('practice', { priority: 1000 }), upstream('real'), upstream('other', { models: [{ model: 'gpt-*', upstreamModel: '*' }] })] });
    expect(namesIn(plan)).toEqual(['real', 'practice']);
    expect(plan.leftOut.map(({ upstream: { id }, reason }) => [id, reason])).toEqual([['other', 'does not serve claude-haiku-5-5']]);
  });

  test('another tenant\'s upstreams and routes do not exist', () => {
    const upstreams = [upstream('mine', { tenant: 'ten_1' }), upstream('theirs', { tenant: 'ten_2' }), upstream('everyones', { priority: 5 })];
    const plan = planOf({ upstreams, routes: [route('theirs', { tenant: 'ten_2', targets: [to('theirs')] })] });
    expect([namesIn(plan), plan.leftOut, plan.passedOver]).toEqual([['mine', 'everyones'], [], []]);
    expect(namesIn(planOf({ upstreams, routes: [route('mine', { tenant: 'ten_1', targets: [to('theirs')] })] }))).toEqual([]);
  });

  const models = new Map([['plain', { name: 'plain', displayName: 'P', lacks: ['images' as const] }], ['small', { name: 'small', displayName: 'S', contextTokens: 10_000, maxOutputTokens: 2_000 }]]);
  test.each<[string, PlanOf, string]>([
    ['paused', { upstreams: [upstream('u', { status: 'PAUSED' })] }, 'paused'],
    ['no credential', { upstreams: [upstream('u', { credentials: [] })] }, 'has no credential'],
    ['a dialect nobody converts', { upstreams: [upstream('u', { dialects: ['openai-chat'] })] }, 'cannot be spoken to from anthropic-messages'],
    ['counting in another dialect', { upstreams: [upstream('u', { dialects: ['openai-chat'] })], ask: { does: 'count' }, canConvert: () => true }, 'does not speak anthropic-messages'],
    ['an upstream that lacks tools', { upstreams: [upstream('u', { lacks: ['tools'] })], ask: { tools: 3 } }, 'lacks tools, which the request needs'],
    ['a model that lacks images', { upstreams: [upstream('u', { models: [{ model: '*', upstreamModel: 'plain' }] })], ask: { images: true }, modelOf: (name) => models.get(name) }, 'plain lacks images, which the request needs'],
    ['no price under a budget', { upstreams: [upstream('u')], needsPrice: true }, 'claude-haiku-5-5 has no price, so a budget cannot cover it'],
  ])('%s is left out with the reason', (_what, input, reason) => {
    const plan = planOf(input);
    expect([namesIn(plan), plan.leftOut.map((left) => left.reason)]).toEqual([[], [reason]]);
  });

  test('a window that looks too small is left out while a larger one is there, and serves when none is: the size is an estimate', () => {
    const small = upstream('small', { models: [{ model: '*', upstreamModel: 'small' }] });
    const ask = { inputTokens: 9_000, maxOutputTokens: 64_000 };
    const modelOf = (name: string) => models.get(name);
    const both = planOf({ upstreams: [small, upstream('large', { priority: 9 })], ask, modelOf });
    expect([namesIn(both), both.leftOut[0]?.reason]).toEqual([['large'], 'the window of small (10000 tokens) looks too small for about 9000 in and 2000 out']);
    expect(planOf({ upstreams: [small], ask, modelOf }).choices[0]?.reason).toContain('none is larger');
    expect(namesIn(planOf({ upstreams: [small], ask: { ...ask, inputTokens: 8_000 }, modelOf }))).toEqual(['small']);
  });
});

describe('the order', () => {
  test('an open breaker comes last, and is still better than none; one that is due gets its probe', () => {
    const upstreams = [upstream('tired'), upstream('spare', { priority: 9 })];
    const open = health('tired', { state: 'OPEN', why: 'overloaded', untilMs: 1_000_001 });
    const both = planOf({ upstreams, health: [open] });
    expect([namesIn(both), both.choices[1]?.reason, both.sticky.home]).toEqual([['spare', 'tired'], 'serves the model; resting: overloaded', 'tired']);
    expect(namesIn(planOf({ upstreams: [upstream('tired')], health: [open] }))).toEqual(['tired']);
    expect(namesIn(planOf({ upstreams, health: [open], nowMs: 1_000_001 }))).toEqual(['tired', 'spare']);
    expect(namesIn(planOf({ upstreams, health: [health('tired', { state: 'HALF_OPEN', inFlight: 1 })] }))).toEqual(['spare', 'tired']);
  });

  const three = [upstream('a'), upstream('b'), upstream('c')];
  const by = (rank: 'PRICE' | 'EFFECTIVE_PRICE' | 'LATENCY' | 'BALANCE', more: PlanOf) => planOf({ upstreams: three, routes: [route('r', { rank, targets: [to('a'), to('b'), to('c')] })], ...more });
  const prices: Record<string, ReturnType<typeof price>> = { a: price(3, 15), b: price(1, 5), c: price(2, 10) };
  const priceOf = (_model: string, id: string) => prices[id];

  test('by price: the cheapest first, what has none last, with the amount said', () => {
    const plan = by('PRICE', { priceOf: (_model, id) => (id === 'b' ? undefined : prices[id]) });
    expect([namesIn(plan), plan.choices.map(({ reason }) => reason)]).toEqual([['c', 'a', 'b'], ['route "r"; about $0.003', 'route "r"; about $0.0045', 'route "r"; no price is known']]);
  });

  test('by effective price: what is read from the cache and what fails count', () => {
    const plan = by('EFFECTIVE_PRICE', { priceOf, ask: { inputTokens: 100_000 }, health: [health('a', { cacheHitShare: 0.95 }), health('b', { failureShare: 0.9 }), health('c', { cacheHitShare: 0.9 })] });
    expect(namesIn(plan)).toEqual(['c', 'a', 'b']);
    expect(plan.choices[2]?.reason).toContain('0 % from the cache and 90 % failures');
  });

  test('by latency: the quickest first, the unmeasured before it', () => {
    const plan = by('LATENCY', { health: [health('a', { ttftMs: 900 }), health('c', { ttftMs: 300.4 })] });
    expect([namesIn(plan), plan.choices[1]?.reason]).toEqual([['b', 'c', 'a'], 'route "r"; first content after 300 ms']);
  });

  test('by balance: the fewest in flight first', () => {
    expect(namesIn(by('BALANCE', { health: [health('a', { inFlight: 2 }), health('b', { inFlight: 1 })] }))).toEqual(['c', 'b', 'a']);
  });

  test('priority goes before what a route ranks by', () => {
    expect(namesIn(planOf({ upstreams: three, priceOf, routes: [route('r', { rank: 'PRICE', targets: [to('a'), to('b', { priority: 1 })] })] }))).toEqual(['a', 'b']);
  });

  test('equals are drawn by weight, and every candidate appears once', () => {
    fc.assert(fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 6 }), fc.string(), (weights, seed) => {
      const plan = planOf({ upstreams: weights.map((weight, at) => upstream(`u${at}`, { weight })), seed });
      expect([...namesIn(plan)].sort()).toEqual(weights.map((_, at) => `u${at}`).sort());
    }));
    const first = Array.from({ length: 4_000 }, (_, at) => namesIn(planOf({ upstreams: [upstream('heavy', { weight: 3 }), upstream('light')], seed: `exc_${at}` }))[0]);
    const share = first.filter((name) => name === 'heavy').length / first.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  test('a neighbour that comes or goes changes no order among the others', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 2, maxLength: 8 }), fc.string(), (ids, seed) => {
      const [gone, ...rest] = ids;
      expect(namesIn(planOf({ upstreams: ids.map((id) => upstream(id)), seed })).filter((id) => id !== gone)).toEqual(namesIn(planOf({ upstreams: rest.map((id) => upstream(id)), seed })));
    }));
  });
});

describe('what vendors\' accounts hold', () => {
  const nowMs = 1_000_000;
  const holding = (id: string, balance: SnapshotBalance | undefined) => upstream(id, { credentials: [{ id: `crd_${id}`, version: 1, priority: 0, weight: 1, sealed: '-', ...(balance ? { balance } : {}) }] });
  const upstreams = [
    holding('poor', { left: '0', unit: 'USD' }), holding('unknown', undefined), holding('some', { left: '5', unit: 'USD', resetsAt: nowMs + 1000 }), holding('rich', { left: '50', unit: 'USD', resetsAt: nowMs + 9000 }),
    holding('lapsed', { left: '0', unit: 'USD', resetsAt: nowMs - 1 }),
  ];
  const ordered = (rank: 'ACCOUNT_LEFT' | 'ACCOUNT_RESET') => namesIn(planOf({ upstreams, nowMs, routes: [route('all', { rank, targets: upstreams.map(({ id }) => to(id)) })] }));

  test('the fullest account comes first, unknown ones in the middle, empty ones last', () => {
    const names = ordered('ACCOUNT_LEFT');
    expect([names.slice(0, 2), names.slice(2, 4).sort(), names[4]]).toEqual([['rich', 'some'], ['lapsed', 'unknown'], 'poor']);
  });

  test('the account that is filled again soonest comes first', () => {
    const names = ordered('ACCOUNT_RESET');
    expect([names.slice(0, 2), names.slice(2, 4).sort(), names[4]]).toEqual([['some', 'rich'], ['lapsed', 'unknown'], 'poor']);
  });

  test('of one upstream\'s credentials the one with an empty account comes last, whatever its priority', () => {
    const pool = upstream('pool', { credentials: [{ id: 'empty', version: 1, priority: 0, weight: 1, sealed: '-', balance: { left: '-0.5', unit: 'CNY' } }, { id: 'full', version: 1, priority: 1, weight: 1, sealed: '-' }] });
    const [choice] = planOf({ upstreams: [pool], nowMs }).choices;
    expect(choice?.credentials.map(({ credential, note }) => [credential.id, note])).toEqual([['full', undefined], ['empty', 'its account is empty']]);
  });
});
