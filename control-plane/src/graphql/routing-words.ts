// The words of routing that several files of the schema share.
import { errorOutcomes } from '../domain/error-rules/stored.ts';
import { builder } from './builder.ts';

/** What a request may need and a model or an upstream may lack. */
export const Capability = builder.enumType('Capability', {
  description: 'What a request may need and a model or an upstream may lack.',
  values: { TOOLS: { value: 'tools', description: 'Calling tools.' }, IMAGES: { value: 'images', description: 'Reading images.' }, THINKING: { value: 'thinking', description: 'Thinking before the answer.' }, WEB_SEARCH: { value: 'web-search', description: 'Searching the web by itself.' } } as const,
});

/** The kinds of work that coding agents send. */
export const Scenario = builder.enumType('Scenario', {
  description: 'The kinds of work that coding agents send, the most telling first.',
  values: {
    IMAGE: { value: 'image', description: 'Images are to be read.' }, LONG_CONTEXT: { value: 'long-context', description: 'A long context window is asked for, or needed.' }, WEB_SEARCH: { value: 'web-search', description: 'The web is to be searched.' },
    SUBAGENT: { value: 'subagent', description: 'A helper of an agent asks.' }, BACKGROUND: { value: 'background', description: 'Side work, such as titles and summaries.' }, THINK: { value: 'think', description: 'Thinking is wanted.' }, DEFAULT: { value: 'default', description: 'None of these.' },
  } as const,
});

/** What orders the candidates of one priority. */
export const Ranking = builder.enumType('Ranking', {
  description: 'What orders the candidates of one priority.',
  values: { PRIORITY: { description: 'Weighted chance.' }, PRICE: { description: 'The lowest list price.' }, EFFECTIVE_PRICE: { description: 'The lowest price with what the prompt cache saves and failures cost.' }, LATENCY: { description: 'The shortest time to the first content.' }, BALANCE: { description: 'The fewest calls under way.' }, ACCOUNT_LEFT: { description: 'The account with the most dollars left; empty ones last, unknown ones before them.' }, ACCOUNT_RESET: { description: 'The account that is filled again soonest, so that nothing lapses; empty ones last.' } } as const,
});

/** When a conversation that failed over goes back. */
export const ReturnPolicy = builder.enumType('ReturnPolicy', {
  description: 'When a conversation that failed over goes back to where it came from.',
  values: { STAY: { description: 'Never.' }, WHEN_COLD: { description: 'When its prompt cache has gone cold.' }, WHEN_CHEAPER: { description: 'When that is cheaper than reading the prompt cache.' } } as const,
});

/** The classes that a rule may give an upstream's error. */
export const ErrorOutcome = builder.enumType('ErrorOutcome', {
  description: 'What an upstream\'s error means.',
  values: Object.fromEntries(errorOutcomes.map((value) => [value.toUpperCase().replaceAll('-', '_'), { value, description: meaningOf(value) }])),
});

function meaningOf(outcome: (typeof errorOutcomes)[number]): string {
  switch (outcome) {
    case 'client-input': return 'The request is wrong in itself: no other upstream is asked.';
    case 'credential': return 'This secret is not accepted: the next one is used.';
    case 'credential-spent': return 'This account cannot pay: the next one is used.';
    case 'model-missing': return 'The upstream does not serve this model.';
    case 'limited': return 'Too many requests: the next secret or upstream is used, this one rests.';
    case 'overloaded': return 'The upstream has too much to do: another one is asked.';
    case 'failed': return 'The upstream failed: another one is asked.';
  }
}
