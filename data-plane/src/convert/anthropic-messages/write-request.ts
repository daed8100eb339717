// Pure. A Conversation to a Messages body.
import type { MessagesRequest, MessagesTool, MessagesToolChoice, TextBlock } from '@fairlead/shared/wire/anthropic-messages.ts';
import type { JsonObject } from '@fairlead/shared/wire/json.ts';
import type { Conversation, ToolChoice } from '../hub/conversation.ts';
import { createLossList, type LossList, type Written } from '../hub/loss.ts';
import { outputLimit, type Target } from '../hub/target.ts';
import { plainJson } from '../plain-json.ts';
import { markWord, withinMarks, withMarks } from './cache-marks.ts';
import { closedSchema } from './closed-schema.ts';
import { serverToolWord } from './server-tools.ts';
import { thinkingOf } from './write-thinking.ts';
import { messagesOf } from './write-turns.ts';

/** The longest name of an end user that the vendor takes. */
const MOST_USER = 256;

/** The body for an upstream; a limit is always stated, since this vendor demands one. */
export function writeRequest(conversation: Conversation, target: Target): Written<MessagesRequest> {
  const losses = createLossList();
  const maxTokens = outputLimit(conversation.maxOutputTokens, target) ?? target.maxOutputTokens;
  const tools = toolsOf(conversation, losses);
  const choice = tools.length > 0 ? choiceWord(conversation) : undefined;
  const messages = messagesOf(conversation.turns, target, losses);
  const thinking = thinkingOf(conversation, { maxTokens, forced: choice?.type === 'any' || choice?.type === 'tool', messages }, losses);
  const system = conversation.instructions.map((part): TextBlock => ({ type: 'text', text: part.text, ...markWord(part) }));
  const marked = cached(conversation, { tools, system, messages }, losses);
  const output = { ...thinking.output, ...formatOf(conversation, losses) };
  const { user } = conversation;
  if (user !== undefined && user.length > MOST_USER) losses.add('user');
  if (conversation.serviceTier === 'flex') losses.add('service tier');
  if (conversation.verbosity !== undefined) losses.add('verbosity');
  if (conversation.metadata !== undefined) losses.add('metadata');
  for (const field of Object.keys(conversation.extras.fields)) losses.addField(field);
  const request: MessagesRequest = {
    model: target.model,
    max_tokens: maxTokens,
    messages: marked.messages,
    ...(marked.system.length > 0 && { system: marked.system }),
    ...(marked.tools.length > 0 && { tools: marked.tools }),
    ...(choice && { tool_choice: choice }),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(output).length > 0 && { output_config: output }),
    ...samplingOf(conversation, thinking.thinking !== undefined, losses),
    ...stopsOf(conversation),
    ...(user !== undefined && user.length <= MOST_USER && { metadata: { user_id: user } }),
    ...(conversation.serviceTier !== undefined && conversation.serviceTier !== 'flex' && { service_tier: conversation.serviceTier === 'default' ? 'standard_only' : 'auto' }),
    ...(conversation.stream && { stream: true }),
  };
  return { value: request, losses: losses.list() };
}

function toolsOf(conversation: Conversation, losses: LossList): MessagesTool[] {
  const only = conversation.toolChoice && 'only' in conversation.toolChoice ? conversation.toolChoice.only : undefined;
  if (only) losses.add('tool choice: some of them');
  const offered = only ? conversation.tools.filter((tool) => only.includes(tool.name)) : conversation.tools;
  const own = offered.map((tool): MessagesTool => ({
    name: tool.name, ...(tool.description !== undefined && { description: tool.description }), input_schema: { ...(tool.strict === true ? closedSchema(tool.schema) : plainJson(tool.schema)), type: 'object' }, ...(tool.strict === true && { strict: true }), ...markWord(tool),
  }));
  return [...own, ...conversation.serverTools.map(serverToolWord)];
}

function choiceWord(conversation: Conversation): MessagesToolChoice | undefined {
  const one = conversation.parallelTools ? {} : { disable_parallel_tool_use: true };
  const choice: ToolChoice | undefined = conversation.toolChoice;
  if (choice === undefined) return conversation.parallelTools ? undefined : { type: 'auto', ...one };
  if (choice.kind === 'one') return { type: 'tool', name: choice.name, ...one };
  return choice.kind === 'none' ? { type: 'none' } : { type: choice.kind, ...one };
}

/** Marks as the client set them; where it trusts its vendor to cache and names what belongs together, marks of ours. */
function cached(conversation: Conversation, parts: Parameters<typeof withinMarks>[0], losses: LossList): ReturnType<typeof withinMarks> {
  if (conversation.extras.dialect === 'anthropic-messages' || conversation.cacheKey === undefined) return withinMarks(parts, losses);
  return withMarks(parts);
}

function formatOf({ format }: Conversation, losses: LossList): { format?: JsonObject } {
  if (!format) return {};
  if (!format.schema) {
    losses.add('answer format: any JSON');
    return {};
  }
  if (format.name !== undefined) losses.add('answer format: name');
  return { format: { type: 'json_schema', schema: closedSchema(format.schema) } };
}

function samplingOf({ sampling }: Conversation, thinks: boolean, losses: LossList): { temperature?: number; top_p?: number; top_k?: number } {
  if (sampling.seed !== undefined) losses.add('sampling: seed');
  if (sampling.frequencyPenalty !== undefined) losses.add('sampling: frequency penalty');
  if (sampling.presencePenalty !== undefined) losses.add('sampling: presence penalty');
  if (sampling.logprobs !== undefined) losses.add('logprobs');
  const { temperature, topP, topK } = sampling;
  if (thinks) {
    if (temperature !== undefined && temperature !== 1) losses.add('temperature: beside thinking');
    return {};
  }
  if (temperature !== undefined && temperature > 1) losses.add('temperature: above 1');
  // This vendor takes one of the two.
  if (temperature !== undefined && topP !== undefined) losses.add('sampling: top_p');
  return { ...(temperature !== undefined ? { temperature: Math.min(1, temperature) } : topP !== undefined && { top_p: topP }), ...(topK !== undefined && { top_k: topK }) };
}

function stopsOf({ stopSequences }: Conversation): { stop_sequences?: string[] } {
  const stops = stopSequences.filter((text) => text.trim() !== '');
  return stops.length > 0 ? { stop_sequences: stops } : {};
}
