// Pure. Requests that an upstream refused for a reason we can mend: fixed, named, and sent once more.
import { GEMINI_NO_SIGNATURE } from '@fairlead/shared/wire/gemini-generate.ts';
import { listOf, objectOf } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import type { DialectName } from '@fairlead/shared/snapshot/snapshot.ts';

/** The name of a repair, as the trace shows it: `thinking-signature`, `thinking-budget`, `drop:temperature`, … */
export type RepairName = string;

interface Rule { dialects: readonly DialectName[] | 'all'; says: RegExp; name: (match: RegExpExecArray, body: Loose) => RepairName | undefined }

const withoutBetas = 'without-betas:';

/**
 * What may be taken out: settings that some vendors have and others have not, without which the request is still
 * the same one. A misspelled name is none of them: its client should hear of it.
 */
const optional = new Set([
  'temperature', 'top_p', 'top_k', 'seed', 'logprobs', 'top_logprobs', 'logit_bias', 'frequency_penalty', 'presence_penalty', 'user', 'metadata', 'store', 'stream_options', 'service_tier', 'parallel_tool_calls', 'reasoning', 'reasoning_effort', 'reasoning_split',
  'verbosity', 'prediction', 'prompt_cache_key', 'prompt_cache_retention', 'safety_identifier', 'include', 'truncation', 'client_metadata', 'context_management', 'output_config', 'thinking', 'enable_thinking', 'thinking_budget', 'safeguards', 'speed', 'inference_geo', 'cache_control', 'extra_body', 'labels', 'safetySettings',
]);

/** A top-level parameter that may be left out, when the body has it. */
function optionalIn(body: Loose, name: string | undefined): string | undefined {
  const top = name?.split('.')[0];
  return top !== undefined && top in body && optional.has(top) ? `drop:${top}` : undefined;
}

