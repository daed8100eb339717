// Pure. A Chat Completions body to a Conversation.
import { isLoose, textOf, wordOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, listAt, objectAt, objectsAt, optionalNumberAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import { emptyConversation, type AnswerFormat, type Conversation, type Effort, type Sampling, type ServerTool, type ServiceTier, type Tool, type ToolChoice } from '../hub/conversation.ts';
import { placeSeals } from '../hub/seal.ts';
import { metadataOf } from '../hub/metadata-of.ts';
import { createPairCheck } from '../hub/tool-pairs.ts';
import { effortOfWord } from './effort.ts';
import { turnReader } from './read-messages.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model', 'messages', 'tools', 'tool_choice', 'parallel_tool_calls', 'functions', 'function_call', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'top_k', 'seed', 'frequency_penalty', 'presence_penalty', 'logprobs', 'top_logprobs',
  'stop', 'stream', 'stream_options', 'reasoning_effort', 'reasoning', 'response_format', 'verbosity', 'service_tier', 'user', 'safety_identifier', 'prompt_cache_key', 'metadata', 'web_search_options',
]);
/** What only says how this vendor's own service should handle the request, or what every vendor does anyway. */
const OWN_BUSINESS: ReadonlySet<string> = new Set(['store', 'prompt_cache_retention', 'usage', 'provider', 'transforms']);

/** The conversation of a body. */
export function readRequest(body: Loose): Conversation {
  const messages = objectsAt(body['messages'], 'messages');
  if (messages.length === 0) throw new BadRequest('messages', 'must hold at least one message');
  const tools = objectsAt(body['tools'], 'tools').map(({ item, path }) => toolOf(item, path));
  // The first version of this API offered functions without a wrapping.
  const oldFunctions = objectsAt(body['functions'], 'functions').map(({ item, path }) => functionOf(item, path));
  const read = turnReader(createPairCheck());
  const turns = messages.map(({ item, path }) => read(item, path)).filter((turn) => turn.parts.length > 0);
  const first = turns.findIndex((turn) => turn.role !== 'system');
  const opening = first < 0 ? turns : turns.slice(0, first);
  const format = objectAt(body['response_format'], 'response_format');
  const choice = choiceOf(body['tool_choice'] ?? body['function_call']);
  return {
    ...emptyConversation,
    model: textOf(body['model']) ?? '',
    stream: body['stream'] === true,
    instructions: opening.flatMap((turn) => turn.parts.filter((part) => part.kind === 'text')),
    turns: placeSeals(first < 0 ? [] : turns.slice(first)),
    tools: [...tools, ...oldFunctions],
    serverTools: isLoose(body['web_search_options']) ? [webSearch] : [],
    toolChoice: choice,
    parallelTools: body['parallel_tool_calls'] !== false,
    maxOutputTokens: optionalNumberAt(body['max_completion_tokens'], 'max_completion_tokens') ?? optionalNumberAt(body['max_tokens'], 'max_tokens'),
    sampling: samplingOf(body),
    stopSequences: typeof body['stop'] === 'string' ? [body['stop']] : listAt(body['stop'], 'stop').map((text, at) => textAt(text, `stop.${at}`)),
    effort: effortOf(textOf(body['reasoning_effort']), objectAt(body['reasoning'], 'reasoning')),
    format: formatOf(format),
    verbosity: (['low', 'medium', 'high'] as const).find((word) => word === body['verbosity']),
    serviceTier: tierOf(textOf(body['service_tier'])),
    user: textOf(body['user']) ?? textOf(body['safety_identifier']),
    cacheKey: textOf(body['prompt_cache_key']),
    metadata: metadataOf(body['metadata']),
    extras: { dialect: 'openai-chat', fields: Object.fromEntries(Object.entries(body).filter(([field, value]) => !KNOWN.has(field) && !OWN_BUSINESS.has(field) && value !== null && !(field === 'n' && value === 1))) },
  };
}

const webSearch: ServerTool = { kind: 'web-search', allowedDomains: [], blockedDomains: [], mostUses: undefined };

