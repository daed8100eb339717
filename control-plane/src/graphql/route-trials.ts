// Routes tried before they are saved.
import type { PlannedChoice, RoutingPlan } from '@fairlead/shared/plan/plan.ts';
import { replayRoutes } from '../domain/routes/replay.ts';
import type { Move, Place, Replay, Unserved } from '../domain/routes/replay.ts';
import { simulateRoute } from '../domain/routes/simulate.ts';
import type { Simulation } from '../domain/routes/simulate.ts';
import { mayInspect } from '../domain/upstreams/reads.ts';
import { AskFactsRef } from './ask-facts.ts';
import { builder } from './builder.ts';
import { payload, settle } from './errors.ts';
import { RouteTargetInput, treatment } from './routes.ts';
import { Money, SwitchStatus } from './shapes.ts';

const SimulatedChoice = builder.objectRef<PlannedChoice>('SimulatedChoice').implement({
  description: 'A place that would be asked.',
  fields: (t) => ({
    upstreamId: t.id({ description: 'The upstream\'s id.', resolve: (row) => row.upstream.id }),
    upstream: t.string({ description: 'Its name.', resolve: (row) => row.upstream.name }),
    model: t.exposeString('model', { description: 'The model that would be sent.' }),
    dialect: t.exposeString('dialect', { description: 'The wire format it would be asked in.' }),
    priority: t.exposeInt('priority', { description: 'Lower is asked first.' }),
    weight: t.exposeInt('weight', { description: 'Its share among those of the same priority.' }),
    credentialIds: t.idList({ description: 'The secrets that would be used, in order; empty when they are not the viewer\'s.', resolve: (row, _, { actor }) => (mayInspect(actor, { tenantId: row.upstream.tenant ?? null }) ? row.credentials.map(({ credential }) => credential.id) : []) }),
    input: t.field({ type: Money, nullable: true, description: 'What a million input tokens cost there; null = not known.', resolve: (row) => row.price?.inputNano ?? null }),
    output: t.field({ type: Money, nullable: true, description: 'What a million output tokens cost there; null = not known.', resolve: (row) => row.price?.outputNano ?? null }),
    reason: t.exposeString('reason', { description: 'Why it stands where it stands.' }),
  }),
});
const SimulatedLeftOut = builder.objectRef<RoutingPlan['leftOut'][number]>('SimulatedLeftOut').implement({
  description: 'A place that would not be asked.',
  fields: (t) => ({
    upstreamId: t.id({ description: 'The upstream\'s id.', resolve: (row) => row.upstream.id }),
    upstream: t.string({ description: 'Its name.', resolve: (row) => row.upstream.name }),
    reason: t.exposeString('reason', { description: 'Why not.' }),
  }),
});
const PassedOverRoute = builder.objectRef<RoutingPlan['passedOver'][number]>('PassedOverRoute').implement({
  description: 'A route that was looked at and did not fit.',
  fields: (t) => ({
    routeId: t.id({ description: 'Its id.', resolve: (row) => row.route.id }),
    name: t.string({ description: 'Its name.', resolve: (row) => row.route.name }),
    reason: t.exposeString('reason', { description: 'Why not.' }),
  }),
});
const RouteSimulatePayload = payload<Simulation>('RouteSimulatePayload', 'Where a request would go and why.', (t) => ({
  ask: t.field({ type: AskFactsRef, nullable: true, description: 'The facts that were decided on.', resolve: ({ value }) => value?.ask ?? null }),
  scenario: t.string({ nullable: true, description: 'The most telling kind of work it is.', resolve: ({ value }) => value?.scenario ?? null }),
  route: t.string({ nullable: true, description: 'The name of the route that decides; null when none does.', resolve: ({ value }) => value?.plan.route?.name ?? null }),
  routeId: t.id({ nullable: true, description: 'Its id; that of a draft is made up.', resolve: ({ value }) => value?.plan.route?.id ?? null }),
  wanted: t.string({ nullable: true, description: 'The model that is looked for, without a provider\'s name before it.', resolve: ({ value }) => value?.plan.wanted.model ?? null }),
  explicit: t.string({ nullable: true, description: 'What in the request chose by name, when something did.', resolve: ({ value }) => value?.plan.wanted.by ?? null }),
  candidates: t.field({ type: [SimulatedChoice], description: 'Who would be asked, in order.', resolve: ({ value }) => value?.plan.choices ?? [] }),
  leftOut: t.field({ type: [SimulatedLeftOut], description: 'Who would not be asked.', resolve: ({ value }) => value?.plan.leftOut ?? [] }),
  passedOver: t.field({ type: [PassedOverRoute], description: 'Routes that were looked at before and did not fit.', resolve: ({ value }) => value?.plan.passedOver ?? [] }),
  problem: t.string({ nullable: true, description: 'Why the request would be refused, when it would be.', resolve: ({ value }) => value?.plan.problem?.say ?? null }),
}));

