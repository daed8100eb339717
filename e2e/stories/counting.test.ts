// README: "Tokens are counted by the provider, or not at all."
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const asks = {
  'anthropic-messages': { path: () => '/v1/messages/count_tokens', body: (model: string) => ({ model, messages: [{ role: 'user', content: 'How many tokens are these?' }] }), number: 'input_tokens' },
  'openai-responses': { path: () => '/v1/responses/input_tokens', body: (model: string) => ({ model, input: 'How many tokens are these?' }), number: 'input_tokens' },
  'gemini-generate': { path: (model: string) => `/v1beta/models/${encodeURIComponent(model)}:countTokens`, body: () => ({ contents: [{ role: 'user', parts: [{ text: 'How many tokens are these?' }] }] }), number: 'totalTokens' },
} as const;
const clients = ['anthropic-messages', 'openai-responses', 'gemini-generate'] as const;

describe('counting tokens', () => {
  let stack: Stack;
  let key: string;
  beforeAll(async () => {
    stack = await openStack();
    for (const dialect of [...clients, 'openai-chat']) {
      await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message } } }', { input: { name: `only-${dialect}`, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential } });
    }
    ({ secret: key } = await createKey(stack.api));
  });
  afterAll(() => stack.close());

  const count = async (client: (typeof clients)[number], upstream: string) => {
    const model = `only-${upstream},practice-1`;
    const answer = await fetch(stack.node.url + asks[client].path(model), { method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' }, body: JSON.stringify(asks[client].body(model)) });
    return { status: answer.status, body: await answer.json() as Record<string, unknown> };
  };

  test.each(clients.flatMap((client) => clients.map((upstream) => [client, upstream] as const)))('a client of %s hears the number that a provider of %s counted', async (client, upstream) => {
    await stack.practice.forget();
    const { status, body } = await count(client, upstream);
    expect([status, Number(body[asks[client].number]) > 0]).toEqual([200, true]);
    expect((await stack.practice.calls()).map((call) => [call.dialect, call.status])).toEqual([[upstream, 200]]);
  });

  test.each(clients)('wired: a client of %s is told that a provider which speaks Chat cannot count, and no number is made up', async (client) => {
    const { status, body } = await count(client, 'openai-chat');
    expect([status, JSON.stringify(body)]).toEqual([404, expect.stringContaining('cannot count tokens')]);
  });
});
