// README: "Clients of one dialect, providers of another."
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../clients/ask.ts';
import { claudePath, runClaudeCode, toolTask } from '../clients/claude-code.ts';
import { billNano, createKey, ledgerNano, readExchange } from '../stack/reads.ts';
import type { Data } from '../stack/api.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';

const asked = 'Run it. [[call shell {"command":"ls"}]]';
const schema = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

/** What a client of a dialect asks first, and what it asks when it has done what the answer called for. */
const toolLoop = {
  anthropic: (model: string, answer?: Data) => ({
    model, max_tokens: 9_000, thinking: { type: 'adaptive', display: 'summarized' }, tools: [{ name: 'shell', input_schema: schema }],
    messages: [{ role: 'user', content: asked }, ...(answer ? [{ role: 'assistant', content: answer.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: answer.content.at(-1).id, content: 'It was done.' }] }] : [])],
  }),
  chat: (model: string, answer?: Data) => ({
    model, reasoning_effort: 'high', tools: [{ type: 'function', function: { name: 'shell', parameters: schema } }],
    messages: [{ role: 'user', content: asked }, ...(answer ? [answer.choices[0].message, { role: 'tool', tool_call_id: answer.choices[0].message.tool_calls[0].id, content: 'It was done.' }] : [])],
  }),
  // As Codex does: nothing is kept there, and sealed reasoning is asked for.
  responses: (model: string, answer?: Data) => ({
    model, store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' }, tools: [{ type: 'function', name: 'shell', parameters: schema, strict: false }],
    input: [{ role: 'user', content: asked }, ...(answer ? [...answer.output, { type: 'function_call_output', call_id: answer.output.at(-1).call_id, output: 'It was done.' }] : [])],
  }),
  // As Gemini CLI does: no thoughts are sent back.
  gemini: (_model: string, answer?: Data) => {
    const parts = answer?.candidates[0].content.parts.filter((part: Data) => !part.thought) ?? [];
    return {
      generationConfig: { thinkingConfig: { includeThoughts: true, thinkingBudget: 4_000 } }, tools: [{ functionDeclarations: [{ name: 'shell', parametersJsonSchema: schema }] }],
      contents: [{ role: 'user', parts: [{ text: asked }] }, ...(answer ? [{ role: 'model', parts }, { role: 'user', parts: [{ functionResponse: { id: parts[0].functionCall.id, name: 'shell', response: { output: 'It was done.' } } }] }] : [])],
    };
  },
};

