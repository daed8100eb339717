import type { Api, Data } from './api.ts';
import { secondCredential } from './stack.ts';
import type { Stack } from './stack.ts';

/** Two providers that are told apart by their names and credentials: a first one, and the practice provider that every install has. */
export interface Providers { first: string; practice: string }

/** Connects `First`, a second account of the practice upstream. */
export async function connectFirst(stack: Stack): Promise<Providers> {
  const first = await connect(stack, 'First');
  const { upstreams } = await stack.api.run('{ upstreams(first: 50) { nodes { id name } } }');
  return { first, practice: upstreams.nodes.find(({ name }: { name: string }) => name === 'Practice').id };
}

/** Connects one more account of the practice upstream; returns its id. */
export async function connect(stack: Stack, name: string, secret = secondCredential): Promise<string> {
  const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
    input: { name, baseUrl: stack.practiceUrl, dialects: ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'], auth: 'BEARER', secret },
  });
  return upstreamCreate.upstream.id;
}

/** Leads a model's name to these upstreams, in this order. */
export async function lead(api: Api, model: string, upstreams: readonly string[], more: Record<string, unknown> = {}, target = 'claude-haiku-5-5'): Promise<void> {
  const input = { name: `${model} ${JSON.stringify(more)}`.slice(0, 60), models: [model], targets: upstreams.map((upstreamId, priority) => ({ upstreamId, model: target, priority })), ...more };
  const { routeCreate }: Data = await api.run('mutation ($input: RouteCreateInput!) { routeCreate(input: $input) { route { id } userErrors { message path } } }', { input });
  if (!routeCreate.route) throw new Error(JSON.stringify(routeCreate.userErrors));
}
