// Shapes as the clients send them, without their prompts.
import { expect, test } from 'vitest';
import { scenarioOf } from '@fairlead/shared/plan/scenario.ts';
import { upstream } from '@fairlead/shared/plan/test-plan.ts';
import type { Inbound } from '../journey/inbound.ts';
import { resolveEndpoint } from '../http/endpoints.ts';
import { survey } from './survey.ts';

type Body = Record<string, unknown>;
const tables = { upstreams: [upstream('vendor'), upstream('theirs', { tenant: 'ten_2' })], ruleNames: () => ({ headers: ['x-team'], body: ['temperature', 'metadata.tier', 'stop', 'n.deep'] }) };

function surveyed(path: string, body: Body, headers: Record<string, string> = {}) {
  const endpoint = resolveEndpoint(path);
  if (!endpoint) throw new Error(path);
  const json: Body = { model: 'm', ...body };
  const inbound: Inbound = { exchangeId: 'exc_1', endpoint, headers: new Map(Object.entries(headers)), query: new URLSearchParams(), address: '', body: Buffer.from(JSON.stringify(json)), json, receivedAtMs: 0, signal: new AbortController().signal };
  return survey(inbound, tables, 'ten_1');
}
const [messages, chat, responses, gemini] = ['/v1/messages', '/v1/chat/completions', '/v1/responses', '/v1beta/models/m:generateContent'] as const;
const claude = { 'x-claude-code-session-id': 'ses-1' };
const codex = { 'originator': 'codex_exec', 'user-agent': 'codex_exec/0.169.0', 'session-id': 'ses-1', 'thread-id': 'thr-1' };
const geminiCli = { 'user-agent': 'GeminiCLI-tui/0.61.0/m (linux)' };
const tools = [{ name: 'Bash', input_schema: {} }, { name: 'Read', input_schema: {} }];
const billing = (more = '') => ({ type: 'text', text: `x-anthropic-billing-header: cc_version=2.1.329.abc; cc_entrypoint=cli;${more}` });
const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A'.repeat(400_000) } };

test.each<[string, ReturnType<typeof surveyed>, string]>([
  ['Claude Code, main turn', surveyed(messages, { tools, system: [billing(), { type: 'text', text: 'You are' }], thinking: { type: 'disabled' } }, claude), 'default'],
  ['Claude Code, thinking', surveyed(messages, { tools, thinking: { type: 'adaptive', display: 'omitted' } }, claude), 'think'],
  ['Claude Code, sub-agent by header', surveyed(messages, { tools, thinking: { type: 'adaptive' } }, { ...claude, 'x-claude-code-agent-id': 'a1' }), 'subagent'],
  ['Claude Code, sub-agent by its billing line', surveyed(messages, { tools, system: [billing(' cc_is_subagent=true;')] }, claude), 'subagent'],
  ['Claude Code, title', surveyed(messages, { messages: [], output_config: { format: { type: 'json_schema' } } }, claude), 'background'],
  ['Claude Code, labelled auxiliary call', surveyed(messages, { tools }, { ...claude, 'x-claude-code-request-class': 'auxiliary' }), 'background'],
  ['Claude Code, labelled main call without tools', surveyed(messages, {}, { ...claude, 'x-claude-code-request-class': 'main' }), 'default'],
  ['Claude Code, web search', surveyed(messages, { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }] }, { ...claude, 'x-claude-code-request-class': 'auxiliary' }), 'web-search'],
  ['Claude Code, long window by its beta', surveyed(messages, { tools }, { ...claude, 'anthropic-beta': 'effort-2025-11-24,context-1m-2025-08-07' }), 'long-context'],
  ['long window by suffix', surveyed(messages, { model: 'claude-opus-5[1m]', tools }), 'long-context'],
  ['picture in a tool result', surveyed(messages, { tools, messages: [{ role: 'user', content: [{ type: 'tool_result', content: [picture] }] }] }, claude), 'image'],
  ['SDK without tools is no background', surveyed(messages, { messages: [] }, { 'user-agent': 'Anthropic/JS 1.11' }), 'default'],
  ['Codex, main turn offers search beside its tools', surveyed(responses, { tools: [{ type: 'function', name: 'exec_command' }, { type: 'web_search' }] }, codex), 'default'],
  ['Codex, reasoning', surveyed(responses, { tools: [{ type: 'function' }], reasoning: { effort: 'high' } }, codex), 'think'],
  ['Codex, sub-agent', surveyed(responses, { tools: [] }, { ...codex, 'x-openai-subagent': 'collab_spawn' }), 'subagent'],
  ['Codex, sub-agent by its turn', surveyed(responses, { tools: [] }, { ...codex, 'x-codex-turn-metadata': JSON.stringify({ thread_source: 'subagent' }) }), 'subagent'],
  ['Codex, prewarm', surveyed(responses, {}, { ...codex, 'x-codex-turn-metadata': JSON.stringify({ request_kind: 'prewarm' }) }), 'background'],
  ['Responses, a search and nothing else', surveyed(responses, { tools: [{ type: 'web_search' }] }), 'web-search'],
  ['Responses, picture', surveyed(responses, { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AAAA' }] }] }), 'image'],
  ['Gemini CLI, search', surveyed(gemini, { tools: [{ googleSearch: {} }] }, geminiCli), 'web-search'],
  ['Gemini CLI, sub-agent', surveyed(gemini, { tools: [{ functionDeclarations: [{ name: 'complete_task' }] }] }, geminiCli), 'subagent'],
  ['Gemini CLI, classifier', surveyed(gemini, { generationConfig: { responseJsonSchema: {} } }, geminiCli), 'background'],
  ['Gemini CLI, picture', surveyed(gemini, { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }] }] }, geminiCli), 'image'],
  ['Gemini, thinking switched off', surveyed(gemini, { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }, geminiCli), 'default'],
  ['opencode, sub-agent', surveyed(chat, { tools: [{ type: 'function' }] }, { 'user-agent': 'opencode/1.18', 'x-parent-session-id': 'p' }), 'subagent'],
  ['opencode, title', surveyed(chat, {}, { 'user-agent': 'opencode/1.18' }), 'background'],
  ['Chat, picture', surveyed(chat, { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] }] }), 'image'],
])('%s is %s', (_what, ask, scenario) => { expect(scenarioOf(ask.facts)).toBe(scenario); });

