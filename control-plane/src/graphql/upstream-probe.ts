import { probeStates, probeSteps } from '../domain/upstreams/probe/judge.ts';
import type { ProbeStep } from '../domain/upstreams/probe/judge.ts';
import { probeUpstream } from '../domain/upstreams/probe/probe.ts';
import type { ProbeReport } from '../domain/upstreams/probe/probe.ts';
import { builder } from './builder.ts';
import { payload, settle } from './errors.ts';
import { probeInput } from './upstream-settings.ts';
import { UpstreamAuth } from './upstream-words.ts';

const ProbeStepName = builder.enumType('ProbeStepName', { description: 'What is tried, in this order: the address, the connection, the secret, the list of models, a first answer.', values: probeSteps });
const ProbeState = builder.enumType('ProbeState', { description: 'How a step ended; UNSURE when what came back proves nothing.', values: probeStates });
const ProbeStepRef = builder.objectRef<ProbeStep>('ProbeStep').implement({
  description: 'One step of a test.',
  fields: (t) => ({
    step: t.expose('step', { type: ProbeStepName, description: 'What was tried.' }),
    state: t.expose('state', { type: ProbeState, description: 'How it ended.' }),
    found: t.exposeString('found', { description: 'What was found.' }),
    advice: t.exposeString('advice', { nullable: true, description: 'What to do.' }),
  }),
});
const ProbeAnswer = builder.objectRef<ProbeReport['answers'][number]>('ProbeAnswer').implement({
  description: 'A first answer.',
  fields: (t) => ({
    dialect: t.exposeString('dialect', { description: 'The wire format it came in.' }),
    text: t.exposeString('text', { description: 'What the model said.' }),
    durationMs: t.exposeInt('durationMs', { description: 'How long it took.' }),
  }),
});

const UpstreamProbeInput = builder.inputType('UpstreamProbeInput', {
  description: 'What to test: a stored upstream by id, or one that is not saved yet, which a preset fills.',
  fields: (t) => ({
    id: t.id({ description: 'A stored upstream, with its first secret unless another is given.' }),
    preset: t.string({ description: 'One of upstreamPresets.' }),
    baseUrl: t.string({ description: 'Where it is, without the path of an endpoint.' }),
    dialects: t.stringList({ description: 'The wire formats it speaks, the preferred first.' }),
    auth: t.field({ type: UpstreamAuth, description: 'How the secret is presented.' }),
    ...probeInput(t),
    secret: t.string({ description: 'The vendor\'s secret. It is used for this test and kept nowhere.' }),
    shared: t.boolean({ description: 'Whether it would serve every tenant (operators; true for them when left out).' }),
    model: t.string({ description: 'A model that is asked one short question, in every wire format; it may cost a fraction of a cent. None is asked when left out.' }),
  }),
});
const UpstreamProbePayload = payload<ProbeReport>('UpstreamProbePayload', 'What was found.', (t) => ({
  ok: t.boolean({ description: 'Whether no step failed.', resolve: ({ value }) => value?.ok ?? false }),
  steps: t.field({ type: [ProbeStepRef], description: 'What was tried, in order; the last one is where it ended.', resolve: ({ value }) => value?.steps ?? [] }),
  models: t.stringList({ description: 'The models that the vendor lists, at most 500.', resolve: ({ value }) => value?.models ?? [] }),
  answers: t.field({ type: [ProbeAnswer], description: 'The first answers, one for each wire format that worked.', resolve: ({ value }) => value?.answers ?? [] }),
}));

builder.mutationField('upstreamProbe', (t) => t.field({
  type: UpstreamProbePayload, complexity: 500,
  description: 'Tests an upstream from the control plane, saved or not, within ten seconds. Nothing is kept of it but an audit entry with the host.',
  args: { input: t.arg({ type: UpstreamProbeInput, required: true, description: 'What to test.' }) },
  resolve: async (_, { input }, { domain, actor, signal }) => settle(await probeUpstream(domain, actor, input, signal)),
}));
