import type { CostRow } from '../domain/billing/report.ts';
import { costDimensions, reportCosts } from '../domain/billing/report.ts';
import type { CostSums } from '../domain/billing/sums.ts';
import { isOperator, requireMember } from '../domain/actor.ts';
import { explain } from '../domain/billing/explain.ts';
import type { Explanation } from '../domain/billing/explain.ts';
import { readJournalPage } from '../domain/billing/journal-page.ts';
import type { JournalRow } from '../domain/billing/journal.ts';
import { periodKinds, readSpan } from '../domain/billing/period.ts';
import { booksOf } from '../domain/billing/scope.ts';
import { readStatement } from '../domain/billing/statement.ts';
import type { Statement, StatementLine } from '../domain/billing/statement.ts';
import { readWallet } from '../domain/wallet/reads.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { ExplainedChargeRef } from './charge.ts';
import { LedgerEntryKind, entryKindOf } from './ledger-entry.ts';
import { PriceRef } from './prices.ts';
import { Money } from './shapes.ts';
import { WalletRef } from './wallet.ts';

const PayerEnum = builder.enumType('Payer', { description: 'Which account pays.', values: { TENANT: { description: 'The tenant, within its limits.' }, POOL: { description: 'The pool of a campaign.' }, WALLET: { description: 'The tenant\'s wallet.' } } });
const PeriodEnum = builder.enumType('BillingPeriod', { description: 'How long a period is.', values: periodKinds });
const DimensionEnum = builder.enumType('CostDimension', { description: 'By what costs are told apart. With several tags a charge counts under each. REPO, BRANCH, TICKET and SESSION are what requests were for: an answer has at most 10000 rows of them.', values: costDimensions });

const sumsFields = (t: PothosSchemaTypes.ObjectFieldBuilder<Extended, CostSums>) => ({
  requests: t.field({ type: 'Long', description: 'Calls that were charged.', resolve: (row) => row.requests }),
  inputTokens: t.field({ type: 'Long', description: 'Input tokens outside any cache.', resolve: (row) => row.inputTokens }),
  outputTokens: t.field({ type: 'Long', description: 'Output tokens.', resolve: (row) => row.outputTokens }),
  cacheReadTokens: t.field({ type: 'Long', description: 'Tokens read from a cache.', resolve: (row) => row.cacheReadTokens }),
  cacheWriteTokens: t.field({ type: 'Long', description: 'Tokens written to a cache.', resolve: (row) => row.cacheWriteTokens }),
  cost: t.field({ type: Money, description: 'What was settled.', resolve: (row) => row.costNano }),
  excess: t.field({ type: Money, description: 'What upstreams charged beyond what was reserved; on an account of its own.', resolve: (row) => row.excessNano }),
  estimatedCost: t.field({ type: Money, description: 'The part of cost whose tokens were bounded, not reported.', resolve: (row) => row.estimatedNano }),
  estimated: t.field({ type: 'Long', description: 'Calls whose tokens were bounded.', resolve: (row) => row.estimated }),
  unpriced: t.field({ type: 'Long', description: 'Calls for which no price was known.', resolve: (row) => row.unpriced }),
});
const CostSumsRef = builder.objectRef<CostSums>('CostSums').implement({ description: 'Sums over charges.', fields: (t) => sumsFields(t) });
const DimensionValueRef = builder.objectRef<CostRow['by'][number]>('CostDimensionValue').implement({
  description: 'What a group has in one dimension.',
  fields: (t) => ({ dimension: t.field({ type: DimensionEnum, description: 'Which dimension.', resolve: (row) => row.dimension }), value: t.exposeString('value', { nullable: true, description: 'The id, name or tag; null = none.' }) }),
});
const CostRowRef = builder.objectRef<CostRow>('CostRow').implement({
  description: 'Sums of one group.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'When its period begins; null when no periods were asked for.' }),
    by: t.field({ type: [DimensionValueRef], description: 'What it has in each dimension that was asked for.', resolve: (row) => row.by }),
    sums: t.field({ type: CostSumsRef, description: 'Its sums.', resolve: (row) => row }),
  }),
});
const CostReportRef = builder.objectRef<{ rows: CostRow[]; totals: CostSums }>('CostReport').implement({
  description: 'Costs, added up.',
  fields: (t) => ({
    rows: t.field({ type: [CostRowRef], description: 'One row for each group.', resolve: (report) => report.rows }),
    totals: t.field({ type: CostSumsRef, description: 'All of it.', resolve: (report) => report.totals }),
  }),
});

