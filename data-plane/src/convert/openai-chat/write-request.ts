// Pure. A Conversation to a Chat Completions body.
import type { ChatMessage, ChatPart, ChatRequest, ChatTool, ChatToolCall, ChatToolChoice } from '@fairlead/shared/wire/openai-chat.ts';
import type { JsonObject } from '@fairlead/shared/wire/json.ts';
import type { Conversation, FilePart, ImagePart, Part, Source, TextPart, ToolChoice, ToolResultPart, Turn } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { plainJson } from '../plain-json.ts';

/** Most stop sequences that this dialect takes. */
const MOST_STOPS = 4;

/** The body for an upstream. Streams always ask for usage, without which nobody could be charged rightly. */
export function writeRequest(conversation: Conversation, target: Target): Written<ChatRequest & JsonObject> {
  const losses = createLossList();
  const { dialect, fields } = conversation.extras;
  if (dialect !== 'openai-chat') for (const field of Object.keys(fields)) losses.add(`field: ${field}`);
  const system = conversation.instructions.length === 0 ? [] : [{ role: 'system', content: textContent(conversation.instructions) } satisfies ChatMessage];
  const tools = conversation.tools.map((tool): ChatTool => ({ type: 'function', function: { name: tool.name, ...(tool.description !== undefined && { description: tool.description }), parameters: plainJson(tool.schema) } }));
  const stops = conversation.stopSequences.slice(0, MOST_STOPS);
  if (stops.length < conversation.stopSequences.length) losses.add('stop sequences: beyond the fourth');
  const limit = outputLimit(conversation.maxOutputTokens, target);
  const effort = effortWord(conversation);
  const request: ChatRequest = {
    model: target.model,
    messages: [...system, ...pairTools(conversation.turns, losses).flatMap((turn) => messagesOf(turn, losses))],
    ...(tools.length > 0 && { tools }),
    ...(tools.length > 0 && conversation.toolChoice && { tool_choice: choiceWord(conversation.toolChoice) }),
    ...(tools.length > 0 && !conversation.parallelTools && { parallel_tool_calls: false }),
    ...(limit !== undefined && { max_completion_tokens: limit }),
    ...(conversation.temperature !== undefined && { temperature: conversation.temperature }),
    ...(conversation.topP !== undefined && { top_p: conversation.topP }),
    ...(stops.length > 0 && { stop: stops }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(conversation.format && { response_format: { type: 'json_schema', json_schema: { name: conversation.format.name ?? 'answer', schema: plainJson(conversation.format.schema) } } }),
    ...(conversation.stream && { stream: true, stream_options: { include_usage: true } }),
  };
  const own = dialect === 'openai-chat' ? plainJson(fields) : {};
  return { value: { ...own, ...plainJson({ ...request }), model: request.model, messages: request.messages }, losses: losses.list() };
}

function messagesOf(turn: Turn, losses: LossList): ChatMessage[] {
  if (turn.role === 'assistant') return [assistantOf(turn.parts, losses)];
  const results = turn.parts.filter((part) => part.kind === 'tool-result');
  const rest = turn.parts.filter((part) => part.kind === 'text' || part.kind === 'image' || part.kind === 'file');
  if (turn.role === 'system') return rest.length === 0 ? [] : [{ role: 'system', content: textContent(rest.filter((part) => part.kind === 'text')) }];
  // A result holds text only here: what it shows besides follows as the user's words.
  const shown = [...results.flatMap((result) => shownBy(result)), ...rest];
  return [...results.map((result) => resultOf(result, losses)), ...(shown.length > 0 ? [{ role: 'user', content: mixedContent(shown) } satisfies ChatMessage] : [])];
}

function assistantOf(parts: readonly Part[], losses: LossList): ChatMessage {
  const text = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('');
  const thinking = parts.flatMap((part) => (part.kind === 'thinking' ? [part.text] : [])).join('');
  const calls = parts.flatMap((part): ChatToolCall[] => (part.kind === 'tool-call' ? [{ id: part.id, type: 'function', function: { name: part.name, arguments: part.input } }] : []));
  for (const part of parts) {
    if (part.kind === 'sealed-thinking') losses.add('thinking: sealed');
    if (part.kind === 'thinking' && part.signature !== undefined) losses.add('thinking: signature');
    if (part.kind === 'image' || part.kind === 'file') losses.add(`assistant: ${part.kind}`);
  }
  return { role: 'assistant', content: text === '' ? null : text, ...(thinking !== '' && { reasoning_content: thinking }), ...(calls.length > 0 && { tool_calls: calls }) };
}

function resultOf(result: ToolResultPart, losses: LossList): ChatMessage {
  if (result.isError) losses.add('tool-result: error flag');
  const texts = result.parts.filter((part) => part.kind === 'text');
  const other = result.parts.length - texts.length;
  if (other > 0) losses.add('tool-result: media moved to the next message');
  const content = texts.length === 0 && other > 0 ? 'The result is shown in the next message.' : textContent(texts);
  return { role: 'tool', tool_call_id: result.callId, content };
}

function shownBy(result: ToolResultPart): (TextPart | ImagePart | FilePart)[] {
  const media = result.parts.filter((part) => part.kind !== 'text');
  return media.length === 0 ? [] : [{ kind: 'text', text: `Shown by the tool call ${result.callId}:` }, ...media];
}

/** One text as a string, several as parts, so that none runs into another. */
function textContent(parts: readonly TextPart[]): string | ChatPart[] {
  return parts.length === 1 ? (parts[0]?.text ?? '') : parts.length === 0 ? '' : parts.map((part) => ({ type: 'text', text: part.text }));
}

function mixedContent(parts: readonly (TextPart | ImagePart | FilePart)[]): string | ChatPart[] {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (only?.kind === 'text') return only.text;
  return parts.map((part): ChatPart => {
    if (part.kind === 'text') return { type: 'text', text: part.text };
    if (part.kind === 'image') return { type: 'image_url', image_url: { url: urlOf(part.source) } };
    return { type: 'file', file: { file_data: urlOf(part.source), filename: part.name ?? 'document' } };
  });
}

function urlOf(source: Source): string {
  return source.kind === 'url' ? source.url : `data:${source.mediaType};base64,${source.data}`;
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

function effortWord({ effort }: Conversation): string | undefined {
  switch (effort?.kind) {
    case undefined:
      return undefined;
    case 'off':
      return 'none';
    case 'level':
      return effort.level === 'max' ? 'xhigh' : effort.level;
    case 'budget':
      return effort.tokens < 4_096 ? 'low' : effort.tokens < 16_384 ? 'medium' : 'high';
  }
}
