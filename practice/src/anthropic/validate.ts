// Pure. Checks a Messages body as strictly as the vendor's published schema, in the vendor's wording.
import { z } from 'zod';
import type { Refusal } from '../dialect.ts';
import { firstFinding, valueAt, type Finding } from '../wording.ts';
import { pairingProblem } from './pairing.ts';

const cache = z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).nullish();
const source = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('base64'), media_type: z.string(), data: z.string().min(1) }),
  z.strictObject({ type: z.literal('url'), url: z.string().min(1) }),
  z.strictObject({ type: z.literal('text'), media_type: z.string(), data: z.string() }),
  z.strictObject({ type: z.literal('file'), file_id: z.string() }),
  z.looseObject({ type: z.literal('content') }),
]);
const text = z.strictObject({ type: z.literal('text'), text: z.string(), cache_control: cache, citations: z.array(z.unknown()).nullish() });
const image = z.strictObject({ type: z.literal('image'), source, cache_control: cache });
const document = z.strictObject({ type: z.literal('document'), source, title: z.string().nullish(), context: z.string().nullish(), citations: z.unknown().optional(), cache_control: cache });
const toolReference = z.strictObject({ type: z.literal('tool_reference'), tool_name: z.string(), cache_control: cache });
const searchResult = z.looseObject({ type: z.literal('search_result') });
const vendorBlock = z.looseObject({ type: z.enum(['server_tool_use', 'web_search_tool_result', 'web_fetch_tool_result', 'tool_search_tool_result', 'code_execution_tool_result', 'mcp_tool_use', 'mcp_tool_result', 'container_upload', 'compaction']) });
const inResult = z.discriminatedUnion('type', [text, image, document, toolReference, searchResult]);
const block = z.discriminatedUnion('type', [
  text,
  image,
  document,
  z.strictObject({ type: z.literal('tool_use'), id: z.string().regex(/^[a-zA-Z0-9_-]+$/), name: z.string().min(1).max(200), input: z.looseObject({}), cache_control: cache, caller: z.unknown().optional() }),
  z.strictObject({ type: z.literal('tool_result'), tool_use_id: z.string().regex(/^[a-zA-Z0-9_-]+$/), content: z.union([z.string(), z.array(inResult)]).nullish(), is_error: z.boolean().nullish(), cache_control: cache }),
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
  toolReference,
  searchResult,
  vendorBlock,
]);
const effort = z.strictObject({ effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(), format: z.looseObject({ type: z.literal('json_schema'), schema: z.looseObject({}) }).nullish(), task_budget: z.unknown().optional() });
const message = z.strictObject({ role: z.enum(['user', 'assistant', 'system']), content: z.union([z.string(), z.array(block)]), output_config: effort.nullish() });
const customTool = z.strictObject({
  type: z.literal('custom').nullish(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  cache_control: cache,
  defer_loading: z.boolean().optional(),
  eager_input_streaming: z.boolean().nullish(),
  strict: z.boolean().optional(),
  allowed_callers: z.array(z.string()).optional(),
  input_examples: z.array(z.unknown()).optional(),
});
const serverTool = z.looseObject({ type: z.string().regex(/^[a-z_]+_20\d{6}$/), name: z.string() });
const thinking = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.number().int().min(1024), display: z.string().nullish() }),
  z.strictObject({ type: z.literal('adaptive'), display: z.string().nullish() }),
  z.strictObject({ type: z.literal('between_tools'), display: z.string().nullish() }),
  z.strictObject({ type: z.literal('disabled') }),
]);
const parallel = { disable_parallel_tool_use: z.boolean().optional() };
const toolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), ...parallel }),
  z.strictObject({ type: z.literal('any'), ...parallel }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
  z.strictObject({ type: z.literal('none') }),
]);
const counted = {
  model: z.string().min(1),
  messages: z.array(message).min(1),
  system: z.union([z.string(), z.array(text)]).optional(),
  tools: z.array(z.union([customTool, serverTool])).optional(),
  tool_choice: toolChoice.optional(),
  thinking: thinking.optional(),
  output_config: effort.optional(),
  output_format: z.looseObject({}).nullish(),
  context_management: z.strictObject({ edits: z.array(z.looseObject({ type: z.string() })).optional() }).nullish(),
  mcp_servers: z.array(z.looseObject({})).optional(),
  cache_control: cache,
  safeguards: z.array(z.looseObject({ type: z.string() })).optional(),
  speed: z.enum(['standard', 'fast']).nullish(),
};
const whole = z.strictObject({
  ...counted,
  max_tokens: z.number().int().min(1),
  metadata: z.strictObject({ user_id: z.string().nullish() }).optional(),
  stop_sequences: z.array(z.string()).optional(),
  stream: z.boolean().optional(),
  temperature: z.number().min(0).max(1).optional(),
  top_k: z.number().int().min(0).optional(),
  top_p: z.number().min(0).max(1).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  container: z.unknown().optional(),
  inference_geo: z.string().nullish(),
});
const counting = z.strictObject({ ...counted, max_tokens: z.number().int().optional() });

