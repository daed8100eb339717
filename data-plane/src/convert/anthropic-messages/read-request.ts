// Pure. A Messages body to a Conversation.
import { isLoose, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest, listAt, objectAt, objectsAt, optionalNumberAt, optionalTextAt, textAt } from '../hub/bad-request.ts';
import { emptyConversation, type AnswerFormat, type Conversation, type Effort, type EffortLevel, type ServiceTier, type TextPart, type Tool, type ToolChoice, type Turn } from '../hub/conversation.ts';
import { placeSeals } from '../hub/seal.ts';
import { sessionOf } from '../hub/session-of.ts';
import { createPairCheck } from '../hub/tool-pairs.ts';
import { markOf } from './cache-marks.ts';
import { partReader, withResults } from './read-blocks.ts';
import { serverToolOf } from './server-tools.ts';

const KNOWN: ReadonlySet<string> = new Set(['model', 'messages', 'system', 'tools', 'tool_choice', 'max_tokens', 'temperature', 'top_p', 'top_k', 'stop_sequences', 'stream', 'thinking', 'output_config', 'metadata', 'service_tier', 'cache_control']);
/** What only says how this vendor's own service should handle the request: nobody else misses it. */
const OWN_BUSINESS: ReadonlySet<string> = new Set(['safeguards', 'context_management', 'betas']);

/** The conversation of a body. */
export function readRequest(body: Loose): Conversation {
  const tools = objectsAt(body['tools'], 'tools');
  const choice = objectAt(body['tool_choice'], 'tool_choice');
  const userId = textOf(objectAt(body['metadata'], 'metadata')?.['user_id']);
  const session = sessionOf(userId);
  const messages = objectsAt(body['messages'], 'messages');
  if (messages.length === 0) throw new BadRequest('messages', 'must hold at least one message');
  const read = partReader(createPairCheck());
  const temperature = optionalNumberAt(body['temperature'], 'temperature');
  const topP = optionalNumberAt(body['top_p'], 'top_p');
  const topK = optionalNumberAt(body['top_k'], 'top_k');
  return {
    ...emptyConversation,
    model: textOf(body['model']) ?? '',
    stream: body['stream'] === true,
    instructions: instructionsOf(body['system']).filter((part) => !part.text.startsWith('x-anthropic-billing-header:')),
    turns: placeSeals(messages.map(({ item, path }) => turnOf(item, path, read)).filter((turn) => turn.parts.length > 0)),
    tools: tools.filter(({ item }) => isClientTool(item)).map(({ item, path }) => toolOf(item, path)),
    serverTools: tools.filter(({ item }) => !isClientTool(item)).flatMap(({ item }) => serverToolOf(item) ?? []),
    toolChoice: choice && choiceOf(choice),
    parallelTools: choice?.['disable_parallel_tool_use'] !== true,
    maxOutputTokens: optionalNumberAt(body['max_tokens'], 'max_tokens'),
    sampling: { ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { topP }), ...(topK !== undefined && { topK }) },
    stopSequences: listAt(body['stop_sequences'], 'stop_sequences').map((text, at) => textAt(text, `stop_sequences.${at}`)),
    effort: effortOf(body),
    showThinking: shownOf(body['thinking']),
    format: formatOf(body),
    serviceTier: tierOf(textOf(body['service_tier'])),
    // Claude Code names device and account there: only the session is anybody else's business.
    user: session === undefined ? userId : undefined,
    cacheKey: session,
    extras: { dialect: 'anthropic-messages', fields: Object.fromEntries(Object.entries(body).filter(([field]) => !KNOWN.has(field) && !OWN_BUSINESS.has(field))) },
  };
}

function isClientTool(tool: Loose): boolean {
  return tool['type'] === undefined || tool['type'] === null || tool['type'] === 'custom';
}

function toolOf(tool: Loose, path: string): Tool {
  return {
    name: textAt(tool['name'], `${path}.name`),
    description: optionalTextAt(tool['description'], `${path}.description`),
    schema: objectAt(tool['input_schema'], `${path}.input_schema`) ?? { type: 'object' },
    ...(tool['strict'] === true && { strict: true }),
    ...markOf(tool),
  };
}

function choiceOf(choice: Loose): ToolChoice | undefined {
  const name = textOf(choice['name']);
  switch (choice['type']) {
    case 'auto':
    case 'none':
    case 'any':
      return { kind: choice['type'] };
    case 'tool':
      return name === undefined ? { kind: 'any' } : { kind: 'one', name };
    default:
      throw new BadRequest('tool_choice.type', 'must be "auto", "any", "tool" or "none"');
  }
}

function effortOf(body: Loose): Effort | undefined {
  const thinking = objectAt(body['thinking'], 'thinking');
  const asked = isLoose(body['output_config']) ? textOf(body['output_config']['effort']) : undefined;
  const level = LEVELS.find((known) => known === asked);
  switch (thinking?.['type']) {
    case 'disabled':
      return { kind: 'off' };
    case 'enabled':
      return { kind: 'budget', tokens: numberOf(thinking['budget_tokens']) ?? 1024 };
    case undefined:
      return undefined;
    default:
      return { kind: 'level', level: level ?? 'medium' };
  }
}

const LEVELS: readonly EffortLevel[] = ['low', 'medium', 'high', 'xhigh', 'max'];

function shownOf(thinking: unknown): boolean | undefined {
  const display = isLoose(thinking) ? textOf(thinking['display']) : undefined;
  return display === undefined ? undefined : display !== 'omitted';
}

function tierOf(tier: string | undefined): ServiceTier | undefined {
  return tier === 'auto' ? 'auto' : tier === 'standard_only' ? 'default' : undefined;
}

function formatOf(body: Loose): AnswerFormat | undefined {
  const format = isLoose(body['output_config']) ? body['output_config']['format'] : undefined;
  return isLoose(format) && isLoose(format['schema']) ? { name: undefined, schema: format['schema'], strict: true } : undefined;
}

function turnOf(message: Loose, path: string, read: ReturnType<typeof partReader>): Turn {
  const role = message['role'];
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw new BadRequest(`${path}.role`, 'must be "user", "assistant" or "system"');
  const content = message['content'];
  if (typeof content === 'string') return { role, parts: content === '' ? [] : [{ kind: 'text', text: content }] };
  return { role, parts: withResults(objectsAt(content, `${path}.content`).flatMap(({ item, path: at }) => read(item, at))) };
}

function instructionsOf(system: unknown): TextPart[] {
  if (typeof system === 'string') return system === '' ? [] : [{ kind: 'text', text: system }];
  if (system !== undefined && system !== null && !Array.isArray(system)) throw new BadRequest('system', 'must be a text or a list of text blocks');
  return looseOf(system).flatMap((block) => {
    const text = textOf(block['text']);
    return text === undefined || text === '' ? [] : [{ kind: 'text' as const, text, ...markOf(block) }];
  });
}
