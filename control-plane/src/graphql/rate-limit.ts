import type { Allowance } from '../server/points.ts';
import { builder } from './builder.ts';

const RateLimit = builder.objectRef<Allowance>('RateLimit').implement({
  description: 'The points that operations of the API may cost in a minute: fields times rows. Each member and each token has its own.',
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'The points of a minute.' }),
    cost: t.exposeInt('cost', { description: 'What this operation costs.' }),
    remaining: t.exposeInt('remaining', { description: 'What is left of this minute, as far as this control plane knows.' }),
    resetAt: t.expose('resetAt', { type: 'DateTime', description: 'When the next minute begins.' }),
  }),
});

builder.queryField('rateLimit', (t) => t.field({
  type: RateLimit, nullable: true, complexity: 0, description: 'What this operation costs, and what is left; null for callers that are not counted (nodes, and anybody without a sign-in).',
  resolve: (_, __, { allowance }) => allowance ?? null,
}));
