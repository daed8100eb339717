// Pure. Whose limits bind a key: its own and those of everything above it.
import type { Key } from '@fairlead/prisma';

/** Whose spending a quota may limit. */
export const quotaSubjects = ['TENANT', 'MEMBER', 'KEY', 'CAMPAIGN', 'POOL', 'WALLET', 'UPSTREAM', 'CREDENTIAL'] as const;

/** Whose spending a quota limits. */
export type QuotaSubject = (typeof quotaSubjects)[number];

/** What nodes do for what a quota binds while they reach nobody who could grant a lease. */
export const whenUnreachable = ['REFUSE', 'SERVE'] as const;

/** Refuse, or serve on uncovered. */
export type WhenUnreachable = (typeof whenUnreachable)[number];

/** Whether a key spends its owner's own money; sponsored money never goes on uncovered. */
export function isOwnMoney(key: Pick<Key, 'funding'>): boolean {
  return key.funding === 'TENANT_BUDGET' || key.funding === 'OWN_PROVIDER';
}

/** One subject of quotas. */
export interface Subject { subjectKind: QuotaSubject; subjectId: string }

/** Every subject whose limits bind a key: all of them must hold. */
export function subjectsOf(key: Pick<Key, 'id' | 'tenantId' | 'memberId' | 'campaignId' | 'funding' | 'poolId'>): Subject[] {
  const subjects: Subject[] = [{ subjectKind: 'KEY', subjectId: key.id }, { subjectKind: 'TENANT', subjectId: key.tenantId }];
  if (key.memberId !== null) subjects.push({ subjectKind: 'MEMBER', subjectId: key.memberId });
  // A campaign pays from its pool: a key that pays by itself now is not bound by where it came from.
  if (key.funding === 'POOL') {
    if (key.campaignId !== null) subjects.push({ subjectKind: 'CAMPAIGN', subjectId: key.campaignId });
    if (key.poolId !== null) subjects.push({ subjectKind: 'POOL', subjectId: key.poolId });
  }
  if (key.funding === 'WALLET') subjects.push({ subjectKind: 'WALLET', subjectId: key.tenantId });
  return subjects;
}
