// Pure. Turns a checked Chat body into a prompt.
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { textOfParts } from '../answer.ts';
import type { OfferedTool, Prompt, Turn } from '../prompt.ts';
import type { CheckedChat } from './validate.ts';

/** The prompt of a checked body. */
export function readChat(body: CheckedChat): Prompt {
  const effort = body.reasoning_effort ?? 'none';
  return {
    model: body.model,
    stream: body.stream === true,
    turns: body.messages.map(turnOf),
    tools: (body.tools ?? []).map(offered),
    thinking: effort === 'none' || effort === 'minimal' ? 'off' : 'shown',
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    stopSequences: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    format: formatOf(body),
    segments: [...(body.tools ?? []), ...body.messages].map((part) => ({ text: JSON.stringify(part) })),
    reportUsage: body.stream_options?.include_usage === true,
  };
}

function formatOf(body: CheckedChat): Prompt['format'] {
  const format = body.response_format;
  if (format === undefined || format.type === 'text') return undefined;
  const named = format['json_schema'];
  return isLoose(named) && isLoose(named['schema']) ? named['schema'] : { type: 'object' };
}

function offered(tool: NonNullable<CheckedChat['tools']>[number]): OfferedTool {
  return tool.type === 'function' ? { name: tool.function.name, schema: tool.function.parameters, free: false } : { name: tool.custom.name, schema: undefined, free: true };
}

function turnOf(said: CheckedChat['messages'][number]): Turn {
  const text = textOfParts(said.content);
  if (said.role === 'assistant') return { who: 'model', text, calls: said.tool_calls !== undefined };
  if (said.role === 'tool' || said.role === 'user') return { who: said.role, text };
  return { who: 'system', text };
}