// The wording is the vendors' own, as their APIs and clients' repairs of it show; the fixtures are in repair.test.ts.
const rules: readonly Rule[] = [
  // Thinking of another issuer, or of another account of the same one.
  { dialects: ['anthropic-messages'], says: /invalid `?signature`? in `?thinking`? block|thinking.{0,60}signature.{0,40}(?:invalid|required|missing)|(?:signature|data).{0,20}: field required.{0,60}thinking|thinking.{0,40}blocks? (?:in the latest assistant message )?cannot be modified/i, name: () => 'thinking-signature' },
  { dialects: ['anthropic-messages'], says: /expected `?thinking`? or `?redacted_thinking`?, but found/i, name: () => 'thinking-off' },
  { dialects: ['anthropic-messages'], says: /thinking\.(?:enabled\.)?budget_tokens|`?max_tokens`? must be greater than `?thinking\.budget_tokens/i, name: (_, body) => (objectOf(body.thinking)?.budget_tokens === undefined ? undefined : 'thinking-budget') },
  { dialects: ['anthropic-messages'], says: /invalid beta flag/i, name: (_, body) => ('anthropic_beta' in body ? 'drop:anthropic_beta' : undefined) },
  // Vertex and Anthropic name those that they do not know.
  { dialects: ['anthropic-messages'], says: /unexpected value\(s\) ([\w`'", -]{1,400}?) for the [`'"]?anthropic-beta[`'"]? header/i, name: (match) => `${withoutBetas}${(match[1]?.match(/[\w-]+/g) ?? []).join(',')}` },
  { dialects: ['gemini-generate'], says: /thought.?signature|thinking.?(?:budget|level).{0,60}(?:invalid|out of range|not supported)/i, name: (match) => (/signature/i.test(match[0]) ? 'thought-signature' : 'thinking-config') },
  // Some servers of this dialect know a field less than others.
  { dialects: ['gemini-generate'], says: /unknown name "id" at '[^']{0,200}function_?(?:call|response)/i, name: () => 'function-ids' },
  { dialects: ['gemini-generate'], says: /unknown name "(?:include_?thoughts|thinking_?(?:config|level|budget))"/i, name: () => 'thinking-config' },
  { dialects: ['openai-responses'], says: /encrypted[_ ]content.{0,80}(?:could not be|invalid|verif|decrypt)|invalid_encrypted_content/i, name: () => 'encrypted-reasoning' },
  // Models that do not think have nothing to encrypt, and not every account may have its thinking summed up.
  { dialects: ['openai-responses'], says: /encrypted content is not supported/i, name: (_, body) => ('include' in body ? 'drop:include' : undefined) },
  { dialects: ['openai-responses'], says: /verified to generate reasoning summar/i, name: (_, body) => (objectOf(body.reasoning)?.summary === undefined ? undefined : 'reasoning-summary') },
  { dialects: ['openai-chat'], says: /max_tokens.{0,80}max_completion_tokens/i, name: (_, body) => ('max_tokens' in body ? 'max-completion-tokens' : undefined) },
  { dialects: ['openai-chat'], says: /max_completion_tokens/i, name: (_, body) => ('max_completion_tokens' in body && !('max_tokens' in body) ? 'max-tokens' : undefined) },
  { dialects: ['openai-chat', 'openai-responses'], says: /(?:unsupported|unknown|unrecognized)[ _](?:request )?(?:parameter|argument|value)s?(?: supplied)?:? ['"`]?([\w.]+)['"`]?/i, name: (match, body) => optionalIn(body, match[1]) },
  { dialects: 'all', says: /(?<![\w.])([A-Za-z_][\w.]{0,99})['"`]?:? (?:extra inputs are not permitted|is not supported|does not support|not permitted|unexpected keyword)/i, name: (match, body) => optionalIn(body, match[1]) },
  { dialects: ['gemini-generate'], says: /unknown name "(\w+)"/i, name: (match, body) => optionalIn(body, match[1]) },
];

/** The betas that these repairs take out; they are asked for in a header, which no repair of a body reaches. */
export function betasTakenOut(names: readonly RepairName[]): Set<string> {
  return new Set(names.flatMap((name) => (name.startsWith(withoutBetas) ? name.slice(withoutBetas.length).split(',') : [])));
}

/** The repair that fits what an upstream said of this body; undefined when there is none. */
export function repairFor(dialect: DialectName, status: number, said: string, body: Loose): RepairName | undefined {
  if (status !== 400 && status !== 422) return undefined;
  for (const rule of rules) {
    if (rule.dialects !== 'all' && !rule.dialects.includes(dialect)) continue;
    const match = rule.says.exec(said);
    const name = match && rule.name(match, body);
    if (name) return name;
  }
  return undefined;
}

/** The body with these repairs made, in order; the original is not changed. */
export function repaired(body: Loose, names: readonly RepairName[]): Loose {
  return names.reduce<Loose>(repairedOnce, body);
}

const budgetLeast = 1_024;

function repairedOnce(body: Loose, name: RepairName): Loose {
  if (name.startsWith('drop:')) return without(body, name.slice(5));
  switch (name) {
    case 'thinking-signature': return { ...body, messages: withoutThinking(listOf(body.messages)) };
    case 'thinking-off': return { ...without(without(body, 'thinking'), 'context_management'), messages: withoutThinking(listOf(body.messages)) };
    case 'thinking-budget': {
      const thinking = objectOf(body.thinking) ?? {};
      const most = typeof body.max_tokens === 'number' ? body.max_tokens : 0;
      const wished = typeof thinking.budget_tokens === 'number' ? Math.max(budgetLeast, thinking.budget_tokens) : budgetLeast;
      // There is no room for the least budget: it cannot think at all.
      return most <= budgetLeast ? without(body, 'thinking') : { ...body, thinking: { ...thinking, budget_tokens: Math.min(wished, most - 1) } };
    }
    case 'max-completion-tokens': return { ...without(body, 'max_tokens'), max_completion_tokens: body.max_completion_tokens ?? body.max_tokens };
    case 'max-tokens': return { ...without(body, 'max_completion_tokens'), max_tokens: body.max_completion_tokens };
    case 'encrypted-reasoning': return { ...body, input: listOf(body.input).filter((item) => objectOf(item)?.type !== 'reasoning') };
    case 'reasoning-summary': return { ...body, reasoning: without(objectOf(body.reasoning) ?? {}, 'summary') };
    case 'thought-signature': return { ...body, contents: listOf(body.contents).map(withoutThoughts) };
    case 'function-ids': return { ...body, contents: listOf(body.contents).map(withoutIds) };
    case 'thinking-config': {
      const config = objectOf(body.generationConfig);
      return config ? { ...body, generationConfig: without(config, 'thinkingConfig') } : body;
    }
    default: return body;
  }
}

function without(body: Loose, name: string): Loose {
  const { [name]: _gone, ...rest } = body;
  return rest;
}

/** Messages without thinking; one that held nothing else is left out. */
function withoutThinking(messages: readonly unknown[]): unknown[] {
  return messages.flatMap((item): unknown[] => {
    const message = objectOf(item);
    if (!message || !Array.isArray(message.content)) return [item];
    const content: unknown[] = message.content.filter((block: unknown) => { const type = objectOf(block)?.type; return type !== 'thinking' && type !== 'redacted_thinking'; });
    return content.length === message.content.length ? [item] : content.length === 0 ? [] : [{ ...message, content }];
  });
}

/** A content without thoughts and signatures; calls get the vendor's own word for one that is not to be had, which newer models demand. */
function withoutThoughts(item: unknown): unknown {
  const content = objectOf(item);
  if (!content) return item;
  const parts = listOf(content.parts).flatMap((part): unknown[] => {
    const fields = objectOf(part);
    if (!fields) return [part];
    if (fields.thought === true) return [];
    return [{ ...without(without(fields, 'thoughtSignature'), 'thought_signature'), ...((fields.functionCall ?? fields.function_call) !== undefined && { thoughtSignature: GEMINI_NO_SIGNATURE }) }];
  });
  return { ...content, parts };
}

/** A content whose calls and results go by name and order alone. */
function withoutIds(item: unknown): unknown {
  const content = objectOf(item);
  if (!content) return item;
  const parts = listOf(content.parts).map((part) => {
    const fields = objectOf(part);
    if (!fields) return part;
    const bare = Object.entries(fields).map(([name, value]) => { const inner = objectOf(value); return [name, inner && /^function_?(?:call|response)$/i.test(name) ? without(inner, 'id') : value] as const; });
    return Object.fromEntries(bare);
  });
  return { ...content, parts };
}
