// Pure. Checks a Responses body as strictly as the vendor's published schema, and as openly as its own coding client needs.
import { z } from 'zod';
import type { Refusal } from '../dialect.ts';
import { openAiRefusal } from '../openai-wording.ts';
import { isOurReasoning } from './encrypted.ts';

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input_text'), text: z.string() }),
  z.strictObject({ type: z.literal('output_text'), text: z.string(), annotations: z.array(z.unknown()).nullish(), logprobs: z.array(z.unknown()).nullish() }),
  z.strictObject({ type: z.literal('input_image'), image_url: z.string().nullish(), file_id: z.string().nullish(), detail: z.enum(['auto', 'low', 'high', 'original']).nullish() }),
  z.strictObject({ type: z.literal('input_file'), file_id: z.string().nullish(), file_data: z.string().nullish(), file_url: z.string().nullish(), filename: z.string().nullish() }),
  z.strictObject({ type: z.literal('refusal'), refusal: z.string() }),
  z.strictObject({ type: z.literal('encrypted_content'), encrypted_content: z.string() }),
]);
const content = z.union([z.string(), z.array(part)]);
const id = z.string().nullish();
// What the coding client adds to every item when it speaks to the vendor itself.
const passthrough = { internal_chat_message_metadata_passthrough: z.unknown().optional() };
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const message = z.strictObject({ type: z.literal('message').optional(), id, status, phase: z.string().nullish(), role: z.enum(['user', 'assistant', 'system', 'developer']), content, ...passthrough });
const tool = z.looseObject({ type: z.string().min(1), name: z.string().optional() });
const item = z.discriminatedUnion('type', [
  message.extend({ type: z.literal('message') }),
  z.strictObject({ type: z.literal('function_call'), ...passthrough, id, status, call_id: z.string().min(1), name: z.string().min(1), namespace: z.string().nullish(), arguments: z.string() }),
  z.strictObject({ type: z.literal('function_call_output'), ...passthrough, id, status, call_id: z.string().min(1), output: content }),
  z.strictObject({ type: z.literal('custom_tool_call'), ...passthrough, id, status, call_id: z.string().min(1), name: z.string().min(1), namespace: z.string().nullish(), input: z.string() }),
  z.strictObject({ type: z.literal('custom_tool_call_output'), ...passthrough, id, status, call_id: z.string().min(1), name: z.string().nullish(), output: content }),
  z.strictObject({ type: z.literal('reasoning'), ...passthrough, id, status, summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })), content: z.array(z.looseObject({})).nullish(), encrypted_content: z.string().nullish() }),
  z.strictObject({ type: z.literal('additional_tools'), ...passthrough, id, role: z.string().nullish(), tools: z.array(tool) }),
  z.strictObject({ type: z.literal('agent_message'), ...passthrough, id, author: z.string(), recipient: z.string(), content }),
  z.looseObject({ type: z.enum(['item_reference', 'web_search_call', 'file_search_call', 'image_generation_call', 'local_shell_call', 'local_shell_call_output', 'tool_search_call', 'tool_search_output', 'mcp_call', 'mcp_list_tools', 'compaction', 'context_compaction', 'code_interpreter_call']) }),
]);
const schema = z.strictObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.union([item, message]))]),
  instructions: z.string().nullish(),
  tools: z.array(tool).optional(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).optional(),
  parallel_tool_calls: z.boolean().nullish(),
  max_output_tokens: z.number().int().min(1).nullish(),
  max_tool_calls: z.number().int().nullish(),
  reasoning: z.strictObject({ effort: z.string().nullish(), summary: z.string().nullish(), generate_summary: z.string().nullish(), context: z.string().nullish() }).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({}).nullish(),
  store: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_retention: z.string().nullish(),
  text: z.strictObject({ verbosity: z.enum(['low', 'medium', 'high']).nullish(), format: z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) }).nullish() }).nullish(),
  client_metadata: z.record(z.string(), z.unknown()).nullish(),
  service_tier: z.string().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_logprobs: z.number().int().nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  user: z.string().optional(),
  safety_identifier: z.string().nullish(),
  background: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
});

/** A body that the vendor would accept. */
export type CheckedResponses = z.infer<typeof schema>;

/** Checks a body; this vendor keeps no replies, so nothing can be continued by id. */
export function validateResponses(body: unknown): { readonly checked: CheckedResponses } | { readonly refusal: Refusal } {
  const read = schema.safeParse(body);
  if (!read.success) return { refusal: openAiRefusal(read.error, body) };
  const before = read.data.previous_response_id;
  if (before) return { refusal: { status: 400, message: `Previous response with id '${before}' not found.`, param: 'previous_response_id', code: 'previous_response_not_found' } };
  const refusal = nameRefusal(read.data.tools ?? []) ?? itemRefusal(read.data.input);
  if (refusal) return { refusal };
  const problem = pairingProblem(read.data.input);
  return problem === undefined ? { checked: read.data } : { refusal: { status: 400, message: problem, param: 'input', code: null } };
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const MOST_CALL_ID = 64;

function nameRefusal(tools: NonNullable<CheckedResponses['tools']>): Refusal | undefined {
  const at = tools.findIndex((one) => (one.type === 'function' || one.type === 'custom') && !NAME.test(one.name ?? ''));
  return at < 0 ? undefined : { status: 400, message: `Invalid 'tools[${at}].name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`, param: `tools[${at}].name`, code: 'invalid_value' };
}

function itemRefusal(input: CheckedResponses['input']): Refusal | undefined {
  if (typeof input === 'string') return undefined;
  for (const [at, one] of input.entries()) {
    if (one.type === 'reasoning' && typeof one.encrypted_content === 'string' && !isOurReasoning(one.encrypted_content)) {
      return { status: 400, message: `The encrypted content ${one.encrypted_content.slice(0, 8)}... could not be verified. Reason: Encrypted content could not be decrypted or parsed.`, param: 'input', code: 'invalid_encrypted_content' };
    }
    const callId = 'call_id' in one && typeof one.call_id === 'string' ? one.call_id : '';
    if (callId.length > MOST_CALL_ID) return { status: 400, message: `Invalid 'input[${at}].call_id': string too long. Expected a string with maximum length ${MOST_CALL_ID}, but got a string with length ${callId.length} instead.`, param: `input[${at}].call_id`, code: 'string_above_max_length' };
  }
  return undefined;
}

function pairingProblem(input: CheckedResponses['input']): string | undefined {
  if (typeof input === 'string') return undefined;
  const called = new Set<string>();
  const given = new Set<string>();
  for (const one of input) {
    if (one.type === 'function_call' || one.type === 'custom_tool_call') called.add(one.call_id);
    if (one.type !== 'function_call_output' && one.type !== 'custom_tool_call_output') continue;
    given.add(one.call_id);
    if (!called.has(one.call_id)) return `No tool call found for ${one.type === 'function_call_output' ? 'function call output' : 'custom tool call output'} with call_id ${one.call_id}.`;
  }
  const open = [...called].find((callId) => !given.has(callId));
  return open === undefined ? undefined : `No tool output found for function call ${open}.`;
}
