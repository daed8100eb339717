// Property: what is kept of a request is enough to plan it again. Simulations rest on it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canConvert } from '@fairlead/shared/plan/convertible.ts';
import { viewOf } from '@fairlead/shared/plan/health-report.ts';
import type { HealthReport } from '@fairlead/shared/plan/health-report.ts';
import { planChoices } from '@fairlead/shared/plan/plan.ts';
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { health, route, to, upstream } from '@fairlead/shared/plan/test-plan.ts';
import { Fault } from '@fairlead/shared/faults/fault.ts';
import { planFor } from './plan.ts';
import { survey } from './survey.ts';
import { inboundOf, principalOf, tableOf } from './test-ask.ts';

const deep = process.env.FAIRLEAD_TEST_DEEP === '1';
const model = 'claude-haiku-5-5';
const table = tableOf({
  upstreams: [upstream('a'), upstream('b', { dialects: ['openai-chat', 'anthropic-messages'], lacks: ['images'] }), upstream('c', { dialects: ['gemini-generate', 'openai-responses'] }), upstream('d', { weight: 5, credentials: ['k1', 'k2'].map((id, at) => ({ id, version: 1, priority: 0, weight: at + 1, sealed: 'x' })) }), upstream('e', { priority: 3 })],
  models: [{ name: model, displayName: 'H', contextTokens: 1_100 }],
  prices: ['a', 'b', 'd'].map((id, at) => ({ id: `p${id}`, model, upstream: id, inputNano: String(1e9 * (at + 1)), outputNano: '5000000000', cacheReadNano: '100000000', cacheWrite5mNano: '1', cacheWrite1hNano: '1' })),
  routes: [
    route('images', { position: 1, scenario: 'image', targets: [to('a'), to('b')] }), route('header', { position: 2, when: 'header["x-team"] == "red" && hourIn("Europe/Berlin") < 20', targets: [to('d'), to('a')], rank: 'EFFECTIVE_PRICE' }),
    route('body', { position: 3, when: 'body.temperature > 0.5', targets: [to('e'), to('d'), to('b')], rank: 'LATENCY' }), route('agents', { position: 4, scenario: 'subagent', targets: [to('e')], rank: 'BALANCE' }),
  ],
});
const asks = fc.record({
  path: fc.constantFrom('/v1/messages', '/v1/chat/completions', '/v1/responses', `/v1beta/models/${model}:generateContent`, '/v1/messages/count_tokens'),
  body: fc.record({
    model: fc.constantFrom(model, `${model}[1m]`, `d,${model}`, `b/${model}`, 'nobody,m', 'gpt-5', 'x/y'), temperature: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant('warm'), fc.constant(null)), stream: fc.boolean(), max_tokens: fc.nat(2_000),
    tools: fc.constantFrom([], [{ name: 'Bash' }], [{ type: 'web_search_20250305' }]), thinking: fc.constantFrom({ type: 'enabled' }, { type: 'disabled' }, null),
    system: fc.constantFrom('S', 'S <CCR-SUBAGENT-MODEL>e,other</CCR-SUBAGENT-MODEL>', [{ type: 'text', text: 'x-anthropic-billing-header: cc_is_subagent=true' }]),
    messages: fc.array(fc.oneof(fc.record({ role: fc.constant('user'), content: fc.string() }), fc.constant({ role: 'user', content: [{ type: 'image', source: { type: 'base64', data: 'AAAA' } }] })), { maxLength: 3 }),
  }, { requiredKeys: ['model'] }),
  headers: fc.record({ 'x-team': fc.constantFrom('red', 'blue'), 'x-claude-code-session-id': fc.constant('s1'), 'user-agent': fc.constantFrom('opencode/1', 'GeminiCLI/1') }, { requiredKeys: [] }),
  seed: fc.string({ minLength: 1, maxLength: 20 }),
  nowMs: fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 }),
  bound: fc.boolean(),
  sick: fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd', 'e'), state: fc.constantFrom('OPEN' as const, 'HALF_OPEN' as const, 'CLOSED' as const), failureShare: fc.double({ min: 0, max: 1, noNaN: true }), ttftMs: fc.nat(5_000), cacheHitShare: fc.double({ min: 0, max: 1, noNaN: true }), inFlight: fc.nat(5) }), { maxLength: 5 }),
});

test('a plan made from what was kept as JSON is the plan that was made live', () => {
  let planned = 0;
  fc.assert(fc.property(asks, ({ path, body, headers, seed, nowMs, bound, sick }) => {
    const inbound = inboundOf(path, body, { ...headers }, seed);
    const principal = principalOf();
    const report: HealthReport = { upstreams: sick.map(({ id, ...row }) => health(id, { ...row, untilMs: nowMs + 1_000 })), credentials: [{ credential: 'k1', usedShare: 0.95, inFlight: 1 }] };
    const binding = bound ? { upstream: 'd', model, credential: 'k2', lastUsedMs: nowMs - 1_000, cacheTokens: 10, from: 'a' } : undefined;
    const ask = survey(inbound, table, principal.tenant);
    const kept: unknown = JSON.parse(JSON.stringify({ facts: ask.facts, report, binding }));
    expect(kept).toEqual({ facts: ask.facts, report, ...(binding ? { binding } : {}) });
    const again = kept as { facts: AskFacts; report: HealthReport; binding?: typeof binding };
    const later = planChoices({ ask: again.facts, principal: { tenant: 'ten_1', key: { id: 'key_1' } }, routes: table.routes, upstreams: table.upstreams, modelOf: (name) => table.models.get(name.toLowerCase()), priceOf: table.prices.priceOf, needsPrice: false, health: viewOf(again.report), nowMs, seed, binding: again.binding, canConvert });
    try {
      const live = planFor({ principal, ask, table }, { canConvert, health: viewOf(report), nowMs, seed, binding });
      planned += 1;
      expect(later.choices.flatMap((choice) => choice.credentials.map(({ credential }) => [choice.upstream.id, choice.model, choice.dialect, credential.id, choice.reason]))).toEqual(live.candidates.map((candidate) => [candidate.upstream.id, candidate.model, candidate.dialect, candidate.credential.id, candidate.reason]));
      expect([later.route?.id, later.leftOut, later.sticky]).toEqual([live.routeId, live.leftOut, live.sticky]);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      expect(later.choices).toEqual([]);
    }
  }), { numRuns: deep ? 10_000 : 1_000 });
  expect(planned).toBeGreaterThan(500);
});
