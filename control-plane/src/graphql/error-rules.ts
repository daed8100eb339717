import type { ErrorRule } from '@fairlead/prisma';
import { visibleErrorRules } from '../domain/error-rules/reads.ts';
import { errorMatch, errorOutcome } from '../domain/error-rules/stored.ts';
import { createErrorRule, deleteErrorRule, updateErrorRule } from '../domain/error-rules/write.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { ErrorOutcome } from './routing-words.ts';
import { SwitchStatus } from './shapes.ts';
import { UpstreamRef, gatherUpstreams } from './upstreams.ts';

const ErrorRuleRef = builder.prismaNode('ErrorRule', {
  description: 'What an upstream\'s error means, or what the client is told of it. The lowest position that fits counts.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    shared: t.boolean({ description: 'Whether it is the operator\'s and counts for every tenant.', select: { tenantId: true }, resolve: (row) => row.tenantId === null }),
    position: t.exposeInt('position', { description: 'Lower is looked at first.' }),
    upstream: t.field({ type: UpstreamRef, nullable: true, description: 'Only for this upstream; null = all.', select: { upstreamId: true }, resolve: (row, _, context, info) => gatherUpstreams(context, info, row.upstreamId) }),
    statuses: t.intList({ description: 'For which HTTP statuses; empty = all.', select: { match: true }, resolve: (row) => errorMatch(row.match).statuses ?? [] }),
    pattern: t.string({ nullable: true, description: 'A regular expression (RE2 syntax) over the error\'s text; null = any text.', select: { match: true }, resolve: (row) => errorMatch(row.match).pattern ?? null }),
    outcome: t.field({ type: ErrorOutcome, nullable: true, description: 'What the error counts as; null = as its status says.', select: { outcome: true }, resolve: (row) => errorOutcome(row.outcome) ?? null }),
    say: t.exposeString('say', { nullable: true, description: 'What the client reads instead; null = the upstream\'s own text.' }),
    answerStatus: t.exposeInt('answerStatus', { nullable: true, description: 'The HTTP status the client sees instead; null = the upstream\'s own.' }),
    status: t.field({ type: SwitchStatus, description: 'Whether it counts.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE') }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

const ErrorRuleConnection = connectionOf('ErrorRule', ErrorRuleRef);
builder.queryField('errorRules', (t) => t.field({
  type: ErrorRuleConnection, description: 'The error rules that count for the viewer.', args: pageArgs(t.arg), complexity: listCost,
  resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.errorRule.findMany({ ...query, where: { AND: [visibleErrorRules(context.actor), after] } })),
}));

const ErrorRuleCreateInput = builder.inputType('ErrorRuleCreateInput', {
  description: 'What an error rule is made from. It must change something: the outcome, the text or the status.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }), position: t.int({ description: 'Lower is looked at first; 100 when left out.' }),
    upstreamId: t.id({ description: 'Only for this upstream; all when left out.' }),
    statuses: t.intList({ description: 'For which HTTP statuses; all when left out.' }),
    pattern: t.string({ description: 'A regular expression (RE2 syntax) over the error\'s text; any text when left out.' }),
    outcome: t.field({ type: ErrorOutcome, description: 'What the error counts as.' }),
    say: t.string({ description: 'What the client reads instead.' }),
    answerStatus: t.int({ description: 'The HTTP status the client sees instead.' }),
    shared: t.boolean({ description: 'Whether it counts for every tenant (operators).' }),
    status: t.field({ type: SwitchStatus, description: 'Whether it counts at once; ACTIVE when left out.' }),
  }),
});
const ErrorRuleUpdateInput = builder.inputType('ErrorRuleUpdateInput', {
  description: 'Changes to an error rule: what is left out stays, null takes a part away.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which error rule.' }), name: t.string({ description: 'Its new name.' }), position: t.int({ description: 'Lower is looked at first.' }),
    upstreamId: t.id({ description: 'Only for this upstream; null = all.' }),
    statuses: t.intList({ description: 'For which HTTP statuses; null = all.' }),
    pattern: t.string({ description: 'A regular expression (RE2 syntax) over the error\'s text; null = any text.' }),
    outcome: t.field({ type: ErrorOutcome, description: 'What the error counts as; null = as its status says.' }),
    say: t.string({ description: 'What the client reads instead; null = the upstream\'s own text.' }),
    answerStatus: t.int({ description: 'The HTTP status the client sees instead; null = the upstream\'s own.' }),
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it.' }), expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const ErrorRuleDeleteInput = builder.inputType('ErrorRuleDeleteInput', { description: 'Which error rule.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const rulePayload = (name: string) => payload<ErrorRule>(name, 'The error rule as it is now.', (t) => ({ errorRule: t.field({ type: ErrorRuleRef, nullable: true, description: 'The error rule.', resolve: ({ value }) => value }) }));
const ErrorRuleCreatePayload = rulePayload('ErrorRuleCreatePayload');
const ErrorRuleUpdatePayload = rulePayload('ErrorRuleUpdatePayload');
const ErrorRuleDeletePayload = payload<string>('ErrorRuleDeletePayload', 'Which error rule is gone.', (t) => ({ removedId: t.id({ nullable: true, description: 'Its id.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  errorRuleCreate: t.field({
    type: ErrorRuleCreatePayload, description: 'Makes an error rule.',
    args: { input: t.arg({ type: ErrorRuleCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createErrorRule(domain, actor, input)),
  }),
  errorRuleUpdate: t.field({
    type: ErrorRuleUpdatePayload, description: 'Changes, pauses or resumes an error rule.',
    args: { input: t.arg({ type: ErrorRuleUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateErrorRule(domain, actor, input)),
  }),
  errorRuleDelete: t.field({
    type: ErrorRuleDeletePayload, description: 'Removes an error rule.',
    args: { input: t.arg({ type: ErrorRuleDeleteInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await deleteErrorRule(domain, actor, input.id)),
  }),
}));
