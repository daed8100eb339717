// Pure. Turns a checked Messages body into a prompt.
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { isLoose } from '@fairlead/shared/wire/json.ts';
import { textOfParts } from '../answer.ts';
import type { OfferedTool, Prompt, Segment, Turn } from '../prompt.ts';
import type { CheckedMessages } from './validate.ts';

/** The prompt of a checked body. */
export function readMessages(body: CheckedMessages): Prompt {
  const format = body.output_config?.format?.schema ?? (isLoose(body.output_format?.['schema']) ? body.output_format['schema'] : undefined);
  return {
    model: body.model,
    stream: body.stream === true,
    turns: body.messages.flatMap(turnsOf),
    tools: (body.tools ?? []).map(offered),
    thinking: thinkingOf(body),
    maxTokens: body.max_tokens,
    stopSequences: body.stop_sequences ?? [],
    format,
    segments: segmentsOf(body),
    reportUsage: true,
  };
}

function thinkingOf(body: CheckedMessages): Prompt['thinking'] {
  const thinking = body.thinking;
  if (thinking === undefined || thinking.type === 'disabled') return 'off';
  return thinking.display === 'omitted' ? 'hidden' : 'shown';
}

function offered(tool: Loose & { readonly name: string }): OfferedTool {
  return { name: tool.name, schema: isLoose(tool['input_schema']) ? tool['input_schema'] : undefined, free: false };
}

function turnsOf(message: CheckedMessages['messages'][number]): Turn[] {
  const who = message.role === 'assistant' ? 'model' : message.role;
  const blocks: readonly Loose[] = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
  const said = blocks.flatMap((block) => (block['type'] === 'text' && typeof block['text'] === 'string' ? [block['text']] : [])).join('\n');
  if (who === 'model') return [{ who, text: said, calls: blocks.some((block) => block['type'] === 'tool_use') }];
  const results = blocks.flatMap((block): Turn[] => (block['type'] === 'tool_result' ? [{ who: 'tool', text: textOfParts(block['content']) }] : []));
  return said === '' ? results : [...results, { who, text: said }];
}

function segmentsOf(body: CheckedMessages): Segment[] {
  const system = typeof body.system === 'string' ? [{ type: 'text', text: body.system }] : (body.system ?? []);
  const said = body.messages.flatMap((message): Loose[] => (typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content));
  const all: readonly Loose[] = [...(body.tools ?? []), ...system, ...said];
  const segments = all.map(segmentOf);
  // The mark at the top of the body stands for one at the end of the prompt.
  const last = segments.at(-1);
  const automatic = body.cache_control ? segmentOf({ cache_control: body.cache_control }).mark : undefined;
  return last && automatic && last.mark === undefined ? [...segments.slice(0, -1), { ...last, mark: automatic }] : segments;
}

function segmentOf(part: Loose): Segment {
  const { cache_control: cache, ...rest } = part;
  const text = JSON.stringify(rest);
  return isLoose(cache) ? { text, mark: cache['ttl'] === '1h' ? '1h' : '5m' } : { text };
}
