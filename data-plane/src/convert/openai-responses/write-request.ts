// Pure. A Conversation to a Responses body.
import type { ResponsesRequest, ResponsesText } from '@fairlead/shared/wire/openai-responses.ts';
import type { JsonObject } from '@fairlead/shared/wire/json.ts';
import type { AnswerFormat, Conversation } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { effortWord } from '../openai-chat/effort.ts';
import { plainJson } from '../plain-json.ts';
import { serverToolWords } from './server-tools.ts';
import { callForms, choiceWord, toolWord } from './tool-words.ts';
import { itemsOf } from './write-items.ts';

/** The longest name of an end user, and of what shares a cache, that the vendor takes. */
const MOST_NAME = 64;

/** The vendor refuses a lower limit. */
const LEAST_OUTPUT = 16;

/** The body for an upstream. It keeps nothing: what it thought comes back sealed, and goes there again. */
export function writeRequest(conversation: Conversation, target: Target): Written<ResponsesRequest & JsonObject> {
  const losses = createLossList();
  for (const field of Object.keys(conversation.extras.fields)) losses.addField(field);
  const { toolChoice, verbosity, serviceTier, user, cacheKey, metadata } = conversation;
  const tools = [...conversation.tools.map((tool) => toolWord(tool)), ...conversation.serverTools.flatMap((tool) => serverToolWords(tool, losses))];
  for (const tool of conversation.serverTools) if (tool.kind === 'web-search' && tool.mostUses !== undefined) losses.add('server tool: options');
  const formOf = callForms(conversation.tools.map(({ grouped: _flat, ...tool }) => tool));
  const limit = outputLimit(conversation.maxOutputTokens, target);
  const text = textOf(conversation.format, verbosity);
  const reasoning = reasoningOf(conversation);
  const { temperature, topP } = samplingOf(conversation, losses);
  const include = includeOf(conversation);
  if (user !== undefined && user.length > MOST_NAME) losses.add('user');
  const request: ResponsesRequest = {
    model: target.model,
    ...(conversation.instructions.length > 0 && { instructions: conversation.instructions.map((part) => part.text).join('\n\n') }),
    input: itemsOf(conversation.turns, formOf, target, losses),
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && toolChoice && { tool_choice: choiceWord(toolChoice, formOf) }),
    ...(tools.length > 0 && !conversation.parallelTools && { parallel_tool_calls: false }),
    ...(limit !== undefined && { max_output_tokens: Math.max(LEAST_OUTPUT, limit) }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(conversation.sampling.logprobs && { top_logprobs: conversation.sampling.logprobs }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(text && { text }),
    ...(serviceTier !== undefined && serviceTier !== 'auto' && { service_tier: serviceTier }),
    ...(user !== undefined && user.length <= MOST_NAME && { user }),
    ...(cacheKey !== undefined && cacheKey.length <= MOST_NAME && { prompt_cache_key: cacheKey }),
    ...(metadata && { metadata }),
    store: false,
    ...(include.length > 0 && { include }),
    ...(conversation.stream && { stream: true }),
  };
  return { value: { ...plainJson({ ...request }), model: request.model, input: request.input }, losses: losses.list() };
}

/** A client that sets tokens aside for thinking means to see it; to others a summary is only told when they ask, for not every account may have one. */
function reasoningOf({ effort, showThinking }: Conversation): { effort?: string; summary?: string } {
  const word = effortWord(effort);
  return { ...(word !== undefined && { effort: word }), ...(effort?.kind !== 'off' && (showThinking ?? effort?.kind === 'budget') && { summary: 'auto' }) };
}

function samplingOf({ sampling, stopSequences }: Conversation, losses: LossList): { temperature: number | undefined; topP: number | undefined } {
  if (sampling.topK !== undefined) losses.add('sampling: top_k');
  if (sampling.seed !== undefined) losses.add('sampling: seed');
  if (sampling.frequencyPenalty !== undefined) losses.add('sampling: frequency penalty');
  if (sampling.presencePenalty !== undefined) losses.add('sampling: presence penalty');
  if (stopSequences.length > 0) losses.add('stop sequences');
  return { temperature: sampling.temperature, topP: sampling.topP };
}

/** What is only told when it is asked for. A model that does not think refuses the first, and is asked again without it. */
function includeOf({ effort, serverTools, sampling }: Conversation): string[] {
  return [
    ...(effort?.kind === 'off' ? [] : ['reasoning.encrypted_content']),
    ...(serverTools.some((tool) => tool.kind === 'web-search') ? ['web_search_call.action.sources'] : []),
    ...(serverTools.some((tool) => tool.kind === 'code-execution') ? ['code_interpreter_call.outputs'] : []),
    ...(sampling.logprobs === undefined ? [] : ['message.output_text.logprobs']),
  ];
}

/** The form and length of the answer's text; undefined where nothing is asked of it. */
export function textOf(format: AnswerFormat | undefined, verbosity: string | undefined): ResponsesText | undefined {
  if (!format && verbosity === undefined) return undefined;
  return { ...(format && { format: formatWord(format) }), ...(verbosity !== undefined && { verbosity }) };
}

function formatWord({ name, schema, strict }: AnswerFormat): NonNullable<ResponsesText['format']> {
  if (!schema) return { type: 'json_object' };
  return { type: 'json_schema', name: name?.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, MOST_NAME) || 'answer', schema: plainJson(schema), ...(strict === true && { strict: true }) };
}
