// Pure. A Messages body to a Conversation; lenient, since its own vendor is the judge of it.
import { listOf, looseOf, numberOf, textOf, type Loose, isLoose } from '@fairlead/shared/wire/json.ts';
import type { AnswerFormat, Conversation, Effort, EffortLevel, FilePart, ImagePart, Part, Source, TextPart, Tool, ToolChoice, Turn } from '../hub/conversation.ts';

const KNOWN: ReadonlySet<string> = new Set(['model', 'messages', 'system', 'tools', 'tool_choice', 'max_tokens', 'temperature', 'top_p', 'stop_sequences', 'stream', 'thinking', 'output_config']);

/** The conversation of a body. */
export function readRequest(body: Loose): Conversation {
  const tools = looseOf(body['tools']);
  const choice = isLoose(body['tool_choice']) ? body['tool_choice'] : undefined;
  const extras: Record<string, unknown> = Object.fromEntries(Object.entries(body).filter(([field]) => !KNOWN.has(field)));
  const server = tools.filter((tool) => !isClientTool(tool));
  // A tool that its vendor runs has no schema, so nobody else can offer it.
  if (server.length > 0) extras['tools'] = server;
  return {
    model: textOf(body['model']) ?? '',
    stream: body['stream'] === true,
    instructions: textsOf(body['system']).filter((part) => !part.text.startsWith('x-anthropic-billing-header:')),
    turns: looseOf(body['messages']).map(turnOf).filter((turn) => turn.parts.length > 0),
    tools: tools.filter(isClientTool).map(toolOf),
    toolChoice: choice && choiceOf(choice),
    parallelTools: choice?.['disable_parallel_tool_use'] !== true,
    maxOutputTokens: numberOf(body['max_tokens']),
    temperature: numberOf(body['temperature']),
    topP: numberOf(body['top_p']),
    stopSequences: listOf(body['stop_sequences']).filter((text) => typeof text === 'string'),
    effort: effortOf(body),
    format: formatOf(body),
    extras: { dialect: 'anthropic-messages', fields: extras },
  };
}

function isClientTool(tool: Loose): boolean {
  return tool['type'] === undefined || tool['type'] === null || tool['type'] === 'custom';
}

function toolOf(tool: Loose): Tool {
  return { name: textOf(tool['name']) ?? '', description: textOf(tool['description']), schema: isLoose(tool['input_schema']) ? tool['input_schema'] : { type: 'object' } };
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
      return undefined;
  }
}

function effortOf(body: Loose): Effort | undefined {
  const thinking = isLoose(body['thinking']) ? body['thinking'] : undefined;
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

function formatOf(body: Loose): AnswerFormat | undefined {
  const format = isLoose(body['output_config']) ? body['output_config']['format'] : undefined;
  return isLoose(format) && isLoose(format['schema']) ? { name: undefined, schema: format['schema'] } : undefined;
}

function turnOf(message: Loose): Turn {
  const role = message['role'] === 'assistant' || message['role'] === 'system' ? message['role'] : 'user';
  const content = message['content'];
  if (typeof content === 'string') return { role, parts: content === '' ? [] : [{ kind: 'text', text: content }] };
  return { role, parts: looseOf(content).flatMap(partOf) };
}

function partOf(block: Loose): Part[] {
  switch (block['type']) {
    case 'tool_use':
      return [{ kind: 'tool-call', id: textOf(block['id']) ?? '', name: textOf(block['name']) ?? '', input: JSON.stringify(block['input'] ?? {}) }];
    case 'tool_result': {
      const content = block['content'];
      const parts = typeof content === 'string' ? [{ kind: 'text' as const, text: content }] : looseOf(content).flatMap(mediaOf);
      return [{ kind: 'tool-result', callId: textOf(block['tool_use_id']) ?? '', parts, isError: block['is_error'] === true }];
    }
    case 'thinking':
      return [{ kind: 'thinking', text: textOf(block['thinking']) ?? '', signature: textOf(block['signature']) || undefined }];
    case 'redacted_thinking':
      return [{ kind: 'sealed-thinking', data: textOf(block['data']) ?? '' }];
    default:
      return mediaOf(block);
  }
}

function mediaOf(block: Loose): (TextPart | ImagePart | FilePart)[] {
  const source = isLoose(block['source']) ? sourceOf(block['source']) : undefined;
  const text = textOf(block['text']);
  switch (block['type']) {
    case 'text':
      return text === undefined || text === '' ? [] : [{ kind: 'text', text }];
    case 'image':
      return source && typeof source !== 'string' ? [{ kind: 'image', source }] : [];
    case 'document':
      if (typeof source === 'string') return [{ kind: 'text', text: source }];
      return source ? [{ kind: 'file', source, name: textOf(block['title']) }] : [];
    case 'tool_reference':
      return [{ kind: 'text', text: `The tool ${textOf(block['tool_name']) ?? ''} can now be called.` }];
    default:
      // What a vendor's own tool gave back is worth more as text than as nothing.
      return [{ kind: 'text', text: JSON.stringify(block) }];
  }
}

function sourceOf(source: Loose): Source | string | undefined {
  const data = textOf(source['data']);
  const url = textOf(source['url']);
  if (source['type'] === 'text') return data;
  if (data !== undefined) return { kind: 'data', mediaType: textOf(source['media_type']) ?? 'application/octet-stream', data };
  return url === undefined ? undefined : { kind: 'url', url };
}

function textsOf(system: unknown): TextPart[] {
  if (typeof system === 'string') return system === '' ? [] : [{ kind: 'text', text: system }];
  return looseOf(system).flatMap((block) => {
    const text = textOf(block['text']);
    return text === undefined || text === '' ? [] : [{ kind: 'text' as const, text }];
  });
}
