import { describe, expect, it } from 'vitest';
import type { Loose } from '@fairlead/shared/wire/json.ts';
import { BadRequest } from '../hub/bad-request.ts';
import type { Conversation } from '../hub/conversation.ts';
import { callForms } from './tool-words.ts';
import { readRequest } from './read-request.ts';

const read = (change: Loose): Conversation => readRequest({ model: 'm', input: 'x', ...change });
const user = { role: 'user', content: 'x' };
const content = (part: unknown): Loose => ({ input: [{ role: 'user', content: [part] }] });
const call = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' };

describe('a request that cannot be read', () => {
  it.each<[string, Loose, string]>([
    ['no input', { input: undefined }, 'input: must be a text or a list of items'],
    ['an input that is a number', { input: 3 }, 'input: must be a text or a list of items'],
    ['an empty text', { input: '' }, 'input: must hold at least one item'],
    ['an empty list', { input: [] }, 'input: must hold at least one item'],
    ['an item that is no object', { input: ['x'] }, 'input.0: must be an object'],
    ['an item without a type', { input: [{ content: 'x' }] }, 'input.0.type: must be a text'],
    ['an item of an unknown kind', { input: [user, { type: 'hologram' }] }, 'input.1.type: "hologram" is not a kind of item that can be carried to another vendor'],
    ['an unknown role', { input: [{ role: 'tool', content: 'x' }] }, 'input.0.role: must be "user", "assistant", "system" or "developer"'],
    ['a content that is an object', { input: [{ role: 'user', content: {} }] }, 'input.0.content: must be a text or a list'],
    ['an unknown kind of content', content({ type: 'smell' }), 'input.0.content.0.type: "smell" is not a kind of content that can be carried to another vendor'],
    ['a text that is a number', content({ type: 'input_text', text: 3 }), 'input.0.content.0.text: must be a text'],
    ['an image that is no file', content({ type: 'input_image', image_url: 'file:///etc/passwd' }), 'input.0.content.0.image_url: must be an http or https address'],
    ['an image that is no base64', content({ type: 'input_image', image_url: 'data:image/png;base64,%%' }), 'input.0.content.0.image_url: must be base64'],
    ['an image without a source', content({ type: 'input_image' }), 'input.0.content.0.image_url: must be a text'],
    ['a file at another kind of address', content({ type: 'input_file', file_url: 'ftp://x/y' }), 'input.0.content.0.file_url: must be an http or https address'],
    ['a file that is no base64', content({ type: 'input_file', file_data: '%%' }), 'input.0.content.0.file_data: must be base64'],
    ['a file without a source', content({ type: 'input_file' }), 'input.0.content.0.file_id: must be a text'],
    ['sound that is no base64', content({ type: 'input_audio', input_audio: { data: '%' } }), 'input.0.content.0.input_audio.data: must be base64'],
    ['a call without an id', { input: [{ ...call, call_id: undefined }] }, 'input.0.call_id: must be a text'],
    ['a call without a name', { input: [{ ...call, name: undefined }] }, 'input.0.name: must be a text'],
    ['arguments that are an object', { input: [{ ...call, arguments: {} }] }, 'input.0.arguments: must be a text'],
    ['free input that is an object', { input: [{ type: 'custom_tool_call', call_id: 'c', name: 'f', input: {} }] }, 'input.0.input: must be a text'],
    ['two waiting calls of one id', { input: [call, call] }, 'input.1.call_id: is the id of two calls ("c")'],
    ['a result without a call', { input: [user, { type: 'function_call_output', call_id: 'c', output: 'x' }] }, 'input.1.call_id: answers a call that is not there ("c")'],
    ['an output that is an object', { input: [call, { type: 'function_call_output', call_id: 'c', output: {} }] }, 'input.1.output: must be a text or a list'],
    ['sealed reasoning that is no text', { input: [{ type: 'reasoning', summary: [], encrypted_content: 3 }] }, 'input.0.encrypted_content: must be a text'],
    ['a reference to a kept item', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input.0: refers to an item that is kept at another vendor; send the item itself, as libraries do with store: false'],
    ['a reply before it', { previous_response_id: 'resp_1' }, 'previous_response_id: names what is kept at another vendor; send the whole conversation in input instead'],
    ['a kept conversation', { conversation: 'conv_1' }, 'conversation: names what is kept at another vendor; send the whole conversation in input instead'],
    ['a kept prompt', { prompt: { id: 'pmpt_1' } }, 'prompt: names what is kept at another vendor; send the whole conversation in input instead'],
    ['an answer to be fetched later', { background: true }, 'background: is not possible here; send the request without it and read its answer as it comes'],
    ['tools that are no list', { tools: {} }, 'tools: must be a list'],
    ['a tool without a type', { tools: [{ name: 'f' }] }, 'tools.0.type: must be a text'],
    ['a tool without a name', { tools: [{ type: 'function' }] }, 'tools.0.name: must be a text'],
    ['a tool with an empty name', { tools: [{ type: 'custom', name: '' }] }, 'tools.0.name: must not be empty'],
    ['a schema that is a text', { tools: [{ type: 'function', name: 'f', parameters: 'x' }] }, 'tools.0.parameters: must be an object'],
    ['a group without a name', { tools: [{ type: 'namespace', tools: [] }] }, 'tools.0.name: must be a text'],
    ['a tool in a group without a name', { input: [{ type: 'additional_tools', tools: [{ type: 'namespace', name: 'g', tools: [{ type: 'function' }] }] }, user] }, 'input.0.tools.0.tools.0.name: must be a text'],
    ['an unknown choice', { tool_choice: 'maybe' }, 'tool_choice: must be "auto", "none", "required" or an object'],
    ['a choice without a name', { tool_choice: { type: 'function' } }, 'tool_choice.name: must be a text'],
    ['a choice without a type', { tool_choice: {} }, 'tool_choice.type: must be a text'],
    ['a temperature that is a text', { temperature: 'hot' }, 'temperature: must be a number'],
    ['a limit that is a text', { max_output_tokens: 'x' }, 'max_output_tokens: must be a number'],
    ['instructions that are a list', { instructions: [] }, 'instructions: must be a text'],
    ['reasoning that is a text', { reasoning: 'high' }, 'reasoning: must be an object'],
    ['a form that is a text', { text: { format: 'json' } }, 'text.format: must be an object'],
  ])('with %s is refused with its place', (_name, change, words) => {
    expect(() => read(change)).toThrow(BadRequest);
    expect(() => read(change)).toThrow(words);
  });
});

describe('the tools of a request', () => {
  const group = (name: string, ...tools: string[]): Loose => ({ type: 'namespace', name, tools: tools.map((tool) => ({ type: 'function', name: tool })) });
  const namesOf = (tools: readonly Loose[]): string[] => read({ tools }).tools.map((tool) => tool.name);

  it.each<[Loose[], string[]]>([
    [[group('a', 'x'), group('b', 'x')], ['a__x', 'b__x']],
    [[group('a__', 'x')], ['a__x']],
    [[group('functions', 'x'), group('a', 'x')], ['x', 'a__x']],
    [[group('functions', 'x'), { type: 'function', name: 'x' }], ['x_2', 'x']],
    [[group('a', 'x'), group('a__', 'x')], ['a__x', 'a__x_2']],
    [[group('a', 'x'), { type: 'function', name: 'a__x' }, { type: 'custom', name: 'a__x_2' }], ['a__x_3', 'a__x', 'a__x_2']],
  ])('%j have the names %j', (tools, names) => {
    expect(namesOf(tools)).toEqual(names);
  });

  it('go back under the names and in the form that their client gave them', () => {
    const { tools } = read({ tools: [group('a', 'x'), { type: 'custom', name: 'patch' }, { type: 'function', name: 'y' }] });
    expect(['a__x', 'patch', 'y', 'unknown'].map(callForms(tools))).toEqual([{ type: 'function', name: 'x', namespace: 'a' }, { type: 'custom', name: 'patch' }, { type: 'function', name: 'y' }, { type: 'function', name: 'unknown' }]);
  });

  it('are found by a call that leaves its group out', () => {
    const { turns } = read({ tools: [group('a', 'x')], input: [user, { ...call, name: 'x' }, { type: 'function_call_output', call_id: 'c', output: '' }] });
    expect(turns[1]?.parts[0]).toMatchObject({ name: 'a__x' });
  });
});

it('what the model did without a break is one turn, also its search and what it thought', () => {
  const { turns } = read({ input: [user, { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] }, { type: 'web_search_call', id: 'ws', action: { type: 'search', query: 'q' } }, { role: 'assistant', content: 'y' }, call, { type: 'function_call_output', call_id: 'c', output: 'z' }, user] });
  expect(turns.map((turn) => [turn.role, turn.parts.map((part) => part.kind).join()])).toEqual([['user', 'text'], ['assistant', 'thinking,server-tool,text,tool-call'], ['user', 'tool-result'], ['user', 'text']]);
});

it('what only this vendor knows is named, one by one', () => {
  const { extras } = read({ tools: [{ type: 'web_search_preview', user_location: { type: 'approximate' }, search_context_size: null }, { type: 'shell' }], input: [user, { type: 'mcp_call', id: 'm' }], tool_choice: { type: 'file_search' }, truncation: 'auto' });
  expect(Object.keys(extras.fields)).toEqual(['truncation', 'tools.web_search_preview.user_location', 'tools.shell', 'input.mcp_call', 'tool_choice']);
  expect(Object.keys(read({ max_tool_calls: 3 }).extras.fields)).toEqual(['max_tool_calls']);
});
