import { expect, test } from 'vitest';
import { canConvert } from '@fairlead/shared/plan/convertible.ts';
import { viewOf } from '@fairlead/shared/plan/health-report.ts';
import { facts } from '@fairlead/shared/plan/test-plan.ts';
import type { Surveyed } from '../journey/ask.ts';
import type { Principal } from '../journey/principal.ts';
import { tableFrom } from '../snapshot/test-table.ts';
import type { SnapshotPrice } from '@fairlead/shared/snapshot/snapshot-price.ts';
import type { TestTable } from '../snapshot/test-table.ts';
import { planFor } from './plan.ts';

const snapshot: TestTable & { prices: SnapshotPrice[] } = {
  tenants: [{ id: 'ten_1', status: 'ACTIVE' }],
  upstreams: [{ id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [{ id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }] }],
  models: [{ name: 'm', displayName: 'M', contextTokens: 200_000 }], prices: [{ id: 'prc_1', model: 'm', inputNano: '1000000', outputNano: '1000000', cacheReadNano: '0', cacheWrite5mNano: '0', cacheWrite1hNano: '0' }],
};
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', tenant: 'ten_1', status: 'ACTIVE', funding: 'POOL', leased: true } };
const ask: Surveyed = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 100, maxOutputTokens: 50, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined, thread: undefined, facts: facts({ model: 'm', dialect: 'openai-chat', stream: false }) };
const parts = { canConvert, health: viewOf({ upstreams: [], credentials: [] }), nowMs: 0, seed: 'exc_1' };
const planned = (more: Partial<Surveyed> = {}, table: TestTable = {}, who: Principal = principal) => planFor({ principal: who, ask: { ...ask, ...more }, table: tableFrom({ ...snapshot, ...table }) }, parts);
const reserved = (more: Partial<Surveyed>) => planned(more).candidates[0]?.reserveNano;

test('the reservation covers every answer that was asked for, and all that a vendor may fetch', () => {
  const one = reserved({}) ?? 0n;
  expect(one).toBe(100n + 1_024n + 50n);
  expect(reserved({ answers: 8 })).toBe(one + 7n * 50n);
  expect(reserved({ reachesBeyond: true })).toBe(one + 200_000n);
});

test('the reservation covers the grade that is asked for, the vendor\'s tools, long prompts and what multiplies charges', () => {
  const [price] = snapshot.prices;
  if (!price) throw new Error('there is a price');
  const reservedAt = (more: Partial<Surveyed>, change: Partial<typeof price>, table: TestTable = {}) => planned(more, { prices: [{ ...price, ...change }], ...table }).candidates[0]?.reserveNano;
  const one = 100n + 1_024n + 50n;
  expect(reservedAt({ service: 'priority' }, { services: [{ name: 'priority', millionths: 3_000_000 }] })).toBe(3n * one);
  expect(reservedAt({ service: 'flex' }, { services: [{ name: 'flex', millionths: 500_000 }] })).toBe(one);
  expect(reservedAt({ uses: { 'web-search': 7 } }, { units: { 'web-search': '10000000' } })).toBe(one + 70n);
  const step = { ...price, fromTokens: 1_000, inputNano: '2000000' };
  expect(reservedAt({}, { steps: [step] })).toBe(one + 1_124n);
  expect(reservedAt({}, {}, { multipliers: [{ subject: 'KEY', id: 'key_1', millionths: 2_000_000 }, { subject: 'TENANT', id: 'ten_2', millionths: 9_000_000 }] })).toBe(2n * one);
});

test('a price that is to come counts from its moment on, with no new snapshot', () => {
  const [price] = snapshot.prices;
  if (!price) throw new Error('there is a price');
  const table = tableFrom({ ...snapshot, prices: [price, { ...price, id: 'prc_2', effectiveAt: 1_000 }] });
  expect([999, 1_000].map((nowMs) => planFor({ principal, ask, table }, { ...parts, nowMs }).candidates[0]?.price?.id)).toEqual(['prc_1', 'prc_2']);
});

test('a plan carries what its route asks of the attempt, and what it was made from', () => {
  const target = { upstream: 'ups_1', priority: 0, weight: 1 };
  const routes = [{ id: 'rte_0', name: 'no', position: 0, models: ['x'], targets: [target] }, { id: 'rte_1', name: 'yes', position: 1, models: [], targets: [target], hedgeAfterMs: 800, replay: true, stickySeconds: 60, returns: 'STAY' as const }];
  expect(planned({}, { routes })).toMatchObject({ route: 'yes', routeId: 'rte_1', hedgeAfterMs: 800, replay: true, seed: 'exc_1', facts: { model: 'm' }, sticky: { seconds: 60, returns: 'STAY' }, passedOver: [{ route: 'no', reason: 'is for other models' }] });
  expect(planned()).not.toHaveProperty('replay');
  expect(planned({}, {}, { ...principal, key: { ...principal.key, replay: true } }).replay).toBe(true);
});

const meant = (more: Partial<Surveyed['facts']>): Partial<Surveyed> => ({ facts: { ...ask.facts, ...more } });
test.each<[string, Partial<Surveyed>, TestTable, string, RegExp]>([
  ['an upstream by name that is not there', meant({ model: 'nobody,m' }), {}, 'model.unknown', /"nobody".*There is U/],
  ['an upstream by name that cannot', meant({ model: 'U/other' }), { prices: [] }, 'route.no-candidate', /U by name: other has no price/],
  ['a capability that none has', meant({ images: true }), { models: [{ name: 'm', displayName: 'M', lacks: ['images'] }] }, 'route.no-candidate', /U: m lacks images/],
  ['counting where it cannot be', { does: 'count', ...meant({ does: 'count', dialect: 'anthropic-messages' }) }, {}, 'count.unsupported', /count/],
  ['a model nobody serves', {}, { upstreams: [] }, 'model.unknown', /\/v1\/models/],
])('%s is refused in words that help', (_what, more, table, code, say) => {
  expect(() => planned(more, table)).toThrow(expect.objectContaining({ code, say: expect.stringMatching(say) as unknown }));
});
