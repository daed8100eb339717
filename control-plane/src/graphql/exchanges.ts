import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { isOperator, may } from '../domain/actor.ts';
import { streamExchanges, visibleCharges, visibleExchanges } from '../domain/usage/exchanges.ts';
import { searchExchanges } from '../domain/usage/search-exchanges.ts';
import { visibleKeys } from '../domain/keys/reads.ts';
import { explainCharge } from '../domain/prices/explain.ts';
import { readAskFacts } from '../domain/usage/ask-facts.ts';
import { readDecision } from '../domain/usage/decision.ts';
import type { Decision, DecisionAttempt, DecisionCandidate, PassedOver } from '../domain/usage/decision.ts';
import { AskFactsRef } from './ask-facts.ts';
import { builder } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageQuery, pageWith } from './connection.ts';
import type { Context } from './context.ts';
import { gatherBy, gatherById } from './gather.ts';
import { KeyRef } from './keys.ts';
import { FleetNodeRef } from './nodes.ts';
import { ExplainedChargeRef, explainedColumns } from './charge.ts';
import { PriceRef } from './prices.ts';
import { Money } from './shapes.ts';
import { UpstreamRef, gatherUpstreams } from './upstreams.ts';

const ExchangeOutcome = builder.enumType('ExchangeOutcome', {
  description: 'How an exchange ended.',
  values: { OK: { description: 'Answered in full.' }, FAILED: { description: 'Something failed.' }, ABORTED: { description: 'The client left.' }, REFUSED: { description: 'Not admitted.' }, CRASHED: { description: 'The node stopped in the middle.' } },
});
const outcomes = ['OK', 'FAILED', 'ABORTED', 'REFUSED', 'CRASHED'] as const;

// A claimed key has moved to another tenant, where the viewer does not see it.
const gatherKeys = gatherById((query, ids, { domain, actor }) => domain.db.client.key.findMany({ ...query, where: { AND: [visibleKeys(actor), { id: { in: ids } }] } }));
const gatherNodes = gatherById((query, ids, { domain }) => domain.db.client.fleetNode.findMany({ ...query, where: { id: { in: ids } } }));
const gatherPrices = gatherById((query, ids, { domain }) => domain.db.client.price.findMany({ ...query, where: { id: { in: ids } } }));
const gatherCharges = gatherBy({
  plan: (at): { select: { id: true; exchangeId: true } } => queryFromInfo({ ...at, select: { id: true, exchangeId: true } }),
  read: (query, ids, { domain, actor }) => domain.db.client.usageEvent.findMany({ ...query, where: { AND: [visibleCharges(actor), { exchangeId: { in: ids } }] }, orderBy: [{ attempt: 'asc' }, { id: 'asc' }] }),
  by: (row) => row.exchangeId,
});

/** The upstream with this id, when it serves the viewer. */
function upstreamFor(context: Context, info: GraphQLResolveInfo, id: string | null) {
  return may(context.actor, 'upstreams:read') ? gatherUpstreams(context, info, id) : null;
}

