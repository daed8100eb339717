import type { Quota } from '@fairlead/prisma';
import { windowKinds } from '@fairlead/shared/time/window.ts';
import { queryFromInfo } from '@pothos/plugin-prisma';
import { maybeOpen, standingAmong, visibleQuotas } from '../domain/quotas/reads.ts';
import type { Standing } from '../domain/quotas/reads.ts';
import { removeQuota, setQuota } from '../domain/quotas/set.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { gatherBy } from './gather.ts';
import { Money, QuotaWindow } from './shapes.ts';

const QuotaSubjectKind = builder.enumType('QuotaSubjectKind', { description: 'Whose spending is limited.', values: ['TENANT', 'KEY', 'POOL'] as const });

/** How a limit stands now. */
export const BudgetRef = builder.objectRef<Standing>('Budget').implement({
  description: 'How a limit stands in the window that is open now.',
  fields: (t) => ({
    limit: t.field({ type: Money, description: 'What may be spent in this window.', resolve: (row) => row.limitNano }),
    spent: t.field({ type: Money, description: 'What was settled.', resolve: (row) => row.spentNano }),
    escrow: t.field({ type: Money, description: 'What nodes hold at the moment and have not settled yet.', resolve: (row) => row.escrowNano }),
    excess: t.field({ type: Money, description: 'What upstreams charged beyond what was reserved; not part of spent.', resolve: (row) => row.excessNano }),
    remaining: t.field({
      type: Money, description: 'What neither was spent nor is held.',
      resolve: (row) => { const rest = row.limitNano - row.spentNano - row.escrowNano; return rest > 0n ? rest : 0n; },
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When the window began.' }),
    resetsAt: t.expose('resetsAt', { type: 'DateTime', nullable: true, description: 'When the next one begins; null = never.' }),
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
      select: { subjectKind: true }, resolve: (row) => (row.subjectKind === 'TENANT' || row.subjectKind === 'POOL' ? row.subjectKind : 'KEY'),
    }),
    subjectId: t.exposeID('subjectId', { description: 'The id of the tenant, key or pool.' }),
    window: t.field({ type: QuotaWindow, description: 'How often it starts anew.', select: { window: true }, resolve: (row) => windowKinds.find((kind) => kind === row.window) ?? 'TOTAL' }),
    timeZone: t.exposeString('timeZone', { description: 'Whose midnight counts.' }),
    limit: t.field({ type: Money, description: 'What may be spent in a window.', select: { limitNano: true }, resolve: (row) => row.limitNano }),
    budget: t.field({
      type: BudgetRef, description: 'How it stands now.', complexity: 3,
      select: (_, { domain }) => ({
        window: true, timeZone: true, limitNano: true,
        budgets: { where: maybeOpen(domain.clock.now()), select: { windowKey: true, limitNano: true, spentNano: true, escrowNano: true, excessNano: true } },
      }),
      resolve: (row, _, { domain }) => standingAmong(row, row.budgets, domain.clock.now()),
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
  args: { ...pageArgs(t.arg), subjectId: t.arg.id({ description: 'Only of this tenant, key or pool.' }) },
  resolve: (_, { subjectId, ...page }, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.quota.findMany({ ...query, where: { AND: [visibleQuotas(context.actor, subjectId), after] } })),
}));

const QuotaSubjectInput = builder.inputType('QuotaSubjectInput', {
  description: 'Whose spending is limited: exactly one.',
  isOneOf: true,
  fields: (t) => ({ tenantId: t.id({ description: 'A tenant.' }), keyId: t.id({ description: 'A key.' }), poolId: t.id({ description: 'A pool (operators).' }) }),
});
const QuotaSetInput = builder.inputType('QuotaSetInput', {
  description: 'A limit.',
  fields: (t) => ({
    subject: t.field({ type: QuotaSubjectInput, required: true, description: 'Whose spending.' }),
    limit: t.field({ type: 'Decimal', required: true, description: 'Dollars that may be spent in one window.' }),
    window: t.field({ type: QuotaWindow, required: true, description: 'How often it starts anew. A subject has one limit for each kind of window.' }),
    timeZone: t.string({ description: 'Whose midnight counts; UTC when left out.' }),
  }),
});
const QuotaSetPayload = payload<Quota>('QuotaSetPayload', 'What quotaSet answers.', (t) => ({ quota: t.field({ type: QuotaRef, nullable: true, description: 'The limit.', resolve: ({ value }) => value }) }));
const QuotaRemoveInput = builder.inputType('QuotaRemoveInput', { description: 'Which limit.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const QuotaRemovePayload = payload<string>('QuotaRemovePayload', 'What quotaRemove answers.', (t) => ({ removedId: t.id({ nullable: true, description: 'The id of the removed limit.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  quotaSet: t.field({
    type: QuotaSetPayload, description: 'Sets the limit of a subject for one kind of window.',
    args: { input: t.arg({ type: QuotaSetInput, required: true, description: 'The limit.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await setQuota(domain, actor, input)),
  }),
  quotaRemove: t.field({
    type: QuotaRemovePayload, description: 'Takes a limit away.',
    args: { input: t.arg({ type: QuotaRemoveInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await removeQuota(domain, actor, input.id)),
  }),
}));
