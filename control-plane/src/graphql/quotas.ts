import type { BudgetThreshold, Quota } from '@fairlead/prisma';
import type { QuotaUnit as Unit } from '@fairlead/shared/lease/purse.ts';
import { windowKinds } from '@fairlead/shared/time/window.ts';
import { queryFromInfo } from '@pothos/plugin-prisma';
import { maybeOpen, reachedIn, standingAmong, unitOf, visibleQuotas } from '../domain/quotas/reads.ts';
import type { Standing } from '../domain/quotas/reads.ts';
import { removeQuota, setQuota } from '../domain/quotas/set.ts';
import { quotaSubjects } from '../domain/quotas/subjects.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { gatherBy } from './gather.ts';
import { QuotaAmount, QuotaUnit, QuotaWindow } from './shapes.ts';

const WhenUnreachable = builder.enumType('WhenUnreachable', {
  description: 'What nodes do while they hold no lease and reach nobody who could grant one.',
  values: { REFUSE: { description: 'They refuse.' }, SERVE: { description: 'They serve on: what is used so is reported and charged, and shows as excess. Only for an owner\'s own money: never for pools, campaigns, their keys and wallets.' } },
});
const QuotaSubjectKind = builder.enumType('QuotaSubjectKind', { description: 'Whose spending is limited.', values: quotaSubjects });

/** How a limit stands now. */
export const BudgetRef = builder.objectRef<Standing>('Budget').implement({
  description: 'How a limit stands in the window that is open now.',
  fields: (t) => ({
    limit: t.field({ type: QuotaAmount, description: 'What may be spent in this window.', resolve: (row) => ({ unit: row.unit, amount: row.limitNano }) }),
    spent: t.field({ type: QuotaAmount, description: 'What was settled.', resolve: (row) => ({ unit: row.unit, amount: row.spentNano }) }),
    escrow: t.field({ type: QuotaAmount, description: 'What nodes hold at the moment and have not settled yet.', resolve: (row) => ({ unit: row.unit, amount: row.escrowNano }) }),
    excess: t.field({ type: QuotaAmount, description: 'What upstreams charged or used beyond what was reserved; not part of spent.', resolve: (row) => ({ unit: row.unit, amount: row.excessNano }) }),
    remaining: t.field({
      type: QuotaAmount, description: 'What neither was spent nor is held.',
      resolve: (row) => { const rest = row.limitNano - row.spentNano - row.escrowNano; return { unit: row.unit, amount: rest > 0n ? rest : 0n }; },
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When the window began.' }),
    resetsAt: t.expose('resetsAt', { type: 'DateTime', nullable: true, description: 'When the next one begins; null = never.' }),
  }),
});

const ThresholdRef = builder.objectRef<BudgetThreshold & { unit: Unit }>('QuotaThreshold').implement({
  description: 'A share of a limit that was reached; the audit has the same as quota.threshold.',
  fields: (t) => ({
    percent: t.exposeInt('percent', { description: '50, 75, 95 or 100.' }),
    reachedAt: t.expose('reachedAt', { type: 'DateTime', description: 'When what was settled reached it.' }),
    spent: t.field({ type: QuotaAmount, description: 'What was settled by then.', resolve: (row) => ({ unit: row.unit, amount: row.spentNano }) }),
    limit: t.field({ type: QuotaAmount, description: 'The limit at that time.', resolve: (row) => ({ unit: row.unit, amount: row.limitNano }) }),
  }),
});

/** A limit. */
export const QuotaRef = builder.prismaNode('Quota', {
  description: 'A limit on what a subject may spend in a window.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    subjectKind: t.field({
      type: QuotaSubjectKind, description: 'Whose spending is limited.',
      select: { subjectKind: true }, resolve: (row) => quotaSubjects.find((kind) => kind === row.subjectKind) ?? 'KEY',
    }),
    subjectId: t.exposeID('subjectId', { description: 'The id of the tenant, member, key, campaign, pool, upstream or credential; of a wallet, its tenant\'s.' }),
    unit: t.field({ type: QuotaUnit, description: 'What is counted.', select: { unit: true }, resolve: unitOf }),
    window: t.field({ type: QuotaWindow, description: 'How often it starts anew.', select: { window: true }, resolve: (row) => windowKinds.find((kind) => kind === row.window) ?? 'TOTAL' }),
    timeZone: t.exposeString('timeZone', { description: 'Whose midnight counts.' }),
    whenUnreachable: t.field({ type: WhenUnreachable, description: 'What nodes do while they reach nobody to ask; all limits of a purse must say SERVE.', select: { whenUnreachable: true }, resolve: (row) => (row.whenUnreachable === 'SERVE' ? 'SERVE' : 'REFUSE') }),
    limit: t.field({ type: QuotaAmount, description: 'What may be spent in a window.', select: { unit: true, limitNano: true }, resolve: (row) => ({ unit: unitOf(row), amount: row.limitNano }) }),
    budget: t.field({
      type: BudgetRef, description: 'How it stands now.', complexity: 3,
      select: (_, { domain }) => ({
        window: true, timeZone: true, unit: true, limitNano: true,
        budgets: { where: maybeOpen(domain.clock.now()), select: { windowKey: true, limitNano: true, spentNano: true, escrowNano: true, excessNano: true, parts: { select: { startsAt: true, spentNano: true } } } },
      }),
      resolve: (row, _, { domain }) => standingAmong(row, row.budgets, domain.clock.now()),
    }),
    reached: t.field({
      type: [ThresholdRef], description: 'Which shares of the limit were reached in the window that is open now, each noted once.', complexity: 3,
      select: (_, { domain }) => ({
        window: true, timeZone: true, unit: true,
        budgets: { where: maybeOpen(domain.clock.now()), select: { windowKey: true, thresholds: { orderBy: [{ reachedAt: 'asc' }, { percent: 'asc' }] } } },
      }),
      resolve: (row, _, { domain }) => reachedIn(row, row.budgets, domain.clock.now()).map((one) => ({ ...one, unit: unitOf(row) })),
    }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set first.' }),
  }),
});