const RouteDraftInput = builder.inputType('RouteDraftInput', {
  description: 'One route of a draft: with an id it stands in the place of a stored one, and what is left out is as stored; without one it is added.',
  fields: (t) => ({
    id: t.id({ description: 'The stored route it stands for.' }), name: t.string({ description: 'What to call it.' }), position: t.int({ description: 'Lower is looked at first; 100 when left out.' }),
    models: t.stringList({ description: 'For which models (with "*"); empty = all.' }), targets: t.field({ type: [RouteTargetInput], description: 'Where it leads.' }),
    ...treatment(t),
    shared: t.boolean({ description: 'Whether it counts for every tenant (operators).' }), status: t.field({ type: SwitchStatus, description: 'PAUSED leaves it out.' }),
  }),
});
const RoutesDraftInput = builder.inputType('RoutesDraftInput', {
  description: 'Changes to routes that are tried, not saved.',
  fields: (t) => ({ routes: t.field({ type: [RouteDraftInput], description: 'Routes that are changed or added.' }), without: t.idList({ description: 'Stored routes that would be gone.' }) }),
});
const AskFactInput = builder.inputType('AskFactInput', {
  description: 'A header or a value of the body that a rule reads.',
  fields: (t) => ({ name: t.string({ required: true, description: 'Its name; of a body, a path such as "metadata.team".' }), value: t.string({ required: true, description: 'Its value.' }) }),
});
const SimulatedHealth = builder.enumType('SimulatedHealth', { description: 'How well upstreams are taken to be.', values: { LATEST: { description: 'As the live nodes said last.' }, NONE: { description: 'All well.' } } as const });
const RouteSimulateInput = builder.inputType('RouteSimulateInput', {
  description: 'The facts of a request, or a recorded exchange of which single facts may be changed.',
  fields: (t) => ({
    exchangeId: t.id({ description: 'A recorded exchange: its facts count where none are given.' }),
    keyId: t.id({ description: 'Whose request it is; the exchange\'s key, or nobody\'s when left out.' }),
    draft: t.field({ type: RoutesDraftInput, description: 'Routes to try; those that are stored when left out.' }),
    health: t.field({ type: SimulatedHealth, description: 'LATEST when left out.' }),
    at: t.field({ type: 'DateTime', description: 'When the request comes, for rules about the time; now when left out.' }),
    seed: t.string({ description: 'What decides between equals; the same text gives the same answer.' }),
    model: t.string({ description: 'The model as a client writes it.' }), dialect: t.string({ description: 'The client\'s wire format; "anthropic-messages" when left out.' }),
    stream: t.boolean({ description: 'Whether the answer is to be streamed; true when left out.' }), inputTokens: t.int({ description: 'The size of the input; 1000 when left out.' }), maxOutputTokens: t.int({ description: 'What the client allows the answer to be.' }),
    tools: t.int({ description: 'How many tools it offers.' }), images: t.boolean({ description: 'Whether images are to be read.' }), thinking: t.boolean({ description: 'Whether thinking is wanted.' }), webSearch: t.boolean({ description: 'Whether the web is to be searched.' }),
    longContext: t.boolean({ description: 'Whether a long context window is asked for.' }), subagent: t.boolean({ description: 'Whether a helper of an agent asks.' }), background: t.boolean({ description: 'Whether it is side work.' }),
    client: t.string({ description: 'Which client, such as "claude-code".' }), session: t.string({ description: 'The client\'s conversation.' }),
    explicitUpstream: t.string({ description: 'The upstream that a sub-agent tag names.' }), explicitModel: t.string({ description: 'The model that a sub-agent tag names.' }),
    headers: t.field({ type: [AskFactInput], description: 'Headers that rules read.' }), body: t.field({ type: [AskFactInput], description: 'Values of the body that rules read.' }),
  }),
});

