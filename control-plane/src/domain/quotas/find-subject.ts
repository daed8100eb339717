import type { Quota } from '@fairlead/prisma';
import type { MemberActor } from '../actor.ts';
import { requireMember } from '../actor.ts';
import type { Command } from '../command.ts';
import { Refused, notFound } from '../problem.ts';
import type { Subject } from './subjects.ts';

/** Exactly one of these. */
export interface SubjectInput { tenantId?: string | null | undefined; memberId?: string | null | undefined; campaignId?: string | null | undefined; keyId?: string | null | undefined; poolId?: string | null | undefined; upstreamId?: string | null | undefined; credentialId?: string | null | undefined }

/** A subject with the tenant whose quota it is: what nobody's tenant owns belongs to the operator's. */
export type OwnedSubject = Subject & { tenantId: string };

const campaignsBudget = (path: string[]) => new Refused({ code: 'FORBIDDEN', message: 'The budget of an experience key is its campaign\'s.', path });

/** The subject when the actor may limit it; whatever is not theirs does not exist. */
export async function findSubject(command: Command, input: SubjectInput): Promise<OwnedSubject> {
  const member = requireMember(command.actor, 'quotas:write');
  if (input.keyId) return keyOf(command, member, input.keyId);
  if (input.poolId) {
    const pool = await command.tx.pool.findUnique({ where: { id: input.poolId } });
    if (!pool || !member.operator) throw notFound('pool', ['subject', 'poolId']);
    return { subjectKind: 'POOL', subjectId: pool.id, tenantId: pool.tenantId };
  }
  if (input.memberId) {
    const row = await command.tx.member.findUnique({ where: { id: input.memberId } });
    if (!row || !isVisible(member, row.tenantId)) throw notFound('member', ['subject', 'memberId']);
    return { subjectKind: 'MEMBER', subjectId: row.id, tenantId: row.tenantId };
  }
  if (input.campaignId) {
    const campaign = await command.tx.campaign.findUnique({ where: { id: input.campaignId } });
    if (!campaign || !member.operator) throw notFound('campaign', ['subject', 'campaignId']);
    return { subjectKind: 'CAMPAIGN', subjectId: campaign.id, tenantId: campaign.tenantId };
  }
  if (input.upstreamId) {
    const upstream = await command.tx.upstream.findUnique({ where: { id: input.upstreamId }, select: { id: true, tenantId: true } });
    if (!upstream || !isVisible(member, upstream.tenantId)) throw notFound('upstream', ['subject', 'upstreamId']);
    return { subjectKind: 'UPSTREAM', subjectId: upstream.id, tenantId: upstream.tenantId ?? member.tenantId };
  }
  if (input.credentialId) {
    const row = await command.tx.credential.findUnique({ where: { id: input.credentialId }, select: { id: true, upstream: { select: { tenantId: true } } } });
    if (!row || !isVisible(member, row.upstream.tenantId)) throw notFound('credential', ['subject', 'credentialId']);
    return { subjectKind: 'CREDENTIAL', subjectId: row.id, tenantId: row.upstream.tenantId ?? member.tenantId };
  }
  const tenantId = input.tenantId ?? '';
  const tenant = isVisible(member, tenantId) ? await command.tx.tenant.findUnique({ where: { id: tenantId } }) : null;
  if (!tenant) throw notFound('tenant', ['subject', 'tenantId']);
  return { subjectKind: 'TENANT', subjectId: tenant.id, tenantId: tenant.id };
}

/** Refuses when the actor may not take this quota away. */
export async function mayRemove(command: Command, row: Quota): Promise<void> {
  const member = requireMember(command.actor, 'quotas:write');
  if (row.subjectKind === 'WALLET') throw new Refused({ code: 'IN_USE', message: 'A wallet is limited by what is in it.', path: ['id'] });
  // Tokens and requests bound no money: of dollars a pool keeps a cap.
  if (row.subjectKind === 'POOL' && row.unit === 'USD' && (await command.tx.quota.count({ where: { subjectKind: 'POOL', subjectId: row.subjectId, unit: 'USD' } })) === 1) {
    throw new Refused({ code: 'IN_USE', message: 'A pool must keep a cap.', path: ['id'], fix: 'Set a higher limit, or pause the pool.' });
  }
  if (member.operator) return;
  if (row.subjectKind === 'CAMPAIGN' || row.subjectKind === 'POOL') throw notFound('quota');
  if (row.subjectKind === 'KEY') {
    const key = await command.tx.key.findUnique({ where: { id: row.subjectId } });
    if (key?.funding === 'POOL') throw campaignsBudget(['id']);
  }
  // Who may not set one may not take it away either: an operator's upstream is the operator's.
  if (row.subjectKind === 'UPSTREAM') await findSubject(command, { upstreamId: row.subjectId });
  if (row.subjectKind === 'CREDENTIAL') await findSubject(command, { credentialId: row.subjectId });
}

async function keyOf(command: Command, member: MemberActor, keyId: string): Promise<OwnedSubject> {
  const key = await command.tx.key.findUnique({ where: { id: keyId } });
  if (!key || !isVisible(member, key.tenantId)) throw notFound('key', ['subject', 'keyId']);
  if (key.funding === 'POOL' && !member.operator) throw campaignsBudget(['subject', 'keyId']);
  return { subjectKind: 'KEY', subjectId: key.id, tenantId: key.tenantId };
}

function isVisible(member: MemberActor, tenantId: string | null): boolean {
  return member.operator || tenantId === member.tenantId;
}
