// Pure. Adjustments of Chat Completions and Responses requests.
import { isLoose } from '@fairlead/shared/wire/json.ts';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { eachObject, withField, without } from './body.ts';
import type { Body, Quirk } from './body.ts';

/** What each does; the descriptors say for whom. */
export const openAiQuirks = {
  'max-completion-tokens': (body) => renamed(body, 'max_tokens', 'max_completion_tokens'),
  'max-tokens': (body) => renamed(body, 'max_completion_tokens', 'max_tokens'),
  'no-stream-options': (body) => without(body, ['stream_options']),
  'no-parallel-tool-calls': (body) => without(body, ['parallel_tool_calls']),
  'developer-as-system': (body, dialect) => withField(body, dialect === 'openai-chat' ? 'messages' : 'input', (list) => eachObject(list, (item) => (item.role === 'developer' ? { ...item, role: 'system' } : item))),
  'plain-text-content': (body) => withField(body, 'messages', (list) => eachObject(list, (item) => {
    const text = onlyText(item.content);
    return text === undefined ? item : { ...item, content: text };
  })),
  'no-reasoning-content': (body) => withField(body, 'messages', (list) => eachObject(list, (item) => without(item, ['reasoning_content', 'reasoning', 'reasoning_details']))),
  'no-reasoning-effort': (body) => without(body, ['reasoning_effort', 'reasoning']),
  'no-strict-tools': (body) => withField(body, 'tools', (list) => eachObject(list, (tool) => {
    const bare = without(tool, ['strict']);
    return withField(bare, 'function', (inner) => (isLoose(inner) ? without(inner, ['strict']) : inner));
  })),
  'no-json-schema': (body) => withField(body, 'response_format', (format) => (isLoose(format) && format.type === 'json_schema' ? { type: 'json_object' } : format)),
  'no-forced-tool': (body) => withField(body, 'tool_choice', (choice) => (choice === 'required' || isLoose(choice) ? 'auto' : choice)),
} satisfies Record<string, Quirk>;

/** The body with a field under another name, unless that is taken. */
function renamed(body: Body, from: string, to: string): Body {
  if (!(from in body)) return body;
  const rest = without(body, [from]);
  return to in body ? rest : { ...rest, [to]: body[from] };
}

/** The text of a list of text parts; undefined when it is something else. */
function onlyText(content: unknown): string | undefined {
  if (!Array.isArray(content) || content.length === 0) return undefined;
  const texts = content.map((part: unknown) => (isLoose(part) ? textOfPart(part) : undefined));
  return texts.every((text) => text !== undefined) ? texts.join('\n\n') : undefined;
}

function textOfPart(part: Loose): string | undefined {
  return part.type === 'text' && typeof part.text === 'string' ? part.text : undefined;
}
