// Pure. Whose limits bind a key: its own and those of everything above it.
import type { Key } from '@fairlead/prisma';
import { subjectsAbove } from '@fairlead/shared/snapshot/key-row.ts';

export { isOwnMoney } from '@fairlead/shared/snapshot/key-row.ts';

/** Whose spending a quota may limit. */
export const quotaSubjects = ['TENANT', 'MEMBER', 'KEY', 'CAMPAIGN', 'POOL', 'WALLET', 'UPSTREAM', 'CREDENTIAL'] as const;

/** Whose spending a quota limits. */
export type QuotaSubject = (typeof quotaSubjects)[number];

/** What nodes do for what a quota binds while they reach nobody who could grant a lease. */
export const whenUnreachable = ['REFUSE', 'SERVE'] as const;

/** Refuse, or serve on uncovered. */
export type WhenUnreachable = (typeof whenUnreachable)[number];

/** One subject of quotas. */
export interface Subject { subjectKind: QuotaSubject; subjectId: string }

/** Every subject whose limits bind a key: all of them must hold. */
export function subjectsOf(key: Pick<Key, 'id' | 'tenantId' | 'memberId' | 'campaignId' | 'funding' | 'poolId'>): Subject[] {
  const owner = { tenant: key.tenantId, ...(key.memberId === null ? {} : { member: key.memberId }) };
  const profile = { funding: key.funding, ...(key.campaignId === null ? {} : { campaign: key.campaignId }), ...(key.poolId === null ? {} : { pool: key.poolId }) };
  return [{ subjectKind: 'KEY', subjectId: key.id }, ...subjectsAbove(owner, profile).map(({ kind, id }): Subject => ({ subjectKind: kind, subjectId: id }))];
}
