// Pure. A Conversation to a Messages body.
import type { BlockSource, ContentBlock, ImageBlock, MessagesMessage, MessagesRequest, MessagesThinking, MessagesTool, MessagesToolChoice, TextBlock } from '@fairlead/shared/wire/anthropic-messages.ts';
import { isLoose, parseJson, textOf, type JsonObject } from '@fairlead/shared/wire/json.ts';
import type { Conversation, Part, Source, Turn } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { pairTools } from '../hub/tool-pairs.ts';
import { plainJson } from '../plain-json.ts';
import { createToolIds } from './tool-ids.ts';

/** The body for an upstream; a limit is always stated, since this vendor demands one. */
export function writeRequest(conversation: Conversation, target: Target): Written<MessagesRequest & JsonObject> {
  const losses = createLossList();
  const { dialect, fields } = conversation.extras;
  const user = dialect === 'openai-chat' ? textOf(fields['user']) : undefined;
  if (dialect !== 'anthropic-messages') for (const field of Object.keys(fields)) if (field !== 'user') losses.add(`field: ${field}`);
  const maxTokens = outputLimit(conversation.maxOutputTokens, target) ?? target.maxOutputTokens;
  const tools = conversation.tools.map((tool): MessagesTool => ({ name: tool.name, ...(tool.description !== undefined && { description: tool.description }), input_schema: { type: 'object', ...plainJson(tool.schema) } }));
  const choice = tools.length > 0 ? choiceWord(conversation) : undefined;
  const thinking = thinkingOf(conversation, maxTokens, choice, losses);
  const stops = conversation.stopSequences.filter((text) => text.trim() !== '');
  const temperature = conversation.temperature === undefined ? undefined : Math.min(1, conversation.temperature);
  if (temperature !== conversation.temperature) losses.add('temperature: above 1');
  if (temperature !== undefined && thinking.thinking) losses.add('temperature: beside thinking');
  const effort = conversation.effort?.kind === 'level' && thinking.thinking ? { effort: conversation.effort.level } : {};
  const format = conversation.format ? { format: { type: 'json_schema', schema: plainJson(conversation.format.schema) } } : {};
  const output = { ...effort, ...format };
  const request: MessagesRequest = {
    model: target.model,
    max_tokens: maxTokens,
    messages: messagesOf(conversation.turns, losses),
    ...(conversation.instructions.length > 0 && { system: conversation.instructions.map((part): TextBlock => ({ type: 'text', text: part.text })) }),
    ...(tools.length > 0 && { tools }),
    ...(choice && { tool_choice: choice }),
    ...thinking,
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...(temperature !== undefined && !thinking.thinking && { temperature }),
    ...(conversation.topP !== undefined && !thinking.thinking && { top_p: conversation.topP }),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(user !== undefined && { metadata: { user_id: user } }),
    ...(conversation.stream && { stream: true }),
  };
  const own = dialect === 'anthropic-messages' ? plainJson(fields) : {};
  return { value: { ...own, ...plainJson({ ...request }), model: request.model, messages: request.messages, max_tokens: maxTokens }, losses: losses.list() };
}

/** Turns with neighbours of one side joined, as this vendor wants them to alternate. */
function messagesOf(turns: readonly Turn[], losses: LossList): MessagesMessage[] {
  const idOf = createToolIds();
  const joined: { role: 'user' | 'assistant'; content: ContentBlock[] }[] = [];
  for (const turn of pairTools(turns, losses)) {
    // Not every model takes system turns between the others; as the user's words every one does.
    const role = turn.role === 'assistant' ? 'assistant' : 'user';
    if (turn.role === 'system') losses.add('system turn: as user text');
    const content = turn.parts.flatMap((part) => blocksOf(part, turn.role, idOf, losses));
    const last = joined.at(-1);
    if (content.length === 0) continue;
    if (last?.role === role) last.content.push(...content);
    else joined.push({ role, content });
  }
  return joined;
}

function blocksOf(part: Part, role: Turn['role'], idOf: (id: string) => string, losses: LossList): ContentBlock[] {
  switch (part.kind) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: role === 'system' ? `<system-reminder>\n${part.text}\n</system-reminder>` : part.text }];
    case 'image':
      return [{ type: 'image', source: sourceOf(part.source) }];
    case 'file':
      return [{ type: 'document', source: sourceOf(part.source), ...(part.name !== undefined && { title: part.name }) }];
    case 'tool-call':
      return [{ type: 'tool_use', id: idOf(part.id), name: part.name, input: inputOf(part.input, losses) }];
    case 'tool-result': {
      const content = part.parts.flatMap((inner) => blocksOf(inner, 'user', idOf, losses));
      return [{ type: 'tool_result', tool_use_id: idOf(part.callId), content, ...(part.isError && { is_error: true }) }];
    }
    case 'thinking':
      // The vendor refuses thinking that it did not sign.
      if (part.signature === undefined) {
        losses.add('thinking: unsigned');
        return [];
      }
      return [{ type: 'thinking', thinking: part.text, signature: part.signature }];
    case 'sealed-thinking':
      return [{ type: 'redacted_thinking', data: part.data }];
  }
}

/** The input of a call as the object that this dialect demands. */
export function inputOf(text: string, losses: LossList): JsonObject {
  const read = text === '' ? {} : parseJson(text);
  if (isLoose(read)) return plainJson(read);
  losses.add('tool-call: input that is no object');
  return { input: text };
}

function sourceOf(source: Source): ImageBlock['source'] & BlockSource {
  return source.kind === 'url' ? { type: 'url', url: source.url } : { type: 'base64', media_type: source.mediaType, data: source.data };
}

function choiceWord(conversation: Conversation): MessagesToolChoice | undefined {
  const one = conversation.parallelTools ? {} : { disable_parallel_tool_use: true };
  const choice = conversation.toolChoice;
  if (choice === undefined) return conversation.parallelTools ? undefined : { type: 'auto', ...one };
  if (choice.kind === 'one') return { type: 'tool', name: choice.name, ...one };
  return choice.kind === 'none' ? { type: 'none' } : { type: choice.kind, ...one };
}

function thinkingOf(conversation: Conversation, maxTokens: number, choice: MessagesToolChoice | undefined, losses: LossList): { thinking?: MessagesThinking } {
  const { effort } = conversation;
  if (effort === undefined || effort.kind === 'off') return {};
  if (choice?.type === 'any' || choice?.type === 'tool') {
    // The vendor refuses to think when a tool is forced.
    losses.add('effort: beside a forced tool');
    return {};
  }
  if (effort.kind === 'level') return { thinking: { type: 'adaptive' } };
  const budget = Math.min(effort.tokens, maxTokens - 1);
  if (budget < 1_024) {
    losses.add('effort: no room for thinking');
    return {};
  }
  return { thinking: { type: 'enabled', budget_tokens: budget } };
}
