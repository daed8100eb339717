import { readInstall, readSetupSteps } from '../domain/install/reads.ts';
import type { InstallFacts, SetupStep } from '../domain/install/reads.ts';
import { builder } from './builder.ts';

const SetupStepName = builder.enumType('SetupStepName', {
  description: 'A step of getting started.',
  values: {
    SIGNED_IN: { description: 'Somebody has signed in.' }, PRACTICE_READY: { description: 'The practice upstream is there.' }, NODE_LIVE: { description: 'A node is live.' },
    KEY_CREATED: { description: 'There is a key.' }, FIRST_REQUEST: { description: 'A request was served.' }, PROVIDER_CONNECTED: { description: 'A real vendor is connected.' },
  },
});
const SetupStepRef = builder.objectRef<SetupStep>('SetupStep').implement({
  description: 'A step of getting started.',
  fields: (t) => ({
    name: t.field({ type: SetupStepName, description: 'Which one.', resolve: (row) => row.name }),
    done: t.exposeBoolean('done', { description: 'Whether it is done.' }),
    at: t.expose('at', { type: 'DateTime', nullable: true, description: 'Since when.' }),
  }),
});
const Install = builder.objectRef<InstallFacts>('Install').implement({
  description: 'This install.',
  fields: (t) => ({
    version: t.exposeString('version', { description: 'The control plane\'s build.' }),
    publicUrl: t.exposeString('publicUrl', { description: 'Where people reach it.' }),
    nodeUrl: t.exposeString('nodeUrl', { description: 'Where clients reach a node.' }),
    graphqlUrl: t.exposeString('graphqlUrl', { description: 'Where this API is.' }),
    practice: t.exposeBoolean('practice', { description: 'Whether the practice upstream is on.' }),
    loopback: t.exposeBoolean('loopback', { description: 'Whether only this machine reaches it.' }),
    steps: t.field({
      type: [SetupStepRef], nullable: true, description: 'How far the viewer\'s tenant has come; empty when not signed in.',
      resolve: (_, __, { domain, actor }) => readSetupSteps(domain, actor),
    }),
  }),
});

builder.queryField('install', (t) => t.field({ type: Install, description: 'This install. Public.', resolve: (_, __, { domain }) => readInstall(domain) }));