const StatementLineRef = builder.objectRef<StatementLine>('StatementLine').implement({
  description: 'The charges of a day together, or one movement of money.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When; of charges, the beginning of the day.' }),
    kind: t.field({ type: LedgerEntryKind, description: 'What kind it is.', resolve: (row) => entryKindOf(row.kind) }),
    entryId: t.id({ nullable: true, description: 'The entry; null for the charges of a day.', resolve: (row) => row.entryId }),
    reference: t.exposeString('reference', { nullable: true, description: 'The reference it was made with.' }),
    note: t.exposeString('note', { nullable: true, description: 'Why.' }),
    requests: t.field({ type: 'Long', description: 'How many calls were charged.', resolve: (row) => row.requests }),
    amount: t.field({ type: Money, description: 'What it did to the account.', resolve: (row) => row.amountNano }),
    balance: t.field({ type: Money, description: 'What was on the account then.', resolve: (row) => row.balanceNano }),
  }),
});
const StatementRef = builder.objectRef<Statement>('Statement').implement({
  description: 'What happened on an account.',
  fields: (t) => ({
    account: t.field({ type: PayerEnum, description: 'Which account.', resolve: (row) => row.account }),
    from: t.expose('from', { type: 'DateTime', description: 'From when: the beginning of an hour.' }),
    to: t.expose('to', { type: 'DateTime', description: 'Until before when.' }),
    opening: t.field({ type: Money, description: 'What was on the account before.', resolve: (row) => row.openingNano }),
    closing: t.field({ type: Money, description: 'What was on it at the end.', resolve: (row) => row.closingNano }),
    lines: t.field({ type: [StatementLineRef], description: 'What happened, in order.', resolve: (row) => row.lines }),
  }),
});

const PostingRef = builder.objectRef<{ account: string; amountNano: bigint }>('LedgerPosting').implement({
  description: 'One line of an entry. The lines of an entry add up to zero.',
  fields: (t) => ({ account: t.exposeString('account', { description: 'The account, such as WALLET, UPSTREAM or EXCESS.' }), amount: t.field({ type: Money, description: 'What it gains.', resolve: (row) => row.amountNano }) }),
});
const ExplanationRef = builder.objectRef<Explanation>('BillingExplanation').implement({
  description: 'Where a number comes from.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id of the charge or entry.' }),
    kind: t.field({ type: LedgerEntryKind, description: 'What kind of entry it is.', resolve: (row) => entryKindOf(row.kind) }),
    at: t.expose('at', { type: 'DateTime', description: 'When it began.' }),
    postings: t.field({ type: [PostingRef], description: 'What it did to which account.', resolve: (row) => row.postings }),
    charge: t.field({ type: ExplainedChargeRef, nullable: true, description: 'The charge in its parts; null for other entries.', resolve: (row) => row.charge }),
    price: t.field({ type: PriceRef, nullable: true, description: 'The price that was in force.', resolve: (row) => row.price }),
    cost: t.field({ type: Money, description: 'What was settled: never more than was reserved where a budget pays.', resolve: (row) => row.costNano }),
    reserved: t.field({ type: Money, description: 'What was held while it ran.', resolve: (row) => row.reservedNano }),
    excess: t.field({ type: Money, description: 'What was charged beyond that.', resolve: (row) => row.excessNano }),
    estimated: t.exposeBoolean('estimated', { description: 'Whether tokens were bounded, not reported: then the whole reservation may have been charged.' }),
    unpriced: t.exposeBoolean('unpriced', { description: 'Whether no price was known.' }),
    exchangeId: t.id({ nullable: true, description: 'The exchange it belongs to.', resolve: (row) => row.exchangeId }),
    reference: t.exposeString('reference', { nullable: true, description: 'The reference of a movement.' }),
    note: t.exposeString('note', { nullable: true, description: 'The note of a movement.' }),
    repo: t.exposeString('repo', { nullable: true, description: 'The repository that a charge was for.' }), branch: t.exposeString('branch', { nullable: true, description: 'Its branch.' }), ticket: t.exposeString('ticket', { nullable: true, description: 'Its ticket.' }),
    sessionId: t.exposeString('sessionId', { nullable: true, description: 'The client\'s conversation.' }), tags: t.exposeStringList('tags', { description: 'The tags of its key then.' }),
  }),
});

