import { readCompleteness, readDeadLetters } from '../domain/billing/completeness.ts';
import type { Completeness, DeadLetter, HeldJournal } from '../domain/billing/completeness.ts';
import { usdText } from '@fairlead/shared/money/charge.ts';
import { compareVendorUsage } from '../domain/billing/compare.ts';
import type { VendorDifference } from '../domain/billing/compare.ts';
import { builder } from './builder.ts';
import { Money } from './shapes.ts';
import { UsageAuditRowRef } from './usage.ts';

const VendorKindEnum = builder.enumType('VendorUsageKind', { description: 'What a vendor counts.', values: ['INPUT', 'OUTPUT', 'CACHE_READ', 'CACHE_WRITE', 'COST'] as const });
const countText = (row: VendorDifference, amount: bigint) => (row.kind === 'COST' ? usdText(amount) : String(amount));

const HeldJournalRef = builder.objectRef<HeldJournal>('HeldJournal').implement({
  description: 'What a node has not reported yet, as its last heartbeat told.',
  fields: (t) => ({
    nodeId: t.exposeID('nodeId', { description: 'The node.' }), name: t.exposeString('name', { description: 'Its name.' }),
    events: t.exposeInt('events', { description: 'How many events it holds.' }), bytes: t.field({ type: 'Long', description: 'How large its journal is.', resolve: (row) => row.bytes }),
    oldestMs: t.field({ type: 'Long', description: 'How old the oldest is, in milliseconds.', resolve: (row) => row.oldestMs }), seenAt: t.expose('seenAt', { type: 'DateTime', nullable: true, description: 'When it was heard last.' }),
  }),
});
const CompletenessRef = builder.objectRef<Completeness>('BillingCompleteness').implement({
  description: 'Whether anything is missing in the books.',
  fields: (t) => ({
    gap: t.exposeInt('gap', { description: 'Events that are missing below the highest number seen, over all starts of all nodes.' }),
    boots: t.field({ type: [UsageAuditRowRef], description: 'The same for each start of a node, the latest first.', resolve: (row) => row.boots }),
    deadLetters: t.exposeInt('deadLetters', { description: 'Events that could not be applied and wait for a human.' }),
    unpriced: t.field({ type: 'Long', description: 'Charges for which no price was known.', resolve: (row) => row.unpriced }),
    estimated: t.field({ type: 'Long', description: 'Charges whose tokens were bounded, not reported.', resolve: (row) => row.estimated }),
    estimatedCost: t.field({ type: Money, description: 'What those come to.', resolve: (row) => row.estimatedNano }),
    journals: t.field({ type: [HeldJournalRef], description: 'What each active node still holds.', resolve: (row) => row.journals }),
    balance: t.field({ type: Money, description: 'All accounts of all tenants together: zero, or the books are broken.', resolve: (row) => row.balancesNano }),
  }),
});
const DeadLetterRef = builder.objectRef<DeadLetter>('UsageDeadLetter').implement({
  description: 'A usage event that could not be applied: kept whole, with the reason.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }), nodeId: t.exposeID('nodeId', { description: 'Who sent it.' }), bootId: t.exposeString('bootId', { description: 'In which start.' }), seq: t.exposeInt('seq', { description: 'Its number; less than zero when it had none.' }),
    reason: t.exposeString('reason', { description: 'Why it could not be applied.' }), body: t.exposeString('body', { description: 'The event as it came.' }), createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was set aside.' }),
  }),
});

const VendorDifferenceRef = builder.objectRef<VendorDifference>('VendorDifference').implement({
  description: 'What we and a vendor counted on one day, for one model and kind.',
  fields: (t) => ({
    day: t.exposeString('day', { description: 'The day in UTC.' }), model: t.exposeString('model', { description: 'The model; empty where the vendor names none.' }),
    kind: t.field({ type: VendorKindEnum, description: 'What was counted.', resolve: (row) => row.kind }),
    ours: t.field({ type: 'Decimal', description: 'What we counted: tokens, or dollars with COST.', resolve: (row) => countText(row, row.ours) }),
    theirs: t.field({ type: 'Decimal', description: 'What the vendor counted.', resolve: (row) => countText(row, row.theirs) }),
    difference: t.field({ type: 'Decimal', description: 'Ours less theirs.', resolve: (row) => countText(row, row.difference) }),
  }),
});
const VendorUsageInput = builder.inputType('VendorUsageInput', {
  description: 'A vendor\'s export to compare with.',
  fields: (t) => ({ upstreamId: t.id({ required: true, description: 'Which upstream it is of.' }), content: t.string({ required: true, description: 'The file as text: CSV, or the JSON of Anthropic\'s usage and cost reports or of OpenAI\'s organization usage and costs.' }) }),
});

builder.queryFields((t) => ({
  vendorUsageDifferences: t.field({
    type: [VendorDifferenceRef], description: 'Compares a vendor\'s export with what was charged through an upstream (operators). Nothing is stored.', complexity: 100,
    args: { input: t.arg({ type: VendorUsageInput, required: true, description: 'What to compare with.' }) },
    resolve: (_, { input }, { domain, actor }) => compareVendorUsage(domain, actor, input),
  }),
  billingCompleteness: t.field({ type: CompletenessRef, description: 'Is anything missing in the books? (operators)', complexity: 100, resolve: (_, __, { domain, actor }) => readCompleteness(domain, actor) }),
  usageDeadLetters: t.field({
    type: [DeadLetterRef], description: 'Events that could not be applied, newest first (operators).', complexity: ({ first }: { first?: number | null | undefined }) => ({ field: 1, multiplier: Math.min(first ?? 50, 200) }),
    args: { first: t.arg.int({ defaultValue: 50, description: 'How many, at most 200.' }), after: t.arg.id({ description: 'Only those behind this one.' }) },
    resolve: (_, { first, after }, { domain, actor }) => readDeadLetters(domain, actor, first ?? 50, after),
  }),
}));
