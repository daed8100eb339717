// The vendors' own SDKs against providers of every dialect: what the node writes is what their parsers take.
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Content } from '@google/genai';
import { generateText, stepCountIs, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const upstreams = [['via-messages', 'anthropic-messages'], ['via-chat', 'openai-chat'], ['via-responses', 'openai-responses'], ['via-gemini', 'gemini-generate']] as const;
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const asks = 'How is the weather? [[call weather {"city":"Rome"}]]';
const told = 'rain in Rome';
const hello = 'Say hello.';

let stack: Stack;
let key: string;
/** What was answered without what the SDK's stream helpers add to it for their callers. */
const asSent = <T>(value: T): T => JSON.parse(JSON.stringify(value, (name, inner: unknown) => (name === 'parsed' || name === 'parsed_arguments' ? undefined : inner))) as T;
const model = (upstream: string) => `${upstream},practice-1`;

beforeAll(async () => {
  stack = await openStack();
  for (const [name, dialect] of upstreams) {
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
      input: { name, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential },
    });
    expect(upstreamCreate.userErrors).toEqual([]);
  }
  ({ secret: key } = await createKey(stack.api));
});
afterAll(() => stack.close());


describe.each(upstreams.map(([name]) => name))('through %s', (upstream) => {
  describe('the Anthropic SDK', () => {
    const client = () => new Anthropic({ baseURL: stack.node.url, apiKey: key, maxRetries: 0 });
    const tools = [{ name: 'weather', description: 'Tells the weather.', input_schema: schema }];

    test('reads a whole and a streamed answer', async () => {
      const whole = await client().messages.create({ model: model(upstream), max_tokens: 300, messages: [{ role: 'user', content: hello }] });
      expect([whole.type, whole.stop_reason, whole.content[0]?.type]).toEqual(['message', 'end_turn', 'text']);
      expect([whole.usage.input_tokens > 0, whole.usage.output_tokens > 0]).toEqual([true, true]);
      const stream = client().messages.stream({ model: model(upstream), max_tokens: 300, messages: [{ role: 'user', content: hello }] });
      let text = '';
      stream.on('text', (piece) => { text += piece; });
      const final = await stream.finalMessage();
      expect(final.content).toEqual([expect.objectContaining({ type: 'text', text })]);
      expect([final.usage.output_tokens > 0, text.includes('imulated')]).toEqual([true, true]);
    });

    test.each([true, false])('goes through a tool loop with thinking that comes back (streamed: %s)', async (streamed) => {
      const say = async (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> => {
        const body = { model: model(upstream), max_tokens: 4_000, tools, thinking: { type: 'adaptive' as const }, messages };
        return streamed ? client().messages.stream(body).finalMessage() : client().messages.create(body);
      };
      const first = await say([{ role: 'user', content: asks }]);
      const call = first.content.find((block) => block.type === 'tool_use');
      expect([first.stop_reason, call?.name, call?.input]).toEqual(['tool_use', 'weather', { city: 'Rome' }]);
      const second = await say([{ role: 'user', content: asks }, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: told }] }]);
      expect(JSON.stringify(second.content)).toContain(told);
      expect(second.stop_reason).toBe('end_turn');
    });

    test('throws the provider\'s refusal with its words', async () => {
      await expect(client().messages.create({ model: model(upstream), max_tokens: 300, messages: [{ role: 'user', content: '[[practice 400 {"message":"not like this"}]]' }] })).rejects.toMatchObject({ status: 400, message: expect.stringContaining('not like this') });
    });
  });

  describe('the OpenAI SDK on Chat', () => {
    const client = () => new OpenAI({ baseURL: `${stack.node.url}/v1`, apiKey: key, maxRetries: 0 });
    const tools: OpenAI.Chat.ChatCompletionTool[] = [{ type: 'function', function: { name: 'weather', description: 'Tells the weather.', parameters: schema } }];

    test('reads a whole and a streamed answer', async () => {
      const whole = await client().chat.completions.create({ model: model(upstream), messages: [{ role: 'user', content: hello }] });
      expect([whole.object, whole.choices[0]?.finish_reason, (whole.usage?.prompt_tokens ?? 0) > 0]).toEqual(['chat.completion', 'stop', true]);
      const stream = client().chat.completions.stream({ model: model(upstream), stream_options: { include_usage: true }, messages: [{ role: 'user', content: hello }] });
      let text = '';
      stream.on('content', (piece) => { text += piece; });
      const final = await stream.finalChatCompletion();
      expect([final.choices[0]?.message.content, final.choices[0]?.finish_reason, (final.usage?.completion_tokens ?? 0) > 0]).toEqual([text, 'stop', true]);
      expect(text).toContain('imulated');
    });

    test.each([true, false])('goes through a tool loop with thinking that comes back (streamed: %s)', async (streamed) => {
      const say = async (messages: OpenAI.Chat.ChatCompletionMessageParam[]): Promise<OpenAI.Chat.ChatCompletion> => {
        const body = { model: model(upstream), tools, reasoning_effort: 'low' as const, max_completion_tokens: 4_000, messages };
        return streamed ? client().chat.completions.stream(body).finalChatCompletion() : client().chat.completions.create(body);
      };
      const first = await say([{ role: 'user', content: asks }]);
      const choice = first.choices[0];
      const call = choice?.message.tool_calls?.[0];
      expect([choice?.finish_reason, call?.type === 'function' && call.function.name, call?.type === 'function' && JSON.parse(call.function.arguments)]).toEqual(['tool_calls', 'weather', { city: 'Rome' }]);
      if (!choice) throw new Error('no choice');
      const second = await say([{ role: 'user', content: asks }, asSent(choice.message), { role: 'tool', tool_call_id: call?.id ?? '', content: told }]);
      expect(second.choices[0]?.message.content).toContain(told);
    });

    test('throws the provider\'s refusal with its words', async () => {
      await expect(client().chat.completions.create({ model: model(upstream), messages: [{ role: 'user', content: '[[practice 400 {"message":"not like this"}]]' }] })).rejects.toMatchObject({ status: 400, message: expect.stringContaining('not like this') });
    });
  });

  describe('the OpenAI SDK on Responses', () => {
    const client = () => new OpenAI({ baseURL: `${stack.node.url}/v1`, apiKey: key, maxRetries: 0 });
    const tools: OpenAI.Responses.Tool[] = [{ type: 'function', name: 'weather', description: 'Tells the weather.', parameters: schema, strict: false }];

    test('reads a whole and a streamed answer', async () => {
      const whole = await client().responses.create({ model: model(upstream), input: hello, store: false });
      expect([whole.object, whole.status, (whole.usage?.input_tokens ?? 0) > 0]).toEqual(['response', 'completed', true]);
      const stream = client().responses.stream({ model: model(upstream), input: hello, store: false });
      let text = '';
      stream.on('response.output_text.delta', (event) => { text += event.delta; });
      const final = await stream.finalResponse();
      expect([final.output_text, final.status, (final.usage?.output_tokens ?? 0) > 0]).toEqual([text, 'completed', true]);
      expect(text).toContain('imulated');
    });

    test.each([true, false])('goes through a tool loop with thinking that comes back (streamed: %s)', async (streamed) => {
      const say = async (input: OpenAI.Responses.ResponseInput): Promise<OpenAI.Responses.Response> => {
        const body = { model: model(upstream), tools, reasoning: { effort: 'low' as const, summary: 'auto' as const }, include: ['reasoning.encrypted_content' as const], store: false, max_output_tokens: 4_000, input };
        return streamed ? client().responses.stream(body).finalResponse() : client().responses.create(body);
      };
      const asked: OpenAI.Responses.ResponseInputItem = { role: 'user', content: asks };
      const first = await say([asked]);
      const call = first.output.find((item) => item.type === 'function_call');
      expect([call?.name, JSON.parse(call?.arguments ?? 'null')]).toEqual(['weather', { city: 'Rome' }]);
      const second = await say([asked, ...asSent(first.output) as OpenAI.Responses.ResponseInputItem[], { type: 'function_call_output', call_id: call?.call_id ?? '', output: told }]);
      expect(second.output_text).toContain(told);
    });

    test('throws the provider\'s refusal with its words', async () => {
      await expect(client().responses.create({ model: model(upstream), input: '[[practice 400 {"message":"not like this"}]]' })).rejects.toMatchObject({ status: 400, message: expect.stringContaining('not like this') });
    });
  });

  describe('the Google SDK', () => {
    const client = () => new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: stack.node.url } });
    const tools = [{ functionDeclarations: [{ name: 'weather', description: 'Tells the weather.', parametersJsonSchema: schema }] }];

    test('reads a whole and a streamed answer', async () => {
      const whole = await client().models.generateContent({ model: model(upstream), contents: hello });
      expect([whole.candidates?.[0]?.finishReason, (whole.usageMetadata?.promptTokenCount ?? 0) > 0, (whole.text ?? '').includes('imulated')]).toEqual(['STOP', true, true]);
      let text = '';
      let last;
      for await (const chunk of await client().models.generateContentStream({ model: model(upstream), contents: hello })) { text += chunk.text ?? ''; last = chunk; }
      expect([text.includes('imulated'), last?.candidates?.[0]?.finishReason, (last?.usageMetadata?.candidatesTokenCount ?? 0) > 0]).toEqual([true, 'STOP', true]);
    });

    test.each([true, false])('goes through a tool loop with thinking that comes back (streamed: %s)', async (streamed) => {
      const say = async (contents: Content[]): Promise<Content> => {
        const body = { model: model(upstream), contents, config: { tools, thinkingConfig: { includeThoughts: true }, maxOutputTokens: 4_000 } };
        if (!streamed) return (await client().models.generateContent(body)).candidates?.[0]?.content ?? {};
        const parts = [];
        for await (const chunk of await client().models.generateContentStream(body)) parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
        return { role: 'model', parts };
      };
      const asked: Content = { role: 'user', parts: [{ text: asks }] };
      const first = await say([asked]);
      const call = first.parts?.find((part) => part.functionCall)?.functionCall;
      expect([call?.name, call?.args]).toEqual(['weather', { city: 'Rome' }]);
      const second = await say([asked, first, { role: 'user', parts: [{ functionResponse: { ...(call?.id === undefined ? {} : { id: call.id }), name: 'weather', response: { output: told } } }] }]);
      expect(JSON.stringify(second)).toContain(told);
    });

    test('throws the provider\'s refusal with its words', async () => {
      await expect(client().models.generateContent({ model: model(upstream), contents: '[[practice 400 {"message":"not like this"}]]' })).rejects.toMatchObject({ status: 400, message: expect.stringContaining('not like this') });
    });
  });

  describe('the AI SDK', () => {
    const models = () => ({
      anthropic: createAnthropic({ baseURL: `${stack.node.url}/v1`, apiKey: key })(model(upstream)),
      chat: createOpenAI({ baseURL: `${stack.node.url}/v1`, apiKey: key }).chat(model(upstream)),
      responses: createOpenAI({ baseURL: `${stack.node.url}/v1`, apiKey: key }).responses(model(upstream)),
      google: createGoogle({ baseURL: `${stack.node.url}/v1beta`, apiKey: key })(model(upstream)),
    });
    const tools = { weather: tool({ description: 'Tells the weather.', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `rain in ${city}` }) };

    test.each(['anthropic', 'chat', 'responses', 'google'] as const)('runs its own tool loop on %s, whole and streamed', async (provider) => {
      const whole = await generateText({ model: models()[provider], prompt: asks, tools, stopWhen: stepCountIs(3), maxRetries: 0 });
      expect([whole.steps.length, whole.text.includes(told)]).toEqual([2, true]);
      const streamed = streamText({ model: models()[provider], prompt: asks, tools, stopWhen: stepCountIs(3), maxRetries: 0, onError: () => {} });
      expect([(await streamed.text).includes(told), ((await streamed.totalUsage).outputTokens ?? 0) > 0]).toEqual([true, true]);
    });
  });
});