const DecisionCandidateRef = builder.objectRef<DecisionCandidate>('DecisionCandidate').implement({
  description: 'One upstream that was considered.',
  fields: (t) => ({
    upstream: t.exposeString('upstream', { description: 'Its name.' }),
    upstreamId: t.exposeID('upstreamId', { description: 'Its id.' }),
    model: t.exposeString('model', { description: 'The model it would be asked for.' }),
    chosen: t.exposeBoolean('chosen', { description: 'Whether it was planned to be asked.' }), reason: t.exposeString('reason', { description: 'Why, or why not.' }),
  }),
});
const CountedUnitRef = builder.objectRef<DecisionAttempt['units'][number]>('CountedUnit').implement({
  description: 'A count that a vendor keeps besides tokens of text: uses of its own tools, tokens of sound and pictures.',
  fields: (t) => ({
    kind: t.exposeString('kind', { description: 'web-search, web-fetch, code-execution, audio-input, audio-output, image-input, image-output or video-input.' }),
    count: t.exposeInt('count', { description: 'How many: uses of a tool, or tokens.' }),
  }),
});
const DecisionAttemptRef = builder.objectRef<DecisionAttempt>('DecisionAttempt').implement({
  description: 'One call to an upstream.',
  fields: (t) => ({
    attempt: t.exposeInt('attempt', { description: 'Which call, from 1.' }),
    upstream: t.exposeString('upstream', { description: 'The upstream\'s name.' }),
    model: t.exposeString('model', { description: 'The model that was asked.' }),
    dialect: t.exposeString('dialect', { description: 'The wire format.' }),
    outcome: t.exposeString('outcome', { description: 'How it ended.' }),
    status: t.exposeInt('status', { nullable: true, description: 'The HTTP status.' }),
    ttftMs: t.exposeInt('ttftMs', { nullable: true, description: 'Milliseconds to the first content.' }), durationMs: t.exposeInt('durationMs', { description: 'Milliseconds in all.' }),
    detail: t.exposeString('detail', { nullable: true, description: 'More about how it ended.' }),
    startedMs: t.exposeInt('startedMs', { nullable: true, description: 'Milliseconds after the request came; null when it is not known. Hedged calls overlap.' }),
    why: t.exposeString('why', { description: 'Why it was made: first, failover, retry, hedge or repair.' }),
    units: t.field({ type: [CountedUnitRef], description: 'What the vendor counted besides tokens of text; its tokens are part of input or output.', resolve: (row) => row.units }),
    losses: t.exposeStringList('losses', { description: 'What could not be said in the upstream\'s wire format.' }),
  }),
});

const PassedOverRef = builder.objectRef<PassedOver>('DecisionPassedOver').implement({
  description: 'A route that was looked at and did not fit.',
  fields: (t) => ({ route: t.exposeString('route', { description: 'Its name.' }), reason: t.exposeString('reason', { description: 'Why it did not fit.' }) }),
});
const DecisionRef = builder.objectRef<Decision>('Decision').implement({
  description: 'Why an exchange went where it went.',
  fields: (t) => ({
    route: t.exposeString('route', { nullable: true, description: 'The route that decided.' }), revision: t.exposeInt('revision', { description: 'The revision the node worked with.' }),
    recalled: t.exposeString('recalled', { nullable: true, description: '"replay" when it was answered from a stream that this key had paid for already.' }),
    passedOver: t.field({ type: [PassedOverRef], description: 'Routes that did not fit, in order.', resolve: (row) => row.passedOver }),
    candidates: t.field({ type: [DecisionCandidateRef], description: 'What was considered, in order.', resolve: (row) => row.candidates }),
    attempts: t.field({ type: [DecisionAttemptRef], description: 'What was called, in order.', resolve: (row) => row.attempts }),
    notes: t.exposeStringList('notes', { description: 'What was done to what the client said: a header that was cut or left out.' }),
  }),
});
const ChargeRef = builder.prismaObject('UsageEvent', {
  name: 'Charge',
  select: { id: true },
  description: 'What one call to an upstream cost.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Its id.' }), attempt: t.exposeInt('attempt', { description: 'Which call, from 1.' }),
    upstream: t.field({ type: UpstreamRef, nullable: true, description: 'Who was called.', select: { upstreamId: true }, resolve: (row, _, context, info) => upstreamFor(context, info, row.upstreamId) }),
    model: t.string({ description: 'The model that was used.', select: { modelUsed: true }, resolve: (row) => row.modelUsed }), outcome: t.exposeString('outcome', { description: 'How it ended.' }),
    inputTokens: t.field({ type: 'Long', description: 'Input tokens outside any cache.', select: { inputTokens: true }, resolve: (row) => row.inputTokens }),
    outputTokens: t.field({ type: 'Long', description: 'Output tokens.', select: { outputTokens: true }, resolve: (row) => row.outputTokens }),
    cacheReadTokens: t.field({ type: 'Long', description: 'Tokens read from a cache.', select: { cacheReadTokens: true }, resolve: (row) => row.cacheReadTokens }),
    cacheWrite5mTokens: t.field({ type: 'Long', description: 'Tokens written to a cache for five minutes.', select: { cacheWrite5mTokens: true }, resolve: (row) => row.cacheWrite5mTokens }),
    cacheWrite1hTokens: t.field({ type: 'Long', description: 'Tokens written to a cache for an hour.', select: { cacheWrite1hTokens: true }, resolve: (row) => row.cacheWrite1hTokens }),
    reasoningTokens: t.field({ type: 'Long', description: 'Output tokens spent on reasoning.', select: { reasoningTokens: true }, resolve: (row) => row.reasoningTokens }),
    cost: t.field({ type: Money, description: 'What was settled.', select: { costNano: true }, resolve: (row) => row.costNano }),
    reserved: t.field({ type: Money, description: 'What was held while it ran.', select: { reservedNano: true }, resolve: (row) => row.reservedNano }),
    excess: t.field({ type: Money, description: 'What was charged beyond that.', select: { excessNano: true }, resolve: (row) => row.excessNano }),
    estimated: t.exposeBoolean('estimated', { description: 'Whether tokens were bounded, not reported.' }), unpriced: t.exposeBoolean('unpriced', { description: 'Whether no price was known.' }),
    price: t.field({ type: PriceRef, nullable: true, description: 'The rates it was charged at.', select: { priceId: true }, resolve: (row, _, context, info) => gatherPrices(context, info, row.priceId) }),
    explained: t.field({
      type: ExplainedChargeRef, description: 'How the charge came about.', complexity: 5, select: explainedColumns,
      resolve: async (row, _, { domain }) => explainCharge(row, row.priceId === null ? null : await domain.db.client.price.findUnique({ where: { id: row.priceId } })),
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When the call began.' }), endedAt: t.expose('endedAt', { type: 'DateTime', description: 'When it ended.' }),
  }),
});

