// Pure.
import type { Campaign } from '@fairlead/prisma';

/** Whether keys are issued from a campaign at this instant. */
export function campaignState(campaign: Pick<Campaign, 'status' | 'startsAt' | 'endsAt'>, now: Date): 'OPEN' | 'NOT_YET' | 'CLOSED' {
  if (campaign.status !== 'ACTIVE') return campaign.status === 'DRAFT' ? 'NOT_YET' : 'CLOSED';
  if (campaign.startsAt && campaign.startsAt > now) return 'NOT_YET';
  if (campaign.endsAt && campaign.endsAt <= now) return 'CLOSED';
  return 'OPEN';
}
