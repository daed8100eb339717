// Pure. Adjustments that concern several wire formats.
import type { DialectName } from '@fairlead/shared/wire/dialect-name.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { eachObject, withField, without } from './body.ts';
import type { Body, Quirk } from './body.ts';

/** What each does; the descriptors say for whom. */
export const generalQuirks = {
  'merge-system': (body, dialect) => (dialect === 'anthropic-messages' ? withField(body, 'system', joinedBlocks) : withField(body, 'messages', joinedMessages)),
  'plain-schemas': (body) => withField(body, 'tools', (list) => eachObject(list, (tool) => {
    let after: Body = tool;
    after = withField(after, 'parameters', plainSchema);
    after = withField(after, 'function', (inner) => (isLoose(inner) ? withField(inner, 'parameters', plainSchema) : inner));
    for (const name of ['functionDeclarations', 'function_declarations']) {
      after = withField(after, name, (declared) => eachObject(declared, (one) => withField(withField(one, 'parameters', plainSchema), 'parametersJsonSchema', plainSchema)));
    }
    return after;
  })),
  'no-sampling': (body) => without(body, ['temperature', 'top_p', 'top_k']),
  'no-account-hints': (body) => without(body, ['metadata', 'user', 'store', 'service_tier', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention']),
  'drop-unknown-top-level': (body, dialect) => without(body, Object.keys(body).filter((name) => !known[dialect].has(name))),
} satisfies Record<string, Quirk>;

/** The fields that each public reference names. */
const known: Record<DialectName, ReadonlySet<string>> = {
  'anthropic-messages': new Set(['model', 'messages', 'max_tokens', 'system', 'metadata', 'stop_sequences', 'stream', 'temperature', 'top_k', 'top_p', 'tools', 'tool_choice', 'thinking', 'service_tier', 'container', 'mcp_servers', 'context_management', 'output_config', 'cache_control', 'inference_geo']),
  'openai-chat': new Set(['model', 'messages', 'max_tokens', 'max_completion_tokens', 'audio', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs', 'metadata', 'modalities', 'n', 'parallel_tool_calls', 'prediction', 'presence_penalty', 'prompt_cache_key', 'prompt_cache_retention', 'reasoning_effort', 'response_format', 'safety_identifier', 'seed', 'service_tier', 'stop', 'store', 'stream', 'stream_options', 'temperature', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'user', 'verbosity', 'web_search_options']),
  'openai-responses': new Set(['model', 'input', 'instructions', 'background', 'context_management', 'conversation', 'include', 'max_output_tokens', 'max_tool_calls', 'metadata', 'parallel_tool_calls', 'previous_response_id', 'prompt', 'prompt_cache_key', 'prompt_cache_retention', 'reasoning', 'safety_identifier', 'service_tier', 'store', 'stream', 'stream_options', 'temperature', 'text', 'tool_choice', 'tools', 'top_logprobs', 'top_p', 'truncation', 'user']),
  'gemini-generate': new Set(['contents', 'tools', 'toolConfig', 'tool_config', 'safetySettings', 'safety_settings', 'systemInstruction', 'system_instruction', 'generationConfig', 'generation_config', 'cachedContent', 'cached_content', 'labels', 'model']),
};

function joinedBlocks(system: unknown): unknown {
  if (!Array.isArray(system)) return system;
  const texts = system.map((block: unknown) => (isLoose(block) && typeof block.text === 'string' ? block.text : undefined));
  return texts.every((text) => text !== undefined) ? texts.join('\n\n') : system;
}

/** All instructions as one message at the beginning; parts that are no text stay where they are. */
function joinedMessages(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages;
  const texts: string[] = [];
  let settled = true;
  const rest = messages.filter((message: unknown, at) => {
    if (!isLoose(message) || (message.role !== 'system' && message.role !== 'developer')) return true;
    const text = typeof message.content === 'string' ? message.content : joinedBlocks(message.content);
    if (typeof text !== 'string') return true;
    if (at > 0 || typeof message.content !== 'string' || message.role !== 'system') settled = false;
    texts.push(text);
    return false;
  });
  return settled ? messages : [{ role: 'system', content: texts.join('\n\n') }, ...rest];
}

const schemaExtras = ['$schema', '$id', 'additionalProperties'];
// A schema deeper than this is no tool's.
const deepest = 40;

/** The schema without what some servers refuse, at every depth; the same one when nothing is there. */
function plainSchema(schema: unknown, depth = 0): unknown {
  if (depth > deepest) return schema;
  if (Array.isArray(schema)) return eachObject(schema, (item) => plainSchema(item, depth + 1));
  if (!isLoose(schema)) return schema;
  let after: Body = without(schema, schemaExtras);
  for (const name of Object.keys(after)) {
    // Below "properties" stand names of one's own: one may be called "additionalProperties".
    if (name === 'properties' || name === '$defs' || name === 'definitions') {
      after = withField(after, name, (inner) => {
        if (!isLoose(inner)) return inner;
        let fields: Body = inner;
        for (const field of Object.keys(inner)) fields = withField(fields, field, (one) => plainSchema(one, depth + 1));
        return fields;
      });
    } else if (name !== 'enum' && name !== 'default' && name !== 'const' && name !== 'examples') {
      after = withField(after, name, (inner) => plainSchema(inner, depth + 1));
    }
  }
  return after;
}
