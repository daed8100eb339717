// Pure. A Responses body to a Conversation.
import { isLoose, listOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, objectAt, objectsAt, optionalNumberAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import { emptyConversation, type AnswerFormat, type Conversation, type Sampling, type ServiceTier, type ToolChoice } from '../hub/conversation.ts';
import { placeSeals } from '../hub/seal.ts';
import { effortOfWord } from '../openai-chat/effort.ts';
import { readItems } from './read-items.ts';
import { readTools, type OfferedTools } from './read-tools.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_output_tokens', 'max_tool_calls', 'temperature', 'top_p', 'top_logprobs', 'stream', 'reasoning', 'text', 'service_tier', 'user', 'safety_identifier', 'prompt_cache_key',
]);
/** What only says how this vendor's own service should handle the request, or what every vendor does anyway. */
const OWN_BUSINESS: ReadonlySet<string> = new Set(['store', 'include', 'metadata', 'client_metadata', 'stream_options', 'prompt_cache_retention', 'background', 'generate']);

/** The conversation of a body; one that counts on what its vendor keeps is refused, since no other has it. */
export function readRequest(body: Loose): Conversation {
  refuseMemory(body);
  const { input } = body;
  const items = typeof input === 'string' ? [{ item: { role: 'user', content: input }, path: 'input' }] : Array.isArray(input) ? objectsAt(input, 'input') : [];
  if (input === '' || items.length === 0) throw new BadRequest('input', Array.isArray(input) || input === '' ? 'must hold at least one item' : 'must be a text or a list of items');
  const mostUses = optionalNumberAt(body['max_tool_calls'], 'max_tool_calls');
  const inside = items.filter(({ item }) => item['type'] === 'additional_tools' || item['type'] === 'tool_search_output').map(({ item, path }) => ({ tools: 'tools' in item ? item['tools'] : undefined, path: `${path}.tools` }));
  const tools = readTools([{ tools: body['tools'], path: 'tools' }, ...inside], mostUses);
  const { turns, left } = readItems(items, tools);
  const said = turns.findIndex((turn) => turn.role !== 'system');
  // Somebody has to say something: where nobody else does, the last instruction is it.
  const first = said < 0 ? turns.length - 1 : said;
  const opening = turns.slice(0, Math.max(0, first));
  const instructions = optionalTextAt(body['instructions'], 'instructions');
  const reasoning = objectAt(body['reasoning'], 'reasoning');
  const text = objectAt(body['text'], 'text');
  const choice = choiceOf(body['tool_choice'], tools);
  const ownWords = [...tools.left.map((type) => `tools.${type}`), ...left.map((type) => `input.${type}`), ...(choice === 'hosted' ? ['tool_choice'] : []), ...(mostUses !== undefined && !tools.serverTools.some((tool) => tool.kind === 'web-search') ? ['max_tool_calls'] : [])];
  const fields = Object.entries(body).filter(([field, value]) => !KNOWN.has(field) && !OWN_BUSINESS.has(field) && value !== null && !(field === 'truncation' && value === 'disabled'));
  const effort = textOf(reasoning?.['effort']);
  return {
    ...emptyConversation,
    model: textOf(body['model']) ?? '',
    stream: body['stream'] === true,
    instructions: [...(instructions ? [{ kind: 'text' as const, text: instructions }] : []), ...opening.flatMap((turn) => turn.parts.filter((part) => part.kind === 'text'))],
    turns: placeSeals(turns.slice(Math.max(0, first))),
    tools: tools.tools,
    serverTools: tools.serverTools,
    toolChoice: choice === 'hosted' ? undefined : choice,
    parallelTools: body['parallel_tool_calls'] !== false,
    maxOutputTokens: optionalNumberAt(body['max_output_tokens'], 'max_output_tokens'),
    sampling: samplingOf(body),
    effort: effort === undefined ? undefined : effortOfWord(effort),
    showThinking: shownOf(textOf(reasoning?.['summary']) ?? textOf(reasoning?.['generate_summary'])),
    format: formatOf(objectAt(text?.['format'], 'text.format')),
    verbosity: (['low', 'medium', 'high'] as const).find((word) => word === text?.['verbosity']),
    serviceTier: tierOf(textOf(body['service_tier'])),
    user: textOf(body['user']) ?? textOf(body['safety_identifier']),
    cacheKey: textOf(body['prompt_cache_key']),
    extras: { dialect: 'openai-responses', fields: Object.fromEntries([...fields, ...ownWords.map((name) => [name, true])]) },
  };
}

function refuseMemory(body: Loose): void {
  const kept = 'names what is kept at another vendor; send the whole conversation in input instead';
  for (const field of ['previous_response_id', 'conversation', 'prompt']) if (body[field] !== undefined && body[field] !== null) throw new BadRequest(field, kept);
  if (body['background'] === true) throw new BadRequest('background', 'is not possible here; send the request without it and read its answer as it comes');
}

function choiceOf(choice: unknown, tools: OfferedTools): ToolChoice | 'hosted' | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === 'auto' || choice === 'none') return { kind: choice };
  if (choice === 'required') return { kind: 'any' };
  if (!isLoose(choice)) throw new BadRequest('tool_choice', 'must be "auto", "none", "required" or an object');
  const nameIn = (tool: Loose, path: string): string => tools.nameOf(textAt(tool['name'], `${path}.name`), optionalTextAt(tool['namespace'], `${path}.namespace`));
  switch (choice['type']) {
    case 'function':
    case 'custom':
      return { kind: 'one', name: nameIn(choice, 'tool_choice') };
    case 'allowed_tools': {
      const named = objectsAt(choice['tools'], 'tool_choice.tools').filter(({ item }) => item['type'] === 'function' || item['type'] === 'custom');
      return { kind: choice['mode'] === 'required' ? 'any' : 'auto', only: named.map(({ item, path }) => nameIn(item, path)) };
    }
    default:
      // A tool of the vendor's own is forced, which nobody else can be told.
      textAt(choice['type'], 'tool_choice.type');
      return 'hosted';
  }
}

function samplingOf(body: Loose): Sampling {
  const of = (field: string) => optionalNumberAt(body[field], field);
  const [temperature, topP, top] = [of('temperature'), of('top_p'), of('top_logprobs')];
  const asks = top !== undefined || listOf(body['include']).includes('message.output_text.logprobs');
  return { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(asks && { logprobs: top ?? 0 }) };
}

function shownOf(summary: string | undefined): boolean | undefined {
  return summary === undefined ? undefined : summary !== 'none';
}

function tierOf(tier: string | undefined): ServiceTier | undefined {
  return tier === 'auto' || tier === 'default' || tier === 'flex' || tier === 'priority' ? tier : undefined;
}

function formatOf(format: Loose | undefined): AnswerFormat | undefined {
  if (format?.['type'] === 'json_object') return { name: undefined, schema: undefined };
  return format?.['type'] === 'json_schema' && isLoose(format['schema']) ? { name: textOf(format['name']), schema: format['schema'], ...(format['strict'] === true && { strict: true }) } : undefined;
}
