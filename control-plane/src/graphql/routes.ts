import type { Route } from '@fairlead/prisma';
import { visibleRoutes } from '../domain/routes/reads.ts';
import { routeMatch, routeSettings, routeTargets } from '../domain/routes/stored.ts';
import { createRoute, deleteRoute, updateRoute } from '../domain/routes/write.ts';
import { builder } from './builder.ts';
import type { Extended } from './builder.ts';
import { connectionOf, listCost, pageArgs, pageOf } from './connection.ts';
import { payload, settle } from './errors.ts';
import { Ranking, ReturnPolicy, Scenario } from './routing-words.ts';
import { SwitchStatus } from './shapes.ts';
import { UpstreamRef, gatherUpstreams } from './upstreams.ts';

type InputFields = PothosSchemaTypes.InputFieldBuilder<Extended, 'InputObject'>;

const RouteTarget = builder.objectRef<ReturnType<typeof routeTargets>[number]>('RouteTarget').implement({
  description: 'One place a route leads to.',
  fields: (t) => ({
    upstreamId: t.exposeID('upstreamId', { description: 'The upstream\'s id.' }),
    upstream: t.field({ type: UpstreamRef, nullable: true, description: 'The upstream.', resolve: (target, _, context, info) => gatherUpstreams(context, info, target.upstreamId) }),
    model: t.string({ nullable: true, description: 'The model that is asked there; null = as asked.', resolve: (target) => target.model ?? null }),
    priority: t.exposeInt('priority', { description: 'Lower is asked first.' }),
    weight: t.exposeInt('weight', { description: 'Its share among those of the same priority.' }),
  }),
});