/** A body that the vendor would accept. */
export type CheckedMessages = Omit<z.infer<typeof whole>, 'max_tokens'> & { max_tokens?: number | undefined };

/** Checks a body; `count` is for the endpoint that only counts and needs no max_tokens. */
export function validateMessages(body: unknown, count: boolean): { readonly checked: CheckedMessages } | { readonly refusal: Refusal } {
  const read = (count ? counting : whole).safeParse(body);
  if (!read.success) return { refusal: { status: 400, message: wordingOf(firstFinding(read.error, body), body) } };
  const checked: CheckedMessages = read.data;
  const problem = ruleProblem(checked) ?? pairingProblem(checked.messages);
  return problem === undefined ? { checked } : { refusal: { status: 400, message: problem } };
}

function ruleProblem(body: CheckedMessages): string | undefined {
  const names = (body.tools ?? []).map((tool) => tool.name);
  if (new Set(names).size < names.length) return 'tools: Tool names must be unique.';
  const marks = JSON.stringify(body).split('"cache_control":{').length - 1;
  if (marks > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`;
  if (body.thinking?.type === 'enabled' && body.max_tokens !== undefined && body.max_tokens <= body.thinking.budget_tokens) {
    return '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size';
  }
  if (body.thinking?.type === 'enabled' && body.temperature !== undefined && body.temperature !== 1) {
    return '`temperature` may only be set to 1 when thinking is enabled.';
  }
  const choice = body.tool_choice;
  if (choice && names.length === 0 && choice.type !== 'none') return 'tool_choice may only be specified while providing tools';
  if (choice?.type === 'tool' && !names.includes(choice.name)) return `Tool '${choice.name}' not found in provided tools`;
  return undefined;
}

function wordingOf(finding: Finding, body: unknown): string {
  const at = finding.path.length > 0 ? finding.path.join('.') : 'body';
  const quoted = finding.allowed.map((value) => `'${value}'`);
  switch (finding.kind) {
    case 'unknown':
      return `${at}: Extra inputs are not permitted`;
    case 'missing':
      return `${at}: Field required`;
    case 'value':
      return `${at}: Input should be ${quoted.length > 1 ? `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}` : quoted[0]}`;
    case 'tag':
      return valueAt(body, finding.path) === undefined ? `${at}: Field required` : `${at}: Input tag '${String(valueAt(body, finding.path))}' found using 'type' does not match any of the expected tags`;
    case 'small':
      return at === 'messages' ? 'messages: at least one message is required' : `${at}: Input should be greater than or equal to ${finding.expected}`;
    case 'type':
      return `${at}: Input should be ${TYPE_WORDS[finding.expected] ?? `a valid ${finding.expected}`}`;
    default:
      return `${at}: ${finding.message}`;
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = { string: 'a valid string', array: 'a valid list', int: 'a valid integer', number: 'a valid number', boolean: 'a valid boolean', object: 'a valid dictionary' };
