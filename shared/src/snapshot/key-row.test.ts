import { expect, test } from 'vitest';
import { compileStanding, standingKey } from './key-row.ts';
import type { KeyProfile, KeyRow } from './key-row.ts';
import type { SnapshotPurse } from './snapshot.ts';

const key = (profile: Partial<KeyProfile> = {}, owner: KeyRow['owner'] = { tenant: 'ten_1', member: 'mem_1' }) => ({ id: 'key_1', owner, profile: { status: 'ACTIVE', funding: 'TENANT_BUDGET', ...profile } as KeyProfile });
const purse = (kind: SnapshotPurse['kind'], id: string, unit: SnapshotPurse['unit'], goesOn?: true): SnapshotPurse => ({ kind, id, unit, ...(goesOn ? { goesOn } : {}) });
const stands = (row: ReturnType<typeof key>, purses: SnapshotPurse[], pools: string[] = []) => {
  const { leased, purses: units, goesOn, status } = standingKey(row, compileStanding({ purses, pools: pools.map((id) => ({ id, status: 'PAUSED' })) }));
  return { leased, units, goesOn, status };
};

test.each<[string, ReturnType<typeof key>, SnapshotPurse[], object]>([
  ['nothing binds it', key(), [purse('TENANT', 'ten_2', 'USD'), purse('MEMBER', 'mem_2', 'TOKENS')], { leased: false, units: undefined, goesOn: undefined }],
  ['its own quota', key({ quotas: [{ unit: 'USD' }] }), [], { leased: true, units: undefined, goesOn: undefined }],
  ['its own quota of tokens', key({ quotas: [{ unit: 'TOKENS' }] }), [], { leased: false, units: ['TOKENS'], goesOn: undefined }],
  ['its tenant', key(), [purse('TENANT', 'ten_1', 'USD')], { leased: true, units: undefined, goesOn: undefined }],
  ['its member, in requests', key(), [purse('MEMBER', 'mem_1', 'REQUESTS')], { leased: false, units: ['REQUESTS'], goesOn: undefined }],
  ['a campaign and its pool', key({ funding: 'POOL', campaign: 'cmp_1', pool: 'pol_1' }), [purse('CAMPAIGN', 'cmp_1', 'TOKENS'), purse('POOL', 'pol_1', 'USD')], { leased: true, units: ['TOKENS'], goesOn: undefined }],
  ['a campaign that no longer pays', key({ campaign: 'cmp_1' }), [purse('CAMPAIGN', 'cmp_1', 'USD')], { leased: false, units: undefined, goesOn: undefined }],
  ['a wallet, before it has a quota', key({ funding: 'WALLET' }), [], { leased: true, units: undefined, goesOn: undefined }],
  ['all let it go on', key({ quotas: [{ unit: 'USD', goesOn: true }] }), [purse('TENANT', 'ten_1', 'USD', true)], { leased: true, units: undefined, goesOn: ['USD'] }],
  ['one does not let it go on', key({ quotas: [{ unit: 'USD', goesOn: true }, { unit: 'TOKENS', goesOn: true }] }), [purse('TENANT', 'ten_1', 'USD')], { leased: true, units: ['TOKENS'], goesOn: ['TOKENS'] }],
  ['sponsored money, which never goes on', key({ funding: 'POOL', pool: 'pol_1' }), [purse('POOL', 'pol_1', 'USD', true)], { leased: true, units: undefined, goesOn: undefined }],
])('how a key stands: %s', (_, row, purses, expected) => {
  expect(stands(row, purses)).toMatchObject(expected);
});

test('a paused pool pauses the keys that it pays for, and revoked ones stay revoked', () => {
  expect(stands(key({ funding: 'POOL', pool: 'pol_1' }), [], ['pol_1']).status).toBe('PAUSED');
  expect(stands(key({ funding: 'POOL', pool: 'pol_1', status: 'REVOKED' }), [], ['pol_1']).status).toBe('REVOKED');
  expect(stands(key({ funding: 'POOL', pool: 'pol_2' }), [], ['pol_1']).status).toBe('ACTIVE');
});
