// Pure. The named adjustments of requests ("quirks") that an upstream may need. What each does is in data-plane/src/transform.
import type { DialectName } from '../wire/dialect-name.ts';

/** One adjustment as people choose it. */
export interface QuirkDescriptor {
  name: string;
  /** The wire formats that it changes. */
  dialects: readonly DialectName[];
  /** What it changes, and for whom. */
  description: string;
}

const anthropic: readonly DialectName[] = ['anthropic-messages'];
const chat: readonly DialectName[] = ['openai-chat'];
const openai: readonly DialectName[] = ['openai-chat', 'openai-responses'];

/** Every adjustment, in the order in which lists show them. */
export const quirks = [
  { name: 'max-completion-tokens', dialects: chat, description: 'Sends max_tokens as max_completion_tokens, for models that refuse the older name.' },
  { name: 'max-tokens', dialects: chat, description: 'Sends max_completion_tokens as max_tokens, for servers that know only the older name.' },
  { name: 'no-stream-options', dialects: chat, description: 'Leaves out stream_options. Servers that refuse it report no usage of streams: their tokens are estimated.' },
  { name: 'no-parallel-tool-calls', dialects: openai, description: 'Leaves out parallel_tool_calls.' },
  { name: 'developer-as-system', dialects: openai, description: 'Sends messages of the role "developer" as "system".' },
  { name: 'merge-system', dialects: ['anthropic-messages', 'openai-chat'], description: 'Joins all instructions into one text at the beginning, for servers that take only one.' },
  { name: 'plain-text-content', dialects: chat, description: 'Sends content that is only text parts as one text.' },
  { name: 'no-reasoning-content', dialects: chat, description: 'Leaves out reasoning_content of earlier answers.' },
  { name: 'no-reasoning-effort', dialects: openai, description: 'Leaves out reasoning_effort and reasoning.' },
  { name: 'no-strict-tools', dialects: openai, description: 'Leaves out "strict" of tools.' },
  { name: 'plain-schemas', dialects: ['openai-chat', 'openai-responses', 'gemini-generate'], description: 'Leaves out $schema, $id and additionalProperties of the schemas of tools.' },
  { name: 'no-json-schema', dialects: chat, description: 'Asks for any JSON object where a schema was given.' },
  { name: 'no-forced-tool', dialects: chat, description: 'Lets the model choose where a tool was demanded.' },
  { name: 'no-sampling', dialects: ['anthropic-messages', 'openai-chat', 'openai-responses'], description: 'Leaves out temperature, top_p and top_k, for models that refuse them.' },
  { name: 'no-account-hints', dialects: ['anthropic-messages', 'openai-chat', 'openai-responses'], description: 'Leaves out metadata, user, store, service_tier, safety_identifier and prompt_cache_key, which belong to one vendor\'s accounts.' },
  { name: 'drop-billing-line', dialects: anthropic, description: 'Leaves out the instruction in which Claude Code tells its version (x-anthropic-billing-header). It changes often and would spoil other vendors\' prompt caches.' },
  { name: 'no-cache-control', dialects: anthropic, description: 'Leaves out cache_control everywhere.' },
  { name: 'no-thinking-display', dialects: anthropic, description: 'Leaves out "display" of thinking.' },
  { name: 'thinking-as-budget', dialects: anthropic, description: 'Sends adaptive thinking as thinking with a budget of half the output limit, for servers that know only budgets.' },
  { name: 'no-output-config', dialects: anthropic, description: 'Leaves out output_config and context_management.' },
  { name: 'plain-tools', dialects: anthropic, description: 'Sends only name, description and input_schema of tools, and leaves out the tools that Anthropic runs itself.' },
  { name: 'drop-unknown-top-level', dialects: ['anthropic-messages', 'openai-chat', 'openai-responses', 'gemini-generate'], description: 'Leaves out every field of the request that the public reference of its wire format does not name.' },
] as const satisfies readonly QuirkDescriptor[];

/** The name of an adjustment. */
export type QuirkName = (typeof quirks)[number]['name'];

/** Whether a text names an adjustment. */
export function isQuirkName(text: string): text is QuirkName {
  return quirks.some((quirk) => quirk.name === text);
}
