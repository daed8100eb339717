// Pure. Tools and the choice among them, in this dialect's words.
import type { ResponsesTool, ResponsesToolChoice } from '@fairlead/shared/wire/openai-responses.ts';
import type { Tool, ToolChoice } from '../hub/conversation.ts';
import { plainJson } from '../plain-json.ts';

/** A tool under a name; this vendor holds a function to its schema unless it is told not to. */
export function toolWord(tool: Tool, name = tool.name): ResponsesTool {
  const described = { name, ...(tool.description !== undefined && { description: tool.description }) };
  if (tool.free) return { type: 'custom', ...described, ...(tool.free.format && { format: plainJson(tool.free.format) }) };
  return { type: 'function', ...described, parameters: plainJson(tool.schema), strict: tool.strict === true };
}

/** How a call of a tool is written: by what it takes, and under the name that its client gave it. */
export type CallForm = { readonly type: 'function' | 'custom'; readonly name: string; readonly namespace?: string };

/** The forms of these tools, by their names. */
export function callForms(tools: readonly Tool[]): (name: string) => CallForm {
  const forms = new Map(tools.map((tool): [string, CallForm] => [tool.name, { type: tool.free ? 'custom' : 'function', name: tool.grouped?.name ?? tool.name, ...(tool.grouped && { namespace: tool.grouped.namespace }) }]));
  return (name) => forms.get(name) ?? { type: 'function', name };
}

/** A choice in this dialect's words. */
export function choiceWord(choice: ToolChoice, formOf: (name: string) => CallForm): ResponsesToolChoice {
  if (choice.kind === 'one') return formOf(choice.name);
  if ('only' in choice && choice.only) return { type: 'allowed_tools', mode: choice.kind === 'any' ? 'required' : 'auto', tools: choice.only.map(formOf) };
  return choice.kind === 'any' ? 'required' : choice.kind;
}
