// How well upstreams do, as a node sees them.
import type { CredentialHealth, HealthReport, UpstreamHealth } from '@fairlead/shared/plan/health-report.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { UpstreamRef, gatherUpstreams } from './upstreams.ts';

const date = (ms: number | undefined) => (ms === undefined ? null : new Date(ms));
const HealthState = builder.enumType('HealthState', {
  description: 'Whether an upstream is called.',
  values: { CLOSED: { description: 'It is well and called.' }, OPEN: { description: 'It failed too often and rests.' }, HALF_OPEN: { description: 'One request tries whether it is well again.' } } as const,
});

const UpstreamHealthRef = builder.objectRef<UpstreamHealth>('UpstreamHealth').implement({
  description: 'How well one model of an upstream does.',
  fields: (t) => ({
    upstreamId: t.id({ description: 'The upstream\'s id.', resolve: (row) => row.upstream }),
    upstream: t.field({ type: UpstreamRef, nullable: true, description: 'The upstream.', resolve: (row, _, context: Context, info) => gatherUpstreams(context, info, row.upstream) }),
    model: t.exposeString('model', { description: 'The model that was asked there.' }),
    state: t.field({ type: HealthState, description: 'Whether it is called.', resolve: (row) => row.state }),
    why: t.string({ nullable: true, description: 'Why it rests.', resolve: (row) => row.why ?? null }),
    until: t.field({ type: 'DateTime', nullable: true, description: 'Until when it rests.', resolve: (row) => date(row.untilMs) }),
    failureShare: t.exposeFloat('failureShare', { description: 'Failures among the recent calls, 0 to 1.' }),
    calls: t.exposeInt('calls', { description: 'How many recent calls there are.' }),
    ttftMs: t.int({ nullable: true, description: 'Mean milliseconds to the first content.', resolve: (row) => row.ttftMs ?? null }),
    cacheHitShare: t.float({ nullable: true, description: 'The share of input read from the prompt cache, 0 to 1.', resolve: (row) => row.cacheHitShare ?? null }),
    inFlight: t.exposeInt('inFlight', { description: 'Calls under way on this node.' }),
  }),
});
const CredentialHealthRef = builder.objectRef<CredentialHealth>('CredentialHealth').implement({
  description: 'How well one secret of an upstream does.',
  fields: (t) => ({
    credentialId: t.id({ description: 'The credential\'s id.', resolve: (row) => row.credential }),
    why: t.string({ nullable: true, description: 'Why it rests.', resolve: (row) => row.why ?? null }),
    until: t.field({ type: 'DateTime', nullable: true, description: 'Until when it rests.', resolve: (row) => date(row.untilMs) }),
    usedShare: t.float({ nullable: true, description: 'The share of the vendor\'s limit that is used, 0 to 1, as the vendor says.', resolve: (row) => row.usedShare ?? null }),
    inFlight: t.exposeInt('inFlight', { description: 'Calls under way on this node.' }),
  }),
});

/** What a node said of upstreams in its last heartbeat. */
export const NodeHealthRef = builder.objectRef<HealthReport>('NodeHealth').implement({
  description: 'How well upstreams do, as a node sees them. What is not listed is well.',
  fields: (t) => ({
    upstreams: t.field({ type: [UpstreamHealthRef], description: 'Models of upstreams that were called lately.', resolve: (row) => row.upstreams }),
    credentials: t.field({ type: [CredentialHealthRef], description: 'Secrets that were used lately.', resolve: (row) => row.credentials }),
  }),
});