/** One client request. */
export const ExchangeRef = builder.prismaNode('Exchange', {
  description: 'One client request and what came of it. Never holds what was said.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }), endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    status: t.exposeInt('status', { nullable: true, description: 'The HTTP status the client saw.' }),
    outcome: t.field({ type: ExchangeOutcome, nullable: true, description: 'How it ended.', select: { outcome: true }, resolve: (row) => outcomes.find((known) => known === row.outcome) ?? null }),
    faultCode: t.exposeString('faultCode', { nullable: true, description: 'Why it was refused or failed.' }),
    dialect: t.exposeString('dialect', { nullable: true, description: 'The client\'s wire format.' }),
    model: t.exposeString('model', { nullable: true, description: 'The model the client asked for.' }), stream: t.exposeBoolean('stream', { description: 'Whether the answer was streamed.' }),
    client: t.exposeString('client', { nullable: true, description: 'Which client, such as "claude-code".' }),
    sessionId: t.exposeString('sessionId', { nullable: true, description: 'The client\'s conversation.' }),
    repo: t.exposeString('repo', { nullable: true, description: 'The repository it was for, as its client or its key said.' }), branch: t.exposeString('branch', { nullable: true, description: 'The branch.' }), ticket: t.exposeString('ticket', { nullable: true, description: 'The ticket.' }),
    ttftMs: t.exposeInt('ttftMs', { nullable: true, description: 'Milliseconds to the first content.' }),
    durationMs: t.exposeInt('durationMs', { nullable: true, description: 'Milliseconds in all.' }),
    key: t.field({ type: KeyRef, nullable: true, description: 'The key that was presented.', select: { keyId: true }, resolve: (row, _, context, info) => (may(context.actor, 'keys:read') ? gatherKeys(context, info, row.keyId) : null) }),
    fleetNode: t.field({
      type: FleetNodeRef, nullable: true, description: 'The node that served it (operators).',
      select: { nodeId: true }, resolve: (row, _, context, info) => (isOperator(context.actor) ? gatherNodes(context, info, row.nodeId) : null),
    }),
    upstream: t.field({ type: UpstreamRef, nullable: true, description: 'Who answered.', select: { upstreamId: true }, resolve: (row, _, context, info) => upstreamFor(context, info, row.upstreamId) }),
    upstreamModel: t.exposeString('upstreamModel', { nullable: true, description: 'The model that answered.' }), attempts: t.exposeInt('attempts', { description: 'How many calls were charged for.' }),
    inputTokens: t.field({ type: 'Long', description: 'Input tokens outside any cache.', select: { inputTokens: true }, resolve: (row) => row.inputTokens }),
    outputTokens: t.field({ type: 'Long', description: 'Output tokens.', select: { outputTokens: true }, resolve: (row) => row.outputTokens }),
    cacheReadTokens: t.field({ type: 'Long', description: 'Tokens read from a cache.', select: { cacheReadTokens: true }, resolve: (row) => row.cacheReadTokens }),
    cacheWriteTokens: t.field({ type: 'Long', description: 'Tokens written to a cache.', select: { cacheWriteTokens: true }, resolve: (row) => row.cacheWriteTokens }),
    cost: t.field({ type: Money, description: 'What was settled for it.', select: { costNano: true }, resolve: (row) => row.costNano }),
    estimated: t.exposeBoolean('estimated', { description: 'Whether tokens were bounded, not reported.' }),
    unpriced: t.exposeBoolean('unpriced', { description: 'Whether no price was known.' }),
    decision: t.field({ type: DecisionRef, nullable: true, description: 'Why it went where it went; null when the trace was dropped.', select: { decision: true }, resolve: (row) => readDecision(row.decision) }),
    ask: t.field({ type: AskFactsRef, nullable: true, description: 'What routing looked at; null when the trace was dropped or is from before this was kept.', select: { ask: true }, resolve: (row) => readAskFacts(row.ask) ?? null }),
    charges: t.field({ type: [ChargeRef], description: 'The calls behind the cost.', complexity: 5, select: { id: true }, resolve: (row, _, context, info) => gatherCharges(context, info, row.id) }),
  }),
});