const LabelFilterInput = builder.inputType('LabelFilter', {
  description: 'Only charges that were for all of these.',
  fields: (t) => ({ repo: t.string({ description: 'For this repository.' }), branch: t.string({ description: 'For this branch.' }), ticket: t.string({ description: 'For this ticket.' }), sessionId: t.string({ description: 'Of this conversation.' }) }),
});
const BillingReportInput = builder.inputType('BillingReportInput', {
  description: 'Which costs are wanted.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', required: true, description: 'From the beginning of this hour.' }), to: t.field({ type: 'DateTime', required: true, description: 'Until before the beginning of this hour.' }),
    timeZone: t.string({ description: 'Whose midnight counts; UTC when left out. Its days must begin with a full hour of UTC.' }),
    period: t.field({ type: PeriodEnum, description: 'How long the periods are; without periods when left out.' }),
    by: t.field({ type: [DimensionEnum], description: 'By what to tell them apart.' }),
    only: t.field({ type: LabelFilterInput, description: 'Only what was for these.' }),
    allTenants: t.boolean({ description: 'Of all tenants together (operators).' }),
  }),
});
const StatementInput = builder.inputType('StatementInput', {
  description: 'Which statement is wanted.',
  fields: (t) => ({
    account: t.field({ type: PayerEnum, description: 'Of which account; the wallet when left out.' }),
    from: t.field({ type: 'DateTime', required: true, description: 'From the beginning of this hour.' }), to: t.field({ type: 'DateTime', required: true, description: 'Until before the beginning of this hour.' }),
    timeZone: t.string({ description: 'Whose days; UTC when left out.' }),
  }),
});

const JournalRowRef = builder.objectRef<JournalRow>('JournalRow').implement({
  description: 'One entry of the ledger, a charge or a movement, with all it is told apart by. Ids are empty where there are none.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id; billing.explain tells more of it.' }), at: t.field({ type: 'DateTime', description: 'When.', resolve: (row) => new Date(row.at) }), kind: t.field({ type: LedgerEntryKind, description: 'What kind it is.', resolve: (row) => entryKindOf(row.kind) }),
    payer: t.exposeString('payer', { description: 'Whose account it changed: TENANT, POOL or WALLET.' }), amount: t.field({ type: 'Decimal', description: 'By how many dollars.', resolve: (row) => row.amount }), excess: t.field({ type: 'Decimal', description: 'What was charged beyond the reservation.', resolve: (row) => row.excess }),
    member: t.exposeString('member', { description: 'Whose key it was, or who moved the money.' }), key: t.exposeString('key', { description: 'The key.' }), upstream: t.exposeString('upstream', { description: 'The upstream.' }), credential: t.exposeString('credential', { description: 'The credential.' }),
    campaign: t.exposeString('campaign', { description: 'The campaign.' }), model: t.exposeString('model', { description: 'The model that was used.' }), tags: t.stringList({ description: 'The tags of the key then.', resolve: (row) => (row.tags === '' ? [] : row.tags.split(' ')) }),
    repo: t.exposeString('repo', { description: 'The repository it was for.' }), branch: t.exposeString('branch', { description: 'The branch.' }), ticket: t.exposeString('ticket', { description: 'The ticket.' }),
    session: t.exposeString('session', { description: 'The client\'s conversation.' }), exchange: t.exposeString('exchange', { description: 'The exchange, or the charge that a refund gives back.' }), reference: t.exposeString('reference', { description: 'The reference of a movement.' }), note: t.exposeString('note', { description: 'Why.' }),
  }),
});
const JournalPageRef = builder.objectRef<{ rows: JournalRow[]; end: string | null }>('JournalPage').implement({
  description: 'A part of the entries, in the order of time.',
  fields: (t) => ({ rows: t.field({ type: [JournalRowRef], description: 'The entries.', resolve: (page) => page.rows }), end: t.string({ nullable: true, description: 'Pass it as `after` to go on; null at the end.', resolve: (page) => page.end }) }),
});

