// Pure. A Chat Completions body to a Conversation; lenient, since its own vendor is the judge of it.
import { isLoose, listOf, looseOf, numberOf, textOf, type Loose } from '@fairlead/shared/wire/json.ts';
import type { AnswerFormat, Conversation, Effort, FilePart, ImagePart, Part, Source, TextPart, Tool, ToolChoice, Turn } from '../hub/conversation.ts';

const KNOWN: ReadonlySet<string> = new Set(['model', 'messages', 'tools', 'tool_choice', 'parallel_tool_calls', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'stop', 'stream', 'stream_options', 'reasoning_effort', 'response_format']);

/** The conversation of a body. */
export function readRequest(body: Loose): Conversation {
  const turns = looseOf(body['messages']).map(turnOf).filter((turn) => turn.parts.length > 0);
  const first = turns.findIndex((turn) => turn.role !== 'system');
  const opening = first < 0 ? turns : turns.slice(0, first);
  const stop = body['stop'];
  const extras: Record<string, unknown> = Object.fromEntries(Object.entries(body).filter(([field, value]) => !KNOWN.has(field) && value !== null));
  const format = body['response_format'];
  if (isLoose(format) && format['type'] === 'json_object') extras['response_format'] = format;
  return {
    model: textOf(body['model']) ?? '',
    stream: body['stream'] === true,
    instructions: opening.flatMap((turn) => turn.parts.filter((part) => part.kind === 'text')),
    turns: first < 0 ? [] : turns.slice(first),
    tools: looseOf(body['tools']).flatMap(toolOf),
    toolChoice: choiceOf(body['tool_choice']),
    parallelTools: body['parallel_tool_calls'] !== false,
    maxOutputTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
    temperature: numberOf(body['temperature']),
    topP: numberOf(body['top_p']),
    stopSequences: (typeof stop === 'string' ? [stop] : listOf(stop)).filter((text) => typeof text === 'string'),
    effort: effortOf(textOf(body['reasoning_effort'])),
    format: formatOf(format),
    extras: { dialect: 'openai-chat', fields: extras },
  };
}

function turnOf(message: Loose): Turn {
  const parts = partsOf(message['content']);
  switch (message['role']) {
    case 'system':
    case 'developer':
      return { role: 'system', parts };
    case 'tool':
      return { role: 'user', parts: [{ kind: 'tool-result', callId: textOf(message['tool_call_id']) ?? '', parts, isError: false }] };
    case 'assistant': {
      const thinking = textOf(message['reasoning_content']) || textOf(message['reasoning']);
      const before: Part[] = thinking ? [{ kind: 'thinking', text: thinking, signature: undefined }] : [];
      return { role: 'assistant', parts: [...before, ...parts, ...looseOf(message['tool_calls']).map(callOf)] };
    }
    default:
      return { role: 'user', parts };
  }
}

function callOf(call: Loose): Part {
  const named = isLoose(call['function']) ? call['function'] : isLoose(call['custom']) ? call['custom'] : {};
  const input = textOf(named['arguments']) ?? JSON.stringify({ input: textOf(named['input']) ?? '' });
  return { kind: 'tool-call', id: textOf(call['id']) ?? '', name: textOf(named['name']) ?? '', input: input === '' ? '{}' : input };
}

function partsOf(content: unknown): (TextPart | ImagePart | FilePart)[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  return looseOf(content).flatMap((part): (TextPart | ImagePart | FilePart)[] => {
    const text = textOf(part['text']) ?? textOf(part['refusal']);
    if (text !== undefined) return text === '' ? [] : [{ kind: 'text', text }];
    const url = isLoose(part['image_url']) ? textOf(part['image_url']['url']) : undefined;
    if (url !== undefined) return [{ kind: 'image', source: sourceOf(url) }];
    const file = isLoose(part['file']) ? part['file'] : undefined;
    const data = textOf(file?.['file_data']);
    return data === undefined ? [] : [{ kind: 'file', source: sourceOf(data), name: textOf(file?.['filename']) }];
  });
}

/** A data URL in its pieces, or the URL as it is. */
function sourceOf(url: string): Source {
  const match = /^data:([^;,]*)(?:;[^,]*)?;base64,/i.exec(url);
  return match ? { kind: 'data', mediaType: match[1] || 'application/octet-stream', data: url.slice(match[0].length) } : { kind: 'url', url };
}

function toolOf(tool: Loose): Tool[] {
  const named = isLoose(tool['function']) ? tool['function'] : isLoose(tool['custom']) ? tool['custom'] : undefined;
  const name = textOf(named?.['name']);
  if (named === undefined || name === undefined) return [];
  // A free tool takes text: it becomes a tool with one field.
  const free = { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] };
  const schema = tool['type'] === 'custom' ? free : isLoose(named['parameters']) ? named['parameters'] : { type: 'object', properties: {} };
  return [{ name, description: textOf(named['description']), schema }];
}

function choiceOf(choice: unknown): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none') return { kind: choice };
  if (choice === 'required') return { kind: 'any' };
  if (!isLoose(choice)) return undefined;
  const named = isLoose(choice['function']) ? choice['function'] : isLoose(choice['custom']) ? choice['custom'] : {};
  const name = textOf(named['name']);
  return name === undefined ? undefined : { kind: 'one', name };
}

function effortOf(effort: string | undefined): Effort | undefined {
  switch (effort) {
    case undefined:
      return undefined;
    case 'none':
    case 'minimal':
      return { kind: 'off' };
    case 'low':
    case 'high':
    case 'xhigh':
    case 'max':
      return { kind: 'level', level: effort };
    default:
      return { kind: 'level', level: 'medium' };
  }
}

function formatOf(format: unknown): AnswerFormat | undefined {
  const named = isLoose(format) ? format['json_schema'] : undefined;
  return isLoose(named) && isLoose(named['schema']) ? { name: textOf(named['name']), schema: named['schema'] } : undefined;
}