describe.each(['node', 'deno'] as const)('on %s', (runtime) => {
  describe.skipIf(runtime === 'deno' && process.env.FAIRLEAD_TEST_DENO !== '1')('a provider that speaks one dialect only', () => {
    let stack: Stack;
    let secret: string;
    const upstreams: Record<string, string> = {};
    beforeAll(async () => {
      stack = await openStack({ runtime });
      for (const [name, dialect, model] of [['Chat only', 'openai-chat', 'claude-*'], ['Messages only', 'anthropic-messages', 'gpt-5*'], ['Gemini only', 'gemini-generate', 'gemini-3*'], ['Responses only', 'openai-responses', 'gpt-6*']] as const) {
        const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', {
          input: { name, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential, models: [{ model }] },
        });
        upstreams[name] = upstreamCreate.upstream.id;
      }
      ({ secret } = await createKey(stack.api));
    });
    afterAll(() => stack.close());

    test.each([
      ['anthropic', 'Chat only', true, 'claude-haiku-5-5'], ['anthropic', 'Chat only', false, 'claude-haiku-5-5'], ['chat', 'Messages only', true, 'gpt-5.5'], ['chat', 'Messages only', false, 'gpt-5.5'],
      ['anthropic', 'Gemini only', true, 'gemini-3-flash-preview'], ['chat', 'Gemini only', false, 'gemini-3-flash-preview'], ['gemini', 'Chat only', true, 'claude-haiku-5-5'], ['gemini', 'Messages only', false, 'gpt-5.5'],
      ['responses', 'Chat only', true, 'claude-haiku-5-5'], ['responses', 'Messages only', false, 'gpt-5.5'], ['responses', 'Gemini only', true, 'gemini-3-flash-preview'],
      ['anthropic', 'Responses only', true, 'gpt-6'], ['chat', 'Responses only', false, 'gpt-6'], ['gemini', 'Responses only', true, 'gpt-6'],
    ] as const)('answers a client that speaks %s (%s, stream: %s), and says what it did', async (speaks, name, stream, model) => {
      const heard = await ask(stack.node.url, secret, speaks, { stream, model });
      expect([heard.status, heard.whole, heard.headers.get('x-fairlead-upstream')], heard.body).toEqual([200, true, name]);
      expect(heard.text).toContain('imulated');
      const exchange = await stack.api.until(() => readExchange(stack.api, heard.headers.get('x-fairlead-exchange') ?? '').then((found) => (found?.decision && found.outputTokens > 0 ? found : undefined)));
      expect(exchange).toMatchObject({ outcome: 'OK', estimated: false, upstream: { id: upstreams[name] } });
    });

    test('a stream that breaks off there ends as an error in the client\'s dialect', async () => {
      for (const [speaks, model] of [['anthropic', 'claude-haiku-5-5'], ['chat', 'gpt-5.5'], ['gemini', 'claude-haiku-5-5'], ['chat', 'gemini-3-flash-preview'], ['responses', 'gpt-5.5'], ['anthropic', 'gpt-6']] as const) {
        const heard = await ask(stack.node.url, secret, speaks, { stream: true, model, prompt: 'More [[practice many {"events": 12}]] [[practice cut {"after": 6}]]' });
        expect([speaks, heard.status, heard.whole]).toEqual([speaks, 200, false]);
        expect(heard.body).toContain('"error"');
      }
    });

    // The practice upstream refuses thinking that it did not sign, and calls of Gemini 3 without their signature.
    test.each([
      ['anthropic', 'Gemini only', 'gemini-3-flash-preview'], ['chat', 'Gemini only', 'gemini-3-flash-preview'], ['gemini', 'Messages only', 'gpt-5.5'],
      ['responses', 'Messages only', 'gpt-5.5'], ['responses', 'Gemini only', 'gemini-3-flash-preview'], ['anthropic', 'Responses only', 'gpt-6'], ['chat', 'Responses only', 'gpt-6'], ['gemini', 'Responses only', 'gpt-6'],
    ] as const)('a tool loop of a client that speaks %s keeps its provider\'s thinking (%s)', async (speaks, name, model) => {
      await stack.practice.forget();
      const first = await ask(stack.node.url, secret, speaks, { model, body: toolLoop[speaks](model) });
      expect([first.status, first.headers.get('x-fairlead-upstream')], first.body).toEqual([200, name]);
      const then = await ask(stack.node.url, secret, speaks, { model, body: toolLoop[speaks](model, JSON.parse(first.body)) });
      expect([then.status, then.headers.get('x-fairlead-upstream')], then.body).toEqual([200, name]);
      expect(then.text).toContain('It was done.');
      // Not one request had to be mended.
      expect((await stack.practice.calls()).map((call) => call.status)).toEqual([200, 200]);
    });

    test('what the provider refuses comes back in the client\'s dialect with its words', async () => {
      const heard = await ask(stack.node.url, secret, 'anthropic', { prompt: '[[practice 400 {"message":"the provider did not like this"}]]' });
      expect([heard.status, JSON.parse(heard.body)]).toMatchObject([400, { type: 'error', error: { type: 'invalid_request_error', message: expect.stringContaining('the provider did not like this') } }]);
    });

    test.skipIf(claudePath === undefined)('Claude Code finishes a tool task through a provider that speaks Chat only', async () => {
      const { prompt, expected } = toolTask('77');
      const run = await runClaudeCode({ ANTHROPIC_BASE_URL: stack.node.url, ANTHROPIC_AUTH_TOKEN: secret, ANTHROPIC_MODEL: 'claude-haiku-5-5', ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-haiku-5-5' }, prompt);
      expect(run.output, run.errors).toContain(expected);
    });

    test('wired: a client that no provider can be found for is told so', async () => {
      const heard = await ask(stack.node.url, secret, 'gemini', { model: 'claude-haiku-5-5' });
      expect(heard.status).toBe(200);
      for (const name of ['Chat only', 'Messages only', 'Gemini only', 'Responses only']) await stack.api.run('mutation ($input: UpstreamDeleteInput!) { upstreamDelete(input: $input) { userErrors { message } } }', { input: { id: upstreams[name] } });
      const { upstreams: list } = await stack.api.run('{ upstreams { nodes { id name } } }');
      await stack.api.run('mutation ($input: UpstreamUpdateInput!) { upstreamUpdate(input: $input) { userErrors { message } } }', { input: { id: list.nodes.find(({ name }: { name: string }) => name === 'Practice').id, status: 'PAUSED' } });
      const refused = await ask(stack.node.url, secret, 'gemini', { model: 'gpt-5.5' });
      expect(refused.status).toBe(503);
    });
  });
});

test('the account of every client with every provider equals the provider\'s bill', async () => {
  const stack = await openStack();
  try {
    const dialects = ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'];
    for (const dialect of dialects) await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name: dialect, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential } });
    const { secret } = await createKey(stack.api);
    const asks = dialects.flatMap((dialect) => (['anthropic', 'chat', 'responses', 'gemini'] as const).flatMap((speaks) => [true, false].map((stream) => ({ dialect, speaks, stream }))));
    for (const { dialect, speaks, stream } of asks) {
      const heard = await ask(stack.node.url, secret, speaks, { stream, model: `${dialect},claude-haiku-5-5` });
      expect([dialect, speaks, heard.status, heard.whole], heard.body).toEqual([dialect, speaks, 200, true]);
    }
    const ledger = await stack.api.until(async () => { const found = await ledgerNano(stack.api); return found.requests === asks.length ? found : undefined; });
    expect(ledger).toEqual({ ...billNano(await stack.practice.bill()), excess: 0n });
  } finally {
    await stack.close();
  }
});
