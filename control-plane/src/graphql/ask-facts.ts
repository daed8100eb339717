// What routing looks at in a request.
import type { AskFacts } from '@fairlead/shared/plan/ask-facts.ts';
import { builder } from './builder.ts';

const rows = (fields: Record<string, string | number | boolean> | undefined) => Object.entries(fields ?? {}).map(([name, value]) => ({ name, value: String(value) }));
const AskFact = builder.objectRef<{ name: string; value: string }>('AskFact').implement({
  description: 'A header or a value of the body that a rule reads.',
  fields: (t) => ({ name: t.exposeString('name', { description: 'Its name.' }), value: t.exposeString('value', { description: 'Its value, cut to 200 characters.' }) }),
});

/** What routing looked at. */
export const AskFactsRef = builder.objectRef<AskFacts>('AskFacts').implement({
  description: 'What routing looks at in a request: never what was said.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The model as the client wrote it.' }),
    dialect: t.exposeString('dialect', { description: 'The client\'s wire format.' }),
    does: t.exposeString('does', { description: 'What is wanted: "generate", "count" or "other".' }),
    stream: t.exposeBoolean('stream', { description: 'Whether the answer is to be streamed.' }),
    inputTokens: t.exposeInt('inputTokens', { description: 'An estimate of the input: a quarter of its bytes.' }),
    maxOutputTokens: t.int({ nullable: true, description: 'What the client allows the answer to be.', resolve: (row) => row.maxOutputTokens ?? null }),
    service: t.string({ nullable: true, description: 'The grade of service that the client asks for, such as "priority"; null = the usual one.', resolve: (row) => row.service ?? null }),
    tools: t.exposeInt('tools', { description: 'How many tools it offers.' }),
    images: t.exposeBoolean('images', { description: 'Whether images are to be read.' }),
    thinking: t.exposeBoolean('thinking', { description: 'Whether thinking is wanted.' }),
    webSearch: t.exposeBoolean('webSearch', { description: 'Whether the web is to be searched.' }),
    longContext: t.exposeBoolean('longContext', { description: 'Whether a long context window is asked for, or needed.' }),
    subagent: t.exposeBoolean('subagent', { description: 'Whether a helper of an agent asks.' }),
    background: t.exposeBoolean('background', { description: 'Whether it is side work, such as titles and summaries.' }),
    client: t.string({ nullable: true, description: 'Which client, such as "claude-code".', resolve: (row) => row.client ?? null }),
    session: t.string({ nullable: true, description: 'The client\'s conversation.', resolve: (row) => row.session ?? null }),
    explicitUpstream: t.string({ nullable: true, description: 'The upstream that the client asks for by name.', resolve: (row) => row.explicit?.upstream ?? null }),
    explicitModel: t.string({ nullable: true, description: 'The model that a sub-agent tag asks for.', resolve: (row) => row.explicit?.model ?? null }),
    headers: t.field({ type: [AskFact], description: 'The headers that rules read.', resolve: (row) => rows(row.headers) }),
    body: t.field({ type: [AskFact], description: 'The values of the body that rules read.', resolve: (row) => rows(row.body) }),
  }),
});