const gatherOf = (subjectKind: 'KEY' | 'POOL') => gatherBy({
  plan: (at): { select: { id: true; subjectId: true } } => queryFromInfo({ ...at, select: { id: true, subjectId: true } }),
  read: (query, ids, { domain }) => domain.db.client.quota.findMany({ ...query, where: { subjectKind, subjectId: { in: ids } }, orderBy: { id: 'asc' } }),
  by: (row) => row.subjectId,
});

/** Read the limits of many subjects; who asks has checked that the subject is the viewer's. */
export const gatherQuotas = { KEY: gatherOf('KEY'), POOL: gatherOf('POOL') };

const QuotaConnection = connectionOf('Quota', QuotaRef);

builder.queryField('quotas', (t) => t.field({
  type: QuotaConnection, description: 'The limits the viewer may see.', complexity: listCost,
  args: { ...pageArgs(t.arg), subjectId: t.arg.id({ description: 'Only of this tenant, member, key, campaign, pool, upstream or credential.' }) },
  resolve: (_, { subjectId, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.quota.findMany({ ...query, where: { AND: [visibleQuotas(context.actor, subjectId), after] } })),
}));

const QuotaSubjectInput = builder.inputType('QuotaSubjectInput', {
  description: 'Whose spending is limited: exactly one.',
  isOneOf: true,
  fields: (t) => ({ tenantId: t.id({ description: 'A tenant.' }), memberId: t.id({ description: 'A member: all keys that are theirs.' }), campaignId: t.id({ description: 'A campaign: all keys that spend from its pool (operators).' }), keyId: t.id({ description: 'A key.' }), poolId: t.id({ description: 'A pool (operators).' }), upstreamId: t.id({ description: 'An upstream: all calls to it, whoever makes them. When it is used up, requests go to the next.' }), credentialId: t.id({ description: 'A credential: all calls with it.' }) }),
});
const QuotaSetInput = builder.inputType('QuotaSetInput', {
  description: 'A limit.',
  fields: (t) => ({
    subject: t.field({ type: QuotaSubjectInput, required: true, description: 'Whose spending.' }),
    limit: t.field({ type: 'Decimal', required: true, description: 'What may be spent in one window: dollars such as "25.00", or a whole number of tokens or requests.' }),
    unit: t.field({ type: QuotaUnit, description: 'What is counted; USD when left out.' }),
    window: t.field({ type: QuotaWindow, required: true, description: 'How often it starts anew. A subject has one limit for each unit and kind of window.' }),
    timeZone: t.string({ description: 'Whose midnight counts; UTC when left out.' }),
    whenUnreachable: t.field({ type: WhenUnreachable, description: 'What nodes do while they reach nobody to ask; as it was when left out, and REFUSE for a new limit.' }),
  }),
});
const QuotaSetPayload = payload<Quota>('QuotaSetPayload', 'What quotaSet answers.', (t) => ({ quota: t.field({ type: QuotaRef, nullable: true, description: 'The limit.', resolve: ({ value }) => value }) }));
const QuotaRemoveInput = builder.inputType('QuotaRemoveInput', { description: 'Which limit.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const QuotaRemovePayload = payload<string>('QuotaRemovePayload', 'What quotaRemove answers.', (t) => ({ removedId: t.id({ nullable: true, description: 'The id of the removed limit.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  quotaSet: t.field({
    type: QuotaSetPayload, description: 'Sets the limit of a subject for one unit and kind of window.',
    args: { input: t.arg({ type: QuotaSetInput, required: true, description: 'The limit.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await setQuota(domain, actor, input)),
  }),
  quotaRemove: t.field({
    type: QuotaRemovePayload, description: 'Takes a limit away.',
    args: { input: t.arg({ type: QuotaRemoveInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await removeQuota(domain, actor, input.id)),
  }),
}));