function toolOf(tool: Loose, path: string): Tool {
  if (tool['type'] === 'custom') {
    const custom = objectAt(tool['custom'], `${path}.custom`) ?? {};
    // The format of a grammar stands in an object of its own here.
    const format = objectAt(custom['format'], `${path}.custom.format`);
    return { name: textAt(custom['name'], `${path}.custom.name`), description: optionalTextAt(custom['description'], `${path}.custom.description`), schema: {}, free: { format: isLoose(format?.['grammar']) ? { type: 'grammar', ...format['grammar'] } : format } };
  }
  if (tool['type'] !== undefined && tool['type'] !== 'function') throw new BadRequest(`${path}.type`, `"${wordOf(tool['type']).slice(0, 60)}" is not a kind of tool that can be carried to another vendor`);
  const named = objectAt(tool['function'], `${path}.function`);
  if (!named) throw new BadRequest(`${path}.function`, 'must be an object');
  return functionOf(named, `${path}.function`);
}

function functionOf(named: Loose, path: string): Tool {
  return {
    name: textAt(named['name'], `${path}.name`),
    description: optionalTextAt(named['description'], `${path}.description`),
    schema: objectAt(named['parameters'], `${path}.parameters`) ?? { type: 'object', properties: {} },
    ...(named['strict'] === true && { strict: true }),
  };
}

function choiceOf(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none') return { kind: choice };
  if (choice === 'required') return { kind: 'any' };
  if (!isLoose(choice)) throw new BadRequest('tool_choice', 'must be "auto", "none", "required" or an object');
  const allowed = isLoose(choice['allowed_tools']) ? choice['allowed_tools'] : undefined;
  if (allowed) {
    const only = objectsAt(allowed['tools'], 'tool_choice.allowed_tools.tools').flatMap(({ item }) => nameIn(item) ?? []);
    return { kind: allowed['mode'] === 'required' ? 'any' : 'auto', only };
  }
  const name = nameIn(choice);
  return name === undefined ? undefined : { kind: 'one', name };
}

function nameIn(tool: Loose): string | undefined {
  const named = isLoose(tool['function']) ? tool['function'] : isLoose(tool['custom']) ? tool['custom'] : tool;
  return textOf(named['name']);
}

function samplingOf(body: Loose): Sampling {
  const of = (field: string) => optionalNumberAt(body[field], field);
  const [temperature, topP, topK, seed, frequencyPenalty, presencePenalty] = [of('temperature'), of('top_p'), of('top_k'), of('seed'), of('frequency_penalty'), of('presence_penalty')];
  return {
    ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(topK !== undefined && { topK }), ...(seed !== undefined && { seed }),
    // Zero is what every vendor does.
    ...(frequencyPenalty && { frequencyPenalty }), ...(presencePenalty && { presencePenalty }), ...(body['logprobs'] === true && { logprobs: of('top_logprobs') ?? 0 }),
  };
}

/** `reasoning_effort`, or the `reasoning` object that OpenRouter takes. */
function effortOf(asked: string | undefined, reasoning: Loose | undefined): Effort | undefined {
  const tokens = optionalNumberAt(reasoning?.['max_tokens'], 'reasoning.max_tokens');
  if (tokens !== undefined) return { kind: 'budget', tokens };
  if (reasoning?.['enabled'] === false) return { kind: 'off' };
  const word = asked ?? textOf(reasoning?.['effort']);
  if (word !== undefined) return effortOfWord(word);
  return reasoning?.['enabled'] === true ? { kind: 'level', level: 'medium' } : undefined;
}

function tierOf(tier: string | undefined): ServiceTier | undefined {
  return tier === 'auto' || tier === 'default' || tier === 'flex' || tier === 'priority' ? tier : undefined;
}

function formatOf(format: Loose | undefined): AnswerFormat | undefined {
  if (format?.['type'] === 'json_object') return { name: undefined, schema: undefined };
  const named = objectAt(format?.['json_schema'], 'response_format.json_schema');
  return isLoose(named?.['schema']) ? { name: textOf(named['name']), schema: named['schema'], ...(named['strict'] === true && { strict: true }) } : undefined;
}