const BillingRef = builder.objectRef<{ tenantId: string }>('Billing').implement({
  description: 'The books of a tenant.',
  fields: (t) => ({
    tenantId: t.exposeID('tenantId', { description: 'Whose books.' }),
    wallet: t.field({ type: WalletRef, description: 'Its wallet.', complexity: 5, resolve: ({ tenantId }, _, { domain }) => readWallet(domain, tenantId) }),
    balances: t.field({
      type: [PostingRef], description: 'What is on each account. Together they are zero.', complexity: 5,
      resolve: ({ tenantId }, _, { domain }) => domain.db.client.accountBalance.findMany({ where: { tenantId }, orderBy: { account: 'asc' } }).then((rows) => rows.map((row) => ({ account: row.account, amountNano: row.balanceNano }))),
    }),
    report: t.field({
      type: CostReportRef, description: 'Costs by period and dimension.', complexity: 50,
      args: { input: t.arg({ type: BillingReportInput, required: true, description: 'Which.' }) },
      resolve: ({ tenantId }, { input }, { domain, actor }) => {
        const all = input.allTenants === true && isOperator(actor);
        return reportCosts(domain, { tenantId: all ? null : tenantId, span: readSpan(input), period: input.period, by: input.by ?? [], only: input.only });
      },
    }),
    statement: t.field({
      type: StatementRef, description: 'Opening balance, what happened, closing balance.', complexity: 50,
      args: { input: t.arg({ type: StatementInput, required: true, description: 'Which.' }) },
      resolve: ({ tenantId }, { input }, { domain }) => readStatement(domain, tenantId, input.account ?? 'WALLET', readSpan(input)),
    }),
    entries: t.field({
      type: JournalPageRef, description: 'The entries themselves, in the order of time. /export/ledger streams all of them as CSV or JSON.', complexity: ({ first }: { first?: number | null | undefined }) => ({ field: 1, multiplier: Math.min(first ?? 50, 500) }),
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'From when.' }), to: t.arg({ type: 'DateTime', required: true, description: 'Until before when.' }),
        first: t.arg.int({ defaultValue: 50, description: 'How many, at most 500.' }), after: t.arg.string({ description: 'The end of the page before.' }), only: t.arg({ type: LabelFilterInput, description: 'Only charges that were for these.' }),
      },
      resolve: ({ tenantId }, { from, to, first, after, only }, { domain }) => readJournalPage(domain, { tenantId, from, to, only }, first ?? 50, after),
    }),
    explain: t.field({
      type: ExplanationRef, nullable: true, description: 'Where a number comes from; null when there is no such charge or entry in these books.', complexity: 10,
      args: { id: t.arg.id({ required: true, description: 'The id of a charge or of an entry.' }) },
      resolve: async ({ tenantId }, { id }, { domain, actor }) => { const found = await explain(domain, actor, id); return found?.tenantId === tenantId ? found : null; },
    }),
  }),
});

builder.queryField('billing', (t) => t.field({
  type: BillingRef, description: 'The books of the viewer\'s tenant, or for operators of the one they name.', complexity: 5,
  args: { tenantId: t.arg.id({ description: 'Whose (operators).' }) },
  resolve: async (_, { tenantId }, { domain, actor }) => { requireMember(actor, 'billing:read'); return { tenantId: await booksOf(domain, actor, tenantId) }; },
}));
