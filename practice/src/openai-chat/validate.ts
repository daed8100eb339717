// Pure. Checks a Chat Completions body as strictly as the vendor's published schema.
import { z } from 'zod';
import type { Refusal } from '../dialect.ts';
import { openAiRefusal } from '../openai-wording.ts';

const textPart = z.strictObject({ type: z.literal('text'), text: z.string(), cache_control: z.unknown().optional() });
const part = z.discriminatedUnion('type', [
  textPart,
  z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: z.string().min(1), detail: z.enum(['auto', 'low', 'high', 'original']).optional() }) }),
  z.strictObject({ type: z.literal('input_audio'), input_audio: z.strictObject({ data: z.string(), format: z.string() }) }),
  z.strictObject({ type: z.literal('file'), file: z.looseObject({}) }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
]);
const textContent = z.union([z.string(), z.array(textPart).min(1)]);
const call = z.discriminatedUnion('type', [
  z.strictObject({ id: z.string().min(1), type: z.literal('function'), function: z.strictObject({ name: z.string().min(1), arguments: z.string() }), index: z.number().int().optional() }),
  z.strictObject({ id: z.string().min(1), type: z.literal('custom'), custom: z.strictObject({ name: z.string(), input: z.string() }) }),
]);
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: textContent, name: z.string().optional() }),
  z.strictObject({ role: z.literal('developer'), content: textContent, name: z.string().optional() }),
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(part).min(1)]), name: z.string().optional() }),
  // The two fields for reasoning are what compatible clients send back.
  z.strictObject({ role: z.literal('assistant'), content: z.union([z.string(), z.array(part)]).nullish(), refusal: z.string().nullish(), name: z.string().optional(), audio: z.unknown().optional(), tool_calls: z.array(call).min(1).optional(), reasoning_content: z.string().nullish(), reasoning: z.unknown().optional() }),
  z.strictObject({ role: z.literal('tool'), content: textContent, tool_call_id: z.string().min(1), name: z.string().optional() }),
]);
const name = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/);
const tool = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name, description: z.string().optional(), parameters: z.looseObject({}).optional(), strict: z.boolean().nullish() }), cache_control: z.unknown().optional() }),
  z.strictObject({ type: z.literal('custom'), custom: z.looseObject({ name }) }),
]);
const choice = z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.enum(['function', 'custom', 'allowed_tools']) })]);
const schema = z.strictObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  tools: z.array(tool).max(512).optional(),
  tool_choice: choice.optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  n: z.number().int().min(1).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  response_format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).optional(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_retention: z.string().nullish(),
  service_tier: z.string().nullish(),
  store: z.boolean().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  seed: z.number().int().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().nullish(),
  logit_bias: z.record(z.string(), z.number()).nullish(),
  modalities: z.array(z.string()).nullish(),
  prediction: z.unknown().optional(),
  audio: z.unknown().optional(),
  web_search_options: z.unknown().optional(),
});

/** A body that the vendor would accept. */
export type CheckedChat = z.infer<typeof schema>;

/** Checks a body. */
export function validateChat(body: unknown): { readonly checked: CheckedChat } | { readonly refusal: Refusal } {
  const read = schema.safeParse(body);
  if (!read.success) return { refusal: openAiRefusal(read.error, body) };
  const { tools, tool_choice, stream, stream_options, messages } = read.data;
  if (tool_choice !== undefined && !tools) return refusal("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", 'tool_choice');
  if (stream_options && stream !== true) return refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  const problem = pairingProblem(messages);
  return problem === undefined ? { checked: read.data } : refusal(problem, 'messages');
}

function refusal(message: string, param: string): { readonly refusal: Refusal } {
  return { refusal: { status: 400, message, param, code: null } };
}

/** Calls must be answered right after they are made, and nothing else may be answered. */
function pairingProblem(messages: CheckedChat['messages']): string | undefined {
  let open: string[] = [];
  for (const [at, said] of messages.entries()) {
    if (said.role === 'tool') {
      if (!open.includes(said.tool_call_id)) return `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. (messages[${at}])`;
      open = open.filter((id) => id !== said.tool_call_id);
      continue;
    }
    if (open.length > 0) return unanswered(open);
    open = said.role === 'assistant' ? (said.tool_calls ?? []).map((one) => one.id) : [];
  }
  return open.length > 0 ? unanswered(open) : undefined;
}

function unanswered(ids: readonly string[]): string {
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`;
}