const RoutedPlace = builder.objectRef<Place>('RoutedPlace').implement({
  description: 'A model of an upstream.',
  fields: (t) => ({ upstreamId: t.exposeID('upstreamId', { description: 'The upstream\'s id.' }), upstream: t.exposeString('upstream', { description: 'Its name.' }), model: t.exposeString('model', { description: 'The model as it is sent.' }) }),
});
const RouteMove = builder.objectRef<Move>('RouteMove').implement({
  description: 'Requests that went from one place and would go to another. Money leaves out those that no new price is known for.',
  fields: (t) => ({
    from: t.field({ type: RoutedPlace, nullable: true, description: 'Where they went; null when nobody served them.', resolve: (row) => row.from }),
    to: t.field({ type: RoutedPlace, nullable: true, description: 'Where they would go; null when nobody could serve them.', resolve: (row) => row.to }),
    count: t.exposeInt('count', { description: 'How many.' }),
    cost: t.field({ type: Money, description: 'What they cost.', resolve: (row) => row.costNano }), newCost: t.field({ type: Money, description: 'What the same tokens would cost there.', resolve: (row) => row.newCostNano }),
    unpriced: t.exposeInt('unpriced', { description: 'For how many no new price is known.' }),
    ttftMs: t.exposeInt('ttftMs', { nullable: true, description: 'Mean milliseconds to the first content where they went.' }), newTtftMs: t.exposeInt('newTtftMs', { nullable: true, description: 'The same where they would go; null when nothing was recorded there.' }),
    failureShare: t.exposeFloat('failureShare', { nullable: true, description: 'The share of failed calls where they went.' }), newFailureShare: t.exposeFloat('newFailureShare', { nullable: true, description: 'The same where they would go; null when nothing was recorded there.' }),
  }),
});
const UnservedRequest = builder.objectRef<Unserved>('UnservedRequest').implement({
  description: 'A request that nobody could serve.',
  fields: (t) => ({ exchangeId: t.exposeID('exchangeId', { description: 'The recorded exchange.' }), model: t.exposeString('model', { description: 'The model that was asked for.' }), reason: t.exposeString('reason', { description: 'Why nobody could.' }) }),
});
const RouteReplayPayload = payload<Replay>('RouteReplayPayload', 'What a draft would have done with recorded requests.', (t) => ({
  considered: t.int({ description: 'How many were planned again.', resolve: ({ value }) => value?.considered ?? 0 }),
  withoutFacts: t.int({ description: 'How many were passed over because their facts were not kept.', resolve: ({ value }) => value?.withoutFacts ?? 0 }),
  moved: t.int({ description: 'How many would go elsewhere.', resolve: ({ value }) => value?.moved ?? 0 }),
  moves: t.field({ type: [RouteMove], description: 'From where to where, the most first; at most 200.', resolve: ({ value }) => value?.moves ?? [] }),
  unserved: t.int({ description: 'How many nobody could serve.', resolve: ({ value }) => value?.unserved ?? 0 }),
  unservedExamples: t.field({ type: [UnservedRequest], description: 'Some of them, with why.', resolve: ({ value }) => value?.unservedExamples ?? [] }),
  cost: t.field({ type: Money, nullable: true, description: 'What they cost, without those that no new price is known for or nobody could serve.', resolve: ({ value }) => value?.costNano ?? null }),
  newCost: t.field({ type: Money, nullable: true, description: 'What the same tokens would cost with the draft, at the same use of caches.', resolve: ({ value }) => value?.newCostNano ?? null }),
  unpriced: t.int({ description: 'For how many no new price is known.', resolve: ({ value }) => value?.unpriced ?? 0 }),
  whole: t.boolean({ description: 'Whether every request of the time was looked at; false when the limit or the deadline came first.', resolve: ({ value }) => value?.whole ?? false }),
}));
const RouteReplayInput = builder.inputType('RouteReplayInput', {
  description: 'Which requests, against which draft.',
  fields: (t) => ({
    draft: t.field({ type: RoutesDraftInput, required: true, description: 'The routes to try.' }),
    hours: t.int({ required: true, description: 'How many hours back, up to 168.' }),
    limit: t.int({ description: 'The most requests, the newest first, up to 20000; 5000 when left out.' }),
  }),
});

builder.queryFields((t) => ({
  routeSimulate: t.field({
    type: RouteSimulatePayload, complexity: 200,
    description: 'Where a request would go and why: decided by the code that nodes decide with. Nothing is called and nothing is stored.',
    args: { input: t.arg({ type: RouteSimulateInput, required: true, description: 'Which request.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await simulateRoute(domain, actor, input)),
  }),
  routeReplay: t.field({
    type: RouteReplayPayload, complexity: 5000,
    description: 'What a draft of routes would have done with the requests of the last hours: who goes elsewhere, what it costs, how quick and how reliable it would have been, and what nobody could serve.',
    args: { input: t.arg({ type: RouteReplayInput, required: true, description: 'Which requests, against which draft.' }) },
    resolve: async (_, { input }, { domain, actor, signal }) => settle(await replayRoutes(domain, actor, input, signal)),
  }),
}));
