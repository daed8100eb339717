// Pure. What a reply repeats of its request, as the types of the vendor's own libraries demand it.
import type { ResponsesEcho, ResponsesTool } from '@fairlead/shared/wire/openai-responses.ts';
import type { Conversation, ServerTool, Tool } from '../hub/conversation.ts';
import { createLossList } from '../hub/loss.ts';
import { effortWord } from '../openai-chat/effort.ts';
import { serverToolWords } from './server-tools.ts';
import { callForms, choiceWord, toolWord } from './tool-words.ts';
import { textOf } from './write-request.ts';

/** The fields that a reply repeats. Instructions are not: they may be long, and nobody reads them there. */
export function echoOf(asked: Conversation): ResponsesEcho {
  const { sampling, effort, showThinking } = asked;
  return {
    background: false,
    instructions: null,
    max_output_tokens: asked.maxOutputTokens ?? null,
    metadata: {},
    parallel_tool_calls: asked.parallelTools,
    previous_response_id: null,
    prompt_cache_key: asked.cacheKey ?? null,
    reasoning: { effort: effortWord(effort) ?? null, summary: showThinking ? 'auto' : null },
    service_tier: asked.serviceTier ?? 'default',
    store: false,
    temperature: sampling.temperature ?? null,
    text: { format: { type: 'text' }, ...textOf(asked.format, asked.verbosity) },
    tool_choice: asked.toolChoice ? choiceWord(asked.toolChoice, callForms(asked.tools)) : 'auto',
    tools: [...grouped(asked.tools), ...asked.serverTools.flatMap(offered)],
    top_logprobs: sampling.logprobs ?? 0,
    top_p: sampling.topP ?? null,
    truncation: 'disabled',
    user: asked.user ?? null,
  };
}

function offered(tool: ServerTool): ResponsesTool[] {
  return serverToolWords(tool, createLossList());
}

/** Tools as they were offered, those of a group in it. */
function grouped(tools: readonly Tool[]): ResponsesTool[] {
  const groups = new Map<string, ResponsesTool[]>();
  const words: ResponsesTool[] = [];
  for (const tool of tools) {
    const word = toolWord(tool, tool.grouped?.name);
    if (!tool.grouped) {
      words.push(word);
      continue;
    }
    const group = groups.get(tool.grouped.namespace);
    if (group) group.push(word);
    else {
      const inside = [word];
      groups.set(tool.grouped.namespace, inside);
      words.push({ type: 'namespace', name: tool.grouped.namespace, tools: inside });
    }
  }
  return words;
}
