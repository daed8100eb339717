import { auditUsage, reportUsage, usageGroups } from '../domain/usage/report.ts';
import type { UsageAuditRow, UsageRow, UsageTotals } from '../domain/usage/report.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { Money } from './shapes.ts';

type TotalsFields = PothosSchemaTypes.ObjectFieldBuilder<Extended, UsageTotals>;

const totalsFields = (t: TotalsFields) => ({
  requests: t.field({ type: 'Long', description: 'Attempts that were admitted.', resolve: (row) => row.requests }),
  inputTokens: t.field({ type: 'Long', description: 'Input tokens outside any cache.', resolve: (row) => row.inputTokens }),
  outputTokens: t.field({ type: 'Long', description: 'Output tokens.', resolve: (row) => row.outputTokens }),
  cacheReadTokens: t.field({ type: 'Long', description: 'Tokens read from a cache.', resolve: (row) => row.cacheReadTokens }),
  cacheWriteTokens: t.field({ type: 'Long', description: 'Tokens written to a cache.', resolve: (row) => row.cacheWriteTokens }),
  cost: t.field({ type: Money, description: 'What was settled.', resolve: (row) => row.costNano }),
  excess: t.field({ type: Money, description: 'What upstreams charged beyond what was reserved.', resolve: (row) => row.excessNano }),
});

/** Sums over usage. */
export const UsageTotalsRef = builder.objectRef<UsageTotals>('UsageTotals').implement({ description: 'Sums over usage.', fields: (t) => totalsFields(t) });

const UsageRowRef = builder.objectRef<UsageRow>('UsageRow').implement({
  description: 'Sums of one group; what was not grouped by is null.',
  fields: (t) => ({
    tenantId: t.exposeID('tenantId', { nullable: true, description: 'The tenant.' }),
    keyId: t.exposeID('keyId', { nullable: true, description: 'The key.' }),
    upstreamId: t.exposeID('upstreamId', { nullable: true, description: 'The upstream.' }),
    model: t.exposeString('model', { nullable: true, description: 'The model that was used.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'When the hour or day begins, in UTC.' }),
    requests: t.field({ type: 'Long', description: 'Attempts that were admitted.', resolve: (row) => row.requests }),
    inputTokens: t.field({ type: 'Long', description: 'Input tokens outside any cache.', resolve: (row) => row.inputTokens }),
    outputTokens: t.field({ type: 'Long', description: 'Output tokens.', resolve: (row) => row.outputTokens }),
    cacheReadTokens: t.field({ type: 'Long', description: 'Tokens read from a cache.', resolve: (row) => row.cacheReadTokens }),
    cacheWriteTokens: t.field({ type: 'Long', description: 'Tokens written to a cache.', resolve: (row) => row.cacheWriteTokens }),
    cost: t.field({ type: Money, description: 'What was settled.', resolve: (row) => row.costNano }),
    excess: t.field({ type: Money, description: 'What upstreams charged beyond what was reserved.', resolve: (row) => row.excessNano }),
  }),
});

const UsageReport = builder.objectRef<{ rows: UsageRow[]; totals: UsageTotals }>('UsageReport').implement({
  description: 'Usage, added up.',
  fields: (t) => ({
    rows: t.field({ type: [UsageRowRef], description: 'One row for each group; empty when nothing was grouped by.', resolve: (report) => report.rows }),
    totals: t.field({ type: UsageTotalsRef, description: 'All of it.', resolve: (report) => report.totals }),
  }),
});

/** How far the ledger is with one start of a node. */
export const UsageAuditRowRef = builder.objectRef<UsageAuditRow>('UsageAuditRow').implement({
  description: 'How far the ledger has taken what one start of a node sent.',
  fields: (t) => ({
    nodeId: t.exposeID('nodeId', { description: 'The node.' }),
    bootId: t.exposeString('bootId', { description: 'Which of its starts.' }),
    ackedSeq: t.exposeInt('ackedSeq', { description: 'Every event up to this number is in the ledger.' }),
    maxSeq: t.exposeInt('maxSeq', { description: 'The highest number seen.' }),
    gap: t.exposeInt('gap', { description: 'How many below the highest are missing; one that stays is lost usage.' }),
    deadLetters: t.exposeInt('deadLetters', { description: 'Events that could not be applied and are kept for a human.' }),
    seenAt: t.expose('seenAt', { type: 'DateTime', description: 'When it reported last.' }),
  }),
});

const UsageGroupEnum = builder.enumType('UsageGroup', { description: 'By what usage is told apart.', values: usageGroups });
const UsageInput = builder.inputType('UsageInput', {
  description: 'Which usage is wanted.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'From the beginning of this hour.' }),
    to: t.field({ type: 'DateTime', required: true, description: 'Until before this instant.' }),
    groupBy: t.field({ type: [UsageGroupEnum], description: 'By what to tell it apart.' }),
    keyId: t.id({ description: 'Only of this key.' }),
    tenantId: t.id({ description: 'Only of this tenant.' }),
  }),
});

builder.queryFields((t) => ({
  usage: t.field({
    type: UsageReport, description: 'Usage of the viewer\'s tenant, of all for an operator, by whole hours.',
    complexity: 20,
    args: { input: t.arg({ type: UsageInput, required: true, description: 'Which.' }) },
    resolve: (_, { input }, { domain, actor }) => reportUsage(domain, actor, input),
  }),
  usageAudit: t.field({
    type: [UsageAuditRowRef], description: 'What nodes sent against what is stored (operators).',
    complexity: 50,
    args: { nodeId: t.arg.id({ description: 'Only of this node.' }) },
    resolve: (_, { nodeId }, { domain, actor }) => auditUsage(domain, actor, nodeId),
  }),
}));
