// Claude Code, Codex and Gemini CLI as they come from npm, each through a provider of every dialect: npm run test:clients.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '../stack/reads.ts';
import { openStack, secondCredential } from '../stack/stack.ts';
import type { Stack } from '../stack/stack.ts';
import { runClaudeCode, toolTask } from './claude-code.ts';
import { runCodex } from './codex.ts';
import { runGeminiCli } from './gemini-cli.ts';

const upstreams = [['messages', 'anthropic-messages'], ['chat', 'openai-chat'], ['responses', 'openai-responses'], ['gemini', 'gemini-generate']] as const;
let word = 100;

describe.each(upstreams)('through a provider that speaks %s', (name, dialect) => {
  let stack: Stack;
  let key: string;
  beforeAll(async () => {
    stack = await openStack();
    const { upstreams: seeded } = await stack.api.run('{ upstreams { nodes { id } } }');
    await stack.api.run('mutation ($input: UpstreamUpdateInput!) { upstreamUpdate(input: $input) { userErrors { message } } }', { input: { id: seeded.nodes[0].id, status: 'PAUSED' } });
    const { upstreamCreate } = await stack.api.run('mutation ($input: UpstreamCreateInput!) { upstreamCreate(input: $input) { upstream { id } userErrors { message path } } }', { input: { name, baseUrl: stack.practiceUrl, dialects: [dialect], auth: 'BEARER', secret: secondCredential } });
    expect(upstreamCreate.userErrors).toEqual([]);
    ({ secret: key } = await createKey(stack.api));
  });
  afterAll(() => stack.close());

  /** What the provider was asked in this run: all of it must have been answered well. */
  const asked = async () => (await stack.practice.calls()).map((call) => [call.dialect, call.status]);

  test.each([[true, { MAX_THINKING_TOKENS: '4000' }], [false, { CLAUDE_CODE_DISABLE_THINKING: '1' }]] as const)('Claude Code finishes a tool task (thinking: %s)', async (_, env) => {
    await stack.practice.forget();
    const { prompt, expected } = toolTask(String(word++));
    const run = await runClaudeCode({ ANTHROPIC_BASE_URL: stack.node.url, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: 'claude-sonnet-5-5', ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-haiku-5-5', ...env }, prompt);
    expect(run.output, run.errors).toContain(expected);
    expect((await asked()).filter(([spoken, status]) => spoken !== dialect || status !== 200)).toEqual([]);
  });

  test.each([['gpt-5.5', 'high'], ['gpt-5.5', 'none'], ['gpt-5.6-sol', 'high'], ['gpt-5.6-sol', 'none']])('Codex finishes a tool task as %s (effort: %s)', async (model, effort) => {
    await stack.practice.forget();
    const { prompt, expected } = toolTask(String(word++));
    const run = await runCodex(stack.node.url, key, model, prompt, { model_reasoning_effort: effort });
    expect(run.output, run.errors).toContain(expected);
    expect((await asked()).filter(([spoken, status]) => spoken !== dialect || status !== 200)).toEqual([]);
  });

  test.each([true, false])('Gemini CLI finishes a tool task (thinking: %s)', async (thinks) => {
    await stack.practice.forget();
    const { prompt, expected } = toolTask(String(word++));
    const run = await runGeminiCli(stack.node.url, key, 'gemini-3-flash-preview', prompt, thinks);
    expect(run.output, run.errors).toContain(expected);
    expect((await asked()).filter(([spoken, status]) => spoken !== dialect || status !== 200)).toEqual([]);
  });
});