const RouteRef = builder.prismaNode('Route', {
  description: 'A rule that leads requests to upstreams. The lowest position that fits decides; without a route every upstream that serves the model is a candidate.',
  id: { field: 'id' },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it.' }),
    shared: t.boolean({ description: 'Whether it is the operator\'s and counts for every tenant.', select: { tenantId: true }, resolve: (row) => row.tenantId === null }),
    position: t.exposeInt('position', { description: 'Lower is looked at first.' }),
    models: t.stringList({ description: 'For which models (with "*"); empty = all.', select: { match: true }, resolve: (row) => routeMatch(row.match).models }),
    scenario: t.field({ type: Scenario, nullable: true, description: 'Only this kind of work; null = any.', select: { match: true }, resolve: (row) => routeMatch(row.match).scenario ?? null }),
    when: t.string({ nullable: true, description: 'A condition in the rule language (CEL); null = always.', select: { match: true }, resolve: (row) => routeMatch(row.match).when ?? null }),
    targets: t.field({ type: [RouteTarget], description: 'Where it leads.', select: { targets: true }, resolve: (row) => routeTargets(row.targets) }),
    rank: t.field({ type: Ranking, description: 'What orders the candidates of one priority.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).rank ?? 'PRIORITY' }),
    hedgeAfterMs: t.int({ nullable: true, description: 'A second upstream is asked when no content has come after this many milliseconds; null = never.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).hedgeAfterMs ?? null }),
    replay: t.boolean({ nullable: true, description: 'Whether streams that clients leave are kept and replayed to the same request; null = as the key says.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).replay ?? null }),
    strict: t.boolean({ description: 'Whether a request that cannot be carried whole into an upstream\'s wire format is refused there rather than sent without what is lost.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).strict ?? false }),
    stickySeconds: t.int({ nullable: true, description: 'How long a conversation stays with its upstream while idle; null = 300, 0 = not at all.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).stickySeconds ?? null }),
    returns: t.field({ type: ReturnPolicy, description: 'When a conversation that failed over goes back.', select: { settings: true }, resolve: (row) => routeSettings(row.settings).returns ?? 'WHEN_COLD' }),
    status: t.field({ type: SwitchStatus, description: 'Whether it counts.', select: { status: true }, resolve: (row) => (row.status === 'PAUSED' ? 'PAUSED' : 'ACTIVE') }),
    version: t.exposeInt('version', { description: 'Rises with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
  }),
});

const RouteConnection = connectionOf('Route', RouteRef);
builder.queryField('routes', (t) => t.field({
  type: RouteConnection, description: 'The routes that count for the viewer.', args: pageArgs(t.arg), complexity: listCost,
  resolve: (_, page, context, info) => pageOf(page, context, info, (query, after) => context.domain.db.client.route.findMany({ ...query, where: { AND: [visibleRoutes(context.actor), after] } })),
}));

/** One place a route leads to, as given. */
export const RouteTargetInput = builder.inputType('RouteTargetInput', {
  description: 'One place a route leads to.',
  fields: (t) => ({
    upstreamId: t.id({ required: true, description: 'The upstream.' }), model: t.string({ description: 'The model to ask there; as asked when left out.' }),
    priority: t.int({ description: 'Lower is asked first; 0 when left out.' }), weight: t.int({ description: 'Its share; 1 when left out.' }),
  }),
});
/** What a route may ask of requests and how it treats them, as given; null takes a part away. */
export const treatment = (t: InputFields) => ({
  scenario: t.field({ type: Scenario, description: 'Only this kind of work; any when left out.' }),
  when: t.string({ description: 'A condition in the rule language (CEL), such as \'"night" in tags && inputTokens < 8000\'; always when left out.' }),
  rank: t.field({ type: Ranking, description: 'What orders the candidates of one priority; PRIORITY when left out.' }),
  hedgeAfterMs: t.int({ description: 'Asks a second upstream when no content has come after this many milliseconds, from 100; never when left out.' }),
  replay: t.boolean({ description: 'Whether streams that clients leave are kept and replayed to the same request.' }),
  strict: t.boolean({ description: 'Refuses a request where a conversion would leave out what it asks for; the next upstream is asked, and the client is told what would be lost when there is none. Off when left out.' }),
  stickySeconds: t.int({ description: 'How long a conversation stays with its upstream while idle; 300 when left out, 0 = not at all.' }),
  returns: t.field({ type: ReturnPolicy, description: 'When a conversation that failed over goes back; WHEN_COLD when left out.' }),
});
const RouteCreateInput = builder.inputType('RouteCreateInput', {
  description: 'What a route is made from.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What people call it.' }), position: t.int({ description: 'Lower is looked at first; 100 when left out.' }),
    models: t.stringList({ required: true, description: 'For which models (with "*"); empty = all.' }), targets: t.field({ type: [RouteTargetInput], required: true, description: 'Where it leads.' }),
    ...treatment(t),
    shared: t.boolean({ description: 'Whether it counts for every tenant (operators).' }),
  }),
});
const RouteUpdateInput = builder.inputType('RouteUpdateInput', {
  description: 'Changes to a route; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which route.' }), name: t.string({ description: 'Its new name.' }), position: t.int({ description: 'Lower is looked at first.' }),
    models: t.stringList({ description: 'For which models (with "*").' }), targets: t.field({ type: [RouteTargetInput], description: 'Where it leads.' }),
    ...treatment(t),
    status: t.field({ type: SwitchStatus, description: 'Pause or resume it.' }), expectedVersion: t.int({ description: 'Refuse when it is at another version.' }),
  }),
});
const RouteDeleteInput = builder.inputType('RouteDeleteInput', { description: 'Which route.', fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }) });
const routePayload = (name: string) => payload<Route>(name, 'The route as it is now.', (t) => ({ route: t.field({ type: RouteRef, nullable: true, description: 'The route.', resolve: ({ value }) => value }) }));
const RouteCreatePayload = routePayload('RouteCreatePayload');
const RouteUpdatePayload = routePayload('RouteUpdatePayload');
const RouteDeletePayload = payload<string>('RouteDeletePayload', 'Which route is gone.', (t) => ({ removedId: t.id({ nullable: true, description: 'Its id.', resolve: ({ value }) => value }) }));

builder.mutationFields((t) => ({
  routeCreate: t.field({
    type: RouteCreatePayload, description: 'Makes a route.',
    args: { input: t.arg({ type: RouteCreateInput, required: true, description: 'What to make.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await createRoute(domain, actor, input)),
  }),
  routeUpdate: t.field({
    type: RouteUpdatePayload, description: 'Changes, pauses or resumes a route.',
    args: { input: t.arg({ type: RouteUpdateInput, required: true, description: 'What to change.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await updateRoute(domain, actor, input)),
  }),
  routeDelete: t.field({
    type: RouteDeletePayload, description: 'Removes a route.',
    args: { input: t.arg({ type: RouteDeleteInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input }, { domain, actor }) => settle(await deleteRoute(domain, actor, input.id)),
  }),
}));
