// README: a request that no vendor could make sense of is a 400 in the client's dialect that names the place, whoever would have answered.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import type { Speaks } from '../clients/ask.ts';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

type Case = [what: string, body: Record<string, unknown>, path: string];

const user = (content: unknown) => ({ role: 'user', content });
/** Stands for a value nested deeper than any stack: it is written as text, since no serializer could. */
const nested = 'NESTED';
const deepest = `${'[{"a":'.repeat(10_000)}1${'}]'.repeat(10_000)}`;
const png = (data: unknown) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } });
const use = { type: 'tool_use', id: 't1', name: 'f', input: {} };
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const item = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };

const cases: Record<Speaks, Case[]> = {
  anthropic: [
    ['no messages', { messages: [] }, 'messages'], ['messages that are a text', { messages: 'hello' }, 'messages'], ['a message that is a text', { messages: ['hello'] }, 'messages.0'],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'], ['an unknown block', { messages: [user([{ type: 'hologram' }])] }, 'messages.0.content.0.type'],
    ['a text that is none', { messages: [user([{ type: 'text', text: 7 }])] }, 'messages.0.content.0.text'], ['bad base64', { messages: [user([png('@@@')])] }, 'messages.0.content.0.source.data'],
    ['a forbidden address', { messages: [user([{ type: 'image', source: { type: 'url', url: 'file:///etc/passwd' } }])] }, 'messages.0.content.0.source.url'],
    ['two calls of one id', { messages: [user('x'), { role: 'assistant', content: [use, use] }, user('y')] }, 'messages.1.content.1.id'],
    ['a result without its call', { messages: [user([{ type: 'tool_result', tool_use_id: 't9', content: 'x' }])] }, 'messages.0.content.0.tool_use_id'],
    ['a tool whose schema is a text', { messages: [user('x')], tools: [{ name: 'f', input_schema: 'any' }] }, 'tools.0.input_schema'], ['a limit that is a text', { messages: [user('x')], max_tokens: 'many' }, 'max_tokens'],
    ['nesting without an end', { messages: [user('x')], tools: [{ name: 'f', input_schema: { type: 'object', properties: { a: nested } } }] }, 'body'],
  ],
  chat: [
    ['no messages', { messages: [] }, 'messages'], ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages.0.role'], ['an unknown part', { messages: [user([{ type: 'hologram' }])] }, 'messages.0.content.0.type'],
    ['bad base64', { messages: [user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,@@' } }])] }, 'messages.0.content.0.image_url.url'],
    ['a forbidden address', { messages: [user([{ type: 'image_url', image_url: { url: 'ftp://example.com/a.png' } }])] }, 'messages.0.content.0.image_url.url'],
    ['two calls of one id', { messages: [user('x'), { role: 'assistant', tool_calls: [call, call] }] }, 'messages.1.tool_calls.1.id'],
    ['a result without its call', { messages: [user('x'), { role: 'tool', tool_call_id: 'c9', content: 'x' }] }, 'messages.1.tool_call_id'],
    ['a tool whose schema is a list', { messages: [user('x')], tools: [{ type: 'function', function: { name: 'f', parameters: [] } }] }, 'tools.0.function.parameters'], ['a temperature that is a text', { messages: [user('x')], temperature: 'hot' }, 'temperature'],
    ['nesting without an end', { messages: [user('x')], tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: nested } } } }] }, 'body'],
  ],
  responses: [
    ['no input', { input: [] }, 'input'], ['an unknown item', { input: [{ type: 'hologram' }] }, 'input.0.type'], ['an unknown role', { input: [{ role: 'robot', content: 'x' }] }, 'input.0.role'],
    ['an unknown part', { input: [user([{ type: 'hologram' }])] }, 'input.0.content.0.type'], ['bad base64', { input: [user([{ type: 'input_image', image_url: 'data:image/png;base64,@@' }])] }, 'input.0.content.0.image_url'],
    ['two calls of one id', { input: [user('x'), item, item] }, 'input.2.call_id'], ['a result without its call', { input: [{ type: 'function_call_output', call_id: 'c9', output: 'x' }] }, 'input.0.call_id'],
    ['an answer that nobody remembers', { input: 'x', previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['nesting without an end', { input: 'x', tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: { a: nested } } }] }, 'body'],
  ],
  gemini: [
    ['no contents', { contents: [] }, 'contents'], ['an unknown role', { contents: [{ role: 'robot', parts: [{ text: 'x' }] }] }, 'contents.0.role'],
    ['bad base64', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: '@@@' } }] }] }, 'contents.0.parts.0.inlineData.data'],
    ['a prompt that lies elsewhere', { contents: [{ parts: [{ text: 'x' }] }], cachedContent: 'cachedContents/1' }, 'cachedContent'],
    ['a limit that is a text', { contents: [{ parts: [{ text: 'x' }] }], generationConfig: { maxOutputTokens: 'many' } }, 'generationConfig.maxOutputTokens'],
    ['nesting without an end', { contents: [{ parts: [{ text: 'x' }] }], tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', properties: { a: nested } } }] }] }, 'body'],
  ],
};
const upstreams = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'] as const;
const speech: Record<Speaks, (typeof upstreams)[number]> = { anthropic: 'anthropic-messages', chat: 'openai-chat', responses: 'openai-responses', gemini: 'gemini-generate' };

describe('over a conversion', () => {
  let stack: Stack;
  let secret: string;
  beforeAll(async () => {
    stack = await openStack();
    for (const dialect of upstreams) await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { userErrors { message } } }', { input: { name: dialect, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential } });
    ({ secret } = await createKey(stack.api));
    await stack.api.until(async () => (await ask(stack.node.url, secret, 'chat', { model: 'gemini-generate,practice-1' })).status === 200);
  });
  afterAll(() => stack.close());

  test.each((Object.keys(cases) as Speaks[]).flatMap((speaks) => cases[speaks].map(([what, body, path]) => [speaks, what, path, body] as const)))('a client of %s hears of %s (%s), and nobody is called', async (speaks, _, path, body) => {
    await stack.practice.forget();
    for (const upstream of upstreams.filter((name) => name !== speech[speaks])) {
      const model = `${upstream},practice-1`;
      const heard = await ask(stack.node.url, secret, speaks, { model, body: JSON.stringify(speaks === 'gemini' ? body : { model, ...(speaks === 'anthropic' ? { max_tokens: 100 } : {}), ...body }).replace(`"${nested}"`, deepest) });
      expect([upstream, heard.status], heard.body.slice(0, 500)).toEqual([upstream, 400]);
      const { error } = JSON.parse(heard.body) as { error: { message: string } };
      expect(error.message).toContain(`${path}: `);
    }
    expect(await stack.practice.calls()).toEqual([]);
  });

  test('wired: what is well is answered', async () => {
    for (const speaks of Object.keys(cases) as Speaks[]) {
      for (const upstream of upstreams) expect((await ask(stack.node.url, secret, speaks, { model: `${upstream},practice-1` })).status).toBe(200);
    }
  });
});