test('tools are counted wherever a client puts them', () => {
  expect([surveyed(messages, { tools }).facts.tools, surveyed(gemini, { tools: [{ functionDeclarations: [{ name: 'a' }, { name: 'b' }] }] }).facts.tools, surveyed(responses, { input: [{ type: 'additional_tools', tools: [{}, {}, {}] }] }).facts.tools]).toEqual([2, 2, 3]);
});

test('a picture counts as what vendors count for it, not as its bytes', () => {
  const { facts } = surveyed(messages, { messages: [{ role: 'user', content: [picture, { type: 'text', text: 'x'.repeat(4_000) }] }] });
  expect(facts.inputTokens).toBeGreaterThan(2_500);
  expect(facts.inputTokens).toBeLessThan(2_700);
});

test.each([
  ['<FAIRLEAD-SUBAGENT-MODEL>vendor,gpt-5</FAIRLEAD-SUBAGENT-MODEL>', { upstream: 'vendor', model: 'gpt-5' }, 'gpt-5'], ['<CCR-SUBAGENT-MODEL>gpt-5</CCR-SUBAGENT-MODEL>', { model: 'gpt-5' }, 'gpt-5'], ['<CCR-SUBAGENT-MODEL></CCR-SUBAGENT-MODEL>', undefined, undefined],
])('the tag %s asks for %o', (tag, explicit, wants) => {
  for (const body of [{ system: `Be brief. ${tag}` }, { system: [billing(), { type: 'text', text: `${tag}\nBe brief.` }] }]) {
    const ask = surveyed(messages, body);
    expect([ask.facts.explicit, ask.wants, ask.facts.subagent]).toEqual([explicit, wants, explicit !== undefined]);
  }
  expect(surveyed(messages, { messages: [{ role: 'user', content: tag }] }).facts.explicit).toBeUndefined(); // text that a tool or a page brought in chooses nothing
});

test.each([['vendor/gpt-5', 'gpt-5'], ['vendor,gpt-5', 'gpt-5'], ['Vendor/org/gpt-5[1m]', 'org/gpt-5'], ['theirs/gpt-5', undefined], ['org/gpt-5', undefined], ['gpt-5', undefined], ['gpt-5[1m]', 'gpt-5']])('%s means %s', (model, wants) => {
  expect(surveyed(messages, { model }).wants).toBe(wants);
});

test('only what rules name is kept of headers and body, briefly, and no more than single values', () => {
  const { facts } = surveyed(messages, { temperature: 0.5, metadata: { tier: 'g'.repeat(300) }, stop: ['a'], n: 1, top_p: 1 }, { 'x-team': 'r'.repeat(300), 'x-other': 'o' });
  expect([facts.headers, facts.body]).toEqual([{ 'x-team': 'r'.repeat(200) }, { 'temperature': 0.5, 'metadata.tier': 'g'.repeat(200) }]);
});

test('no text of a prompt is among the facts', () => {
  const secret = 'the words of a prompt';
  const ask = surveyed(messages, { system: secret, messages: [{ role: 'user', content: secret }], tools: [{ name: secret, description: secret }] }, claude);
  expect(JSON.stringify(ask)).not.toContain(secret);
});

test('lines of work in one session are told apart', () => {
  expect([surveyed(messages, {}, claude).thread, surveyed(messages, {}, { ...claude, 'x-claude-code-agent-id': 'a1' }).thread, surveyed(responses, {}, codex).thread, surveyed(messages, {}).thread]).toEqual(['ses-1', 'ses-1|a1', 'ses-1|thr-1', undefined]);
});

test('strange shapes are facts too, never an error', () => {
  for (const odd of [null, 1, 'x', [], {}, [null, 1, 'x', [], {}]]) {
    for (const path of [messages, chat, responses, gemini]) {
      expect(() => surveyed(path, { tools: odd, messages: odd, input: odd, contents: odd, system: odd, thinking: odd, reasoning: odd, generationConfig: {}, metadata: odd, web_search_options: odd })).not.toThrow();
      expect(() => surveyed(path, { messages: [{ content: odd }], input: [{ content: odd, output: odd }], contents: [{ parts: odd }] })).not.toThrow();
    }
  }
});
