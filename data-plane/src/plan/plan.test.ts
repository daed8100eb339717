import { expect, test } from 'vitest';
import type { Snapshot } from '@fairlead/shared/snapshot/snapshot.ts';
import type { Ask } from '../journey/ask.ts';
import type { Principal } from '../journey/principal.ts';
import { compileTable } from '../snapshot/table.ts';
import { planFor } from './plan.ts';

const snapshot: Snapshot = {
  schema: 1, fleet: 'f', revision: 1, issuedAt: 0, secretEpoch: 1, hardStaleSeconds: 0, publicUrl: 'http://x', tenants: [{ id: 'ten_1', status: 'ACTIVE' }], keys: [], routes: [],
  upstreams: [{ id: 'ups_1', name: 'U', baseUrl: 'http://127.0.0.1', dialects: ['openai-chat'], auth: 'BEARER', priority: 0, weight: 1, status: 'ACTIVE', credentials: [{ id: 'crd_1', version: 1, priority: 0, weight: 1, sealed: 'x' }] }],
  models: [{ name: 'm', displayName: 'M', contextTokens: 200_000 }], prices: [{ id: 'prc_1', model: 'm', inputNano: '1000000', outputNano: '1000000', cacheReadNano: '0', cacheWrite5mNano: '0', cacheWrite1hNano: '0' }],
};
const principal: Principal = { tenant: 'ten_1', key: { id: 'key_1', digest: 'd', tenant: 'ten_1', status: 'ACTIVE', funding: 'POOL', leased: true } };
const ask: Ask = { model: 'm', dialect: 'openai-chat', does: 'generate', metered: true, stream: false, inputBytes: 100, maxOutputTokens: 50, answers: 1, reachesBeyond: false, wantsUsageChunk: false, writesCache: false, client: undefined, sessionId: undefined };
const reserved = (more: Partial<Ask>) => planFor({ principal, ask: { ...ask, ...more }, table: compileTable(snapshot) }, { canConvert: () => false, resting: () => undefined, roll: () => 0 }).candidates[0]?.reserveNano;

test('the reservation covers every answer that was asked for, and all that a vendor may fetch', () => {
  const one = reserved({}) ?? 0n;
  expect(one).toBe(100n + 1_024n + 50n);
  expect(reserved({ answers: 8 })).toBe(one + 7n * 50n);
  expect(reserved({ reachesBeyond: true })).toBe(one + 200_000n);
});
