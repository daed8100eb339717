import { compileStanding, standingKey } from '@fairlead/shared/snapshot/key-row.ts';
import { canonicalBytes } from '@fairlead/shared/snapshot/canonical.ts';
import { readLists } from '@fairlead/shared/snapshot/read-snapshot.ts';
import { expect, test } from 'vitest';
import { boundBy, buildLists, keyRowOf } from './build.ts';
import type { KeyRowRead, ListRows } from './collect.ts';

const now = new Date('2026-11-21T00:00:00Z');
const stamps = { version: 1, createdAt: now, updatedAt: now };
const key = (id: string, change: Partial<KeyRowRead> = {}): KeyRowRead => ({
  id, tenantId: 'ten_1', memberId: null, name: id, digest: Buffer.from(id).toString('hex').padEnd(64, '0'), status: 'ACTIVE', funding: 'TENANT_BUDGET', poolId: null, campaignId: null, models: null, maxOutputTokens: null,
  requestsPerMinute: null, tokensPerMinute: null, concurrent: null, sessions: null, clients: null, tags: null, replay: false, expiresAt: null, ...change,
});
const price = (id: string, inputNano: bigint, upstreamId: string | null = null): ListRows['prices'][number] => ({ id, modelName: 'm', upstreamId, inputNano, outputNano: 1n, cacheReadNano: 1n, cacheWrite5mNano: 1n, cacheWrite1hNano: 1n, reasoningNano: null, requestNano: 0n, units: null, steps: null, services: null, source: 'hand', effectiveAt: now, createdAt: now });

const rows: ListRows = {
  tenants: [{ id: 'ten_1', name: 'T', slug: 't', status: 'ACTIVE', requestsPerMinute: null, tokensPerMinute: null, concurrent: null, models: null, ...stamps }],
  upstreams: [{
    id: 'ups_1', tenantId: null, name: 'U', preset: null, baseUrl: 'https://u.example', dialect: 'openai-chat', dialects: ['openai-chat', 'unknown'], auth: 'BEARER', models: [{ model: 'a', upstreamModel: 'b' }], priority: 0, weight: 1, status: 'ACTIVE', balance: { source: 'OPENROUTER', everyMinutes: 15 }, ...stamps,
    settings: { baseUrls: { 'anthropic-messages': 'https://u.example/anthropic', latin: 'https://u.example' }, quirks: ['no-cache-control', 'no-such-quirk'], patience: 2, onAbort: 'REPORTED', lacks: ['images'] },
    credentials: [{ id: 'crd_1', upstreamId: 'ups_1', name: 'c', hint: '…', sealed: 'at rest', status: 'ACTIVE', priority: 0, weight: 1, requestsPerMinute: 60, concurrent: null, spillAtPercent: 80, balance: { credentialId: 'crd_1', left: '12.3456', limit: '20', unit: 'USD', resetsAt: now, readAt: now, triedAt: now, problem: null, nextAt: now }, ...stamps }],
  }],
  models: [{ id: 'mdl_1', name: 'm', displayName: 'M', vendor: null, contextTokens: null, maxOutputTokens: 5, lacks: ['web-search'], ...stamps }],
  prices: [price('prc_1', 1n), price('prc_2', 2n), price('prc_3', 3n, 'ups_1')],
  multipliers: [],
  routes: [{ id: 'rte_1', tenantId: null, name: 'R', position: 1, match: { models: ['a*'], scenario: 'think', when: 'ask.stream' }, settings: { rank: 'PRICE', hedgeAfterMs: 3000, stickySeconds: 0, returns: 'SOMETIMES' }, targets: [{ upstreamId: 'ups_1', priority: 0, weight: 1 }, { upstreamId: 'ups_gone', priority: 0, weight: 1 }], status: 'ACTIVE', ...stamps }],
  errorRules: [
    { id: 'erl_1', tenantId: null, name: 'E', position: 1, upstreamId: 'ups_1', match: { statuses: [400], pattern: 'too long' }, outcome: 'overloaded', say: 'Try a shorter one.', answerStatus: 413, status: 'ACTIVE', ...stamps },
    { id: 'erl_2', tenantId: null, name: 'G', position: 2, upstreamId: 'ups_gone', match: {}, outcome: 'failed', say: null, answerStatus: null, status: 'ACTIVE', ...stamps },
  ],
  quotas: [{ subjectKind: 'KEY', subjectId: 'key_own', unit: 'USD', whenUnreachable: 'REFUSE' }, { subjectKind: 'POOL', subjectId: 'pol_capped', unit: 'USD', whenUnreachable: 'REFUSE' }],
  pausedPools: [{ id: 'pol_paused' }],
  upstreamIds: new Set(['ups_1']),
};
const keys = [key('key_free'), key('key_own'), key('key_pool', { funding: 'POOL', poolId: 'pol_capped', campaignId: 'cmp_1' }), key('key_paused', { funding: 'POOL', poolId: 'pol_paused' }), key('key_moved', { funding: 'TENANT_BUDGET', poolId: 'pol_paused' })];
const keysWith = (quotas: ListRows['quotas']) => keys.map((row) => standingKey(keyRowOf(row, boundBy(quotas)), compileStanding(buildLists({ ...rows, quotas }, new Map(), 1))));
const snapshot = buildLists(rows, new Map([['crd_1', 'for nodes']]), now.getTime());

