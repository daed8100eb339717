// Pure. A Conversation to a Chat Completions body.
import type { ChatMessage, ChatRequest, ChatTool, ChatToolChoice } from '@fairlead/shared/wire/openai-chat.ts';
import type { JsonValue } from '@fairlead/shared/wire/json.ts';
import type { Conversation, ToolChoice } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { plainJson } from '../plain-json.ts';
import { effortWord } from './effort.ts';
import { messagesOf, textContent } from './write-messages.ts';

/** Most stop sequences that this dialect takes. */
const MOST_STOPS = 4;
/** The longest name of an end user, and of what shares a cache, that the vendor takes. */
const MOST_NAME = 64;

/** The body for an upstream. Streams always ask for usage, without which nobody could be charged rightly. */
export function writeRequest(conversation: Conversation, target: Target): Written<ChatRequest> {
  const losses = createLossList();
  for (const field of Object.keys(conversation.extras.fields)) losses.addField(field);
  const system = conversation.instructions.length === 0 ? [] : [{ role: 'system', content: textContent(conversation.instructions) } satisfies ChatMessage];
  const only = conversation.toolChoice && 'only' in conversation.toolChoice ? conversation.toolChoice.only : undefined;
  if (only) losses.add('tool choice: some of them');
  const tools = conversation.tools.filter((tool) => !only || only.includes(tool.name)).map((tool): ChatTool => ({
    type: 'function', function: { name: tool.name, ...(tool.description !== undefined && { description: tool.description }), parameters: plainJson(tool.schema), ...(tool.strict === true && { strict: true }) },
  }));
  for (const tool of conversation.serverTools) losses.add(tool.kind === 'web-search' ? 'server tool: web search' : tool.kind === 'web-fetch' ? 'server tool: web fetch' : 'server tool: code execution');
  const stops = conversation.stopSequences.slice(0, MOST_STOPS);
  if (stops.length < conversation.stopSequences.length) losses.add('stop sequences: beyond the fourth');
  const limit = outputLimit(conversation.maxOutputTokens, target);
  const effort = effortWord(conversation.effort);
  const { user, cacheKey, metadata, verbosity, serviceTier } = conversation;
  if (user !== undefined && user.length > MOST_NAME) losses.add('user');
  const request: ChatRequest = {
    model: target.model,
    messages: [...system, ...pairTools(conversation.turns, losses).flatMap((turn) => messagesOf(turn, target, losses))],
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && conversation.toolChoice && { tool_choice: choiceWord(conversation.toolChoice) }),
    ...(tools.length > 0 && !conversation.parallelTools && { parallel_tool_calls: false }),
    ...(limit !== undefined && { max_completion_tokens: limit }),
    ...samplingOf(conversation, losses),
    ...(stops.length > 0 && { stop: stops }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(conversation.format && { response_format: formatWord(conversation) }),
    ...(verbosity !== undefined && { verbosity }),
    ...(serviceTier !== undefined && serviceTier !== 'auto' && { service_tier: serviceTier }),
    ...(user !== undefined && user.length <= MOST_NAME && { user }),
    ...(cacheKey !== undefined && cacheKey.length <= MOST_NAME && { prompt_cache_key: cacheKey }),
    ...(metadata && { metadata }),
    ...(conversation.stream && { stream: true, stream_options: { include_usage: true } }),
  };
  return { value: request, losses: losses.list() };
}

function samplingOf({ sampling }: Conversation, losses: LossList): Partial<ChatRequest> {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty, logprobs } = sampling;
  if (topK !== undefined) losses.add('sampling: top_k');
  return {
    ...(temperature !== undefined && { temperature }), ...(topP !== undefined && { top_p: topP }), ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }), ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(logprobs !== undefined && { logprobs: true, ...(logprobs > 0 && { top_logprobs: logprobs }) }),
  };
}

function formatWord({ format }: Conversation): JsonValue {
  if (!format?.schema) return { type: 'json_object' };
  return { type: 'json_schema', json_schema: { name: format.name ?? 'answer', schema: plainJson(format.schema), ...(format.strict === true && { strict: true }) } };
}

function choiceWord(choice: ToolChoice): ChatToolChoice {
  switch (choice.kind) {
    case 'one':
      return { type: 'function', function: { name: choice.name } };
    case 'any':
      return 'required';
    default:
      return choice.kind;
  }
}
