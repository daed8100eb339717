// Pure. Turns a checked Responses body into a prompt.
import { isLoose, looseOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import { textOfParts } from '../answer.ts';
import type { OfferedTool, Prompt, Turn } from '../prompt.ts';
import type { CheckedResponses } from './validate.ts';

/** The prompt of a checked body. */
export function readResponses(body: CheckedResponses): Prompt {
  const items: readonly Loose[] = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
  const effort = body.reasoning?.effort ?? (body.reasoning ? 'medium' : 'none');
  // Some clients offer their tools inside the conversation.
  const tools = [...(body.tools ?? []), ...items.filter((item) => item['type'] === 'additional_tools').flatMap((item) => looseOf(item['tools']))];
  const format = body.text?.format;
  return {
    model: body.model,
    stream: body.stream === true,
    turns: items.flatMap(turnOf),
    tools: tools.flatMap((tool) => offered(tool, undefined)),
    thinking: effort === 'none' || effort === 'minimal' ? 'off' : body.reasoning?.summary ? 'shown' : 'hidden',
    sealed: body.include?.includes('reasoning.encrypted_content') === true,
    maxTokens: body.max_output_tokens ?? undefined,
    stopSequences: [],
    format: format && format.type !== 'text' ? (isLoose(format['schema']) ? format['schema'] : { type: 'object' }) : undefined,
    segments: [...(body.tools ?? []), ...(body.instructions ? [body.instructions] : []), ...items].map((part) => ({ text: JSON.stringify(part) })),
    reportUsage: true,
  };
}

function offered(tool: Loose, namespace: string | undefined): OfferedTool[] {
  const name = textOf(tool['name']);
  if (tool['type'] === 'namespace') return looseOf(tool['tools']).flatMap((inner) => offered(inner, name));
  if (name === undefined || (tool['type'] !== 'function' && tool['type'] !== 'custom')) return [];
  return [{ name, schema: isLoose(tool['parameters']) ? tool['parameters'] : undefined, free: tool['type'] === 'custom', ...(namespace !== undefined && { namespace }) }];
}

function turnOf(item: Loose): Turn[] {
  switch (item['type'] ?? 'message') {
    case 'function_call':
    case 'custom_tool_call':
      return [{ who: 'model', text: '', calls: true }];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{ who: 'tool', text: textOfParts(item['output']) }];
    case 'agent_message':
      return [{ who: 'user', text: looseOf(item['content']).map((part) => textOf(part['text']) ?? textOf(part['encrypted_content']) ?? '').join('\n') }];
    case 'message': {
      const text = textOfParts(item['content']);
      if (item['role'] === 'assistant') return [{ who: 'model', text, calls: false }];
      return [{ who: item['role'] === 'user' ? 'user' : 'system', text }];
    }
    default:
      return [];
  }
}