test('what is built is what a node accepts, and equal rows give equal bytes', () => {
  expect(() => readLists({ ...snapshot })).not.toThrow();
  expect(canonicalBytes(buildLists(structuredClone(rows), new Map([['crd_1', 'for nodes']]), now.getTime()))).toEqual(canonicalBytes(snapshot));
});

test('a key spends from leases exactly when a quota binds it', () => {
  expect(keysWith(rows.quotas).map(({ id, leased, status }) => [id, leased, status])).toEqual([
    ['key_free', false, 'ACTIVE'], ['key_own', true, 'ACTIVE'], ['key_pool', true, 'ACTIVE'], ['key_paused', false, 'PAUSED'], ['key_moved', false, 'ACTIVE'],
  ]);
  expect(keysWith([{ subjectKind: 'TENANT', subjectId: 'ten_1', unit: 'USD', whenUnreachable: 'REFUSE' }]).every((row) => row.leased)).toBe(true);
});

test('of prices the newest counts, for each upstream apart; routes lead only where something is', () => {
  expect(snapshot.prices.map(({ id }) => id)).toEqual(['prc_2', 'prc_3']);
  expect(snapshot.routes[0]?.targets.map(({ upstream }) => upstream)).toEqual(['ups_1']);
});

test('what is sealed at rest never travels; a credential that could not be sealed for nodes is left out', () => {
  expect(JSON.stringify(snapshot)).not.toContain('at rest');
  expect(snapshot.upstreams[0]?.credentials[0]?.sealed).toBe('for nodes');
  expect(buildLists(rows, new Map(), 1).upstreams[0]?.credentials).toEqual([]);
});

test('what routing needs travels: settings of upstreams and routes, limits of credentials, tags of keys, error rules; what is not understood stays behind', () => {
  expect(snapshot.upstreams[0]).toMatchObject({ baseUrls: { 'anthropic-messages': 'https://u.example/anthropic' }, quirks: ['no-cache-control'], patience: 2, onAbort: 'REPORTED', lacks: ['images'] });
  expect(snapshot.upstreams[0]?.baseUrls).not.toHaveProperty('latin');
  expect(snapshot.upstreams[0]?.credentials[0]).toEqual({ id: 'crd_1', version: 1, priority: 0, weight: 1, requestsPerMinute: 60, spillAtPercent: 80, balance: { left: '12', unit: 'USD', resetsAt: now.getTime() }, sealed: 'for nodes' });
  expect(snapshot.routes[0]).toMatchObject({ models: ['a*'], scenario: 'think', when: 'ask.stream', rank: 'PRICE', hedgeAfterMs: 3000, stickySeconds: 0 });
  expect(snapshot.routes[0]).not.toHaveProperty('returns');
  expect(snapshot.models[0]?.lacks).toEqual(['web-search']);
  expect(snapshot.errorRules).toEqual([{ id: 'erl_1', name: 'E', position: 1, upstream: 'ups_1', statuses: [400], pattern: 'too long', outcome: 'overloaded', say: 'Try a shorter one.', status: 413 }]);
});

test('a balance travels roughly, and only as long as it may be believed', () => {
  const at = (issuedAt: number) => buildLists(rows, new Map([['crd_1', 'x']]), issuedAt).upstreams[0]?.credentials[0]?.balance;
  expect(at(now.getTime() + 45 * 60_000)).toEqual({ left: '12', unit: 'USD', resetsAt: now.getTime() });
  expect(at(now.getTime() + 46 * 60_000)).toBeUndefined();
});