const ExchangeConnection = connectionOf('Exchange', ExchangeRef);
builder.objectField(ExchangeConnection, 'searchedTo', (t) => t.field({
  type: 'DateTime', nullable: true, description: 'How far back was looked, when the page is short only because looking on would take long: ask on behind `endCursor`. Null when the page is full or the log ends.',
  resolve: (page) => ('searchedTo' in page && page.searchedTo instanceof Date ? page.searchedTo : null),
}));
const ExchangeFilter = builder.inputType('ExchangeFilter', {
  description: 'Which exchanges are wanted.',
  fields: (t) => ({
    keyId: t.id({ description: 'Only of this key.' }),
    tenantId: t.id({ description: 'Only of this tenant.' }),
    outcome: t.field({ type: ExchangeOutcome, description: 'Only those that ended so.' }),
    model: t.string({ description: 'Only those that asked for this model.' }), sessionId: t.string({ description: 'Only of this conversation.' }),
    repo: t.string({ description: 'Only those for this repository.' }), branch: t.string({ description: 'Only those for this branch.' }), ticket: t.string({ description: 'Only those for this ticket.' }),
    since: t.field({ type: 'DateTime', description: 'Only those that began then or later.' }), until: t.field({ type: 'DateTime', description: 'Only those that began before.' }),
  }),
});

builder.queryFields((t) => ({
  exchanges: t.field({
    type: ExchangeConnection, description: 'The exchanges of the viewer\'s tenant; of all for an operator.', complexity: listCost, args: { ...pageArgs(t.arg),
    filter: t.arg({ type: ExchangeFilter, description: 'Which ones.' }) },
    resolve: async (_, { filter, ...page }, context, info) => {
      const { domain, actor } = context;
      const { query, first } = pageQuery(page, context, info);
      const { rows, more, searched } = await searchExchanges(domain, actor, filter ?? {}, { first, after: page.after }, (where, take) => domain.db.client.exchange.findMany({ ...query, where, take }));
      return { ...pageWith(rows, more, searched?.id), searchedTo: searched?.at ?? null };
    },
  }),
  exchange: t.prismaField({
    type: ExchangeRef, nullable: true, description: 'One exchange.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (query, _, { id }, { domain, actor }) => domain.db.client.exchange.findFirst({ ...query, where: { AND: [visibleExchanges(actor), { id }] } }),
  }),
}));

builder.subscriptionField('exchangeStream', (t) => t.field({
  type: ExchangeRef, description: 'Every exchange that ends from now on, within about a second.', args: { filter: t.arg({ type: ExchangeFilter, description: 'Which ones.' }) },
  subscribe: (_, { filter }, { domain, actor, signal }) => streamExchanges(domain, actor, filter ?? {}, signal),
  resolve: (row) => row,
}));
