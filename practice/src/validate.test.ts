import { describe, expect, it } from 'vitest';
import { validateMessages } from './anthropic/validate.ts';
import { signThinking } from './anthropic/signature.ts';
import { signThought } from './gemini/signature.ts';
import { validateGemini } from './gemini/validate.ts';
import { validateChat } from './openai-chat/validate.ts';
import { encryptReasoning } from './openai-responses/encrypted.ts';
import { validateResponses } from './openai-responses/validate.ts';

const messageOf = (read: object): string | undefined => {
  const refusal: unknown = Reflect.get(read, 'refusal');
  return typeof refusal === 'object' && refusal !== null ? String(Reflect.get(refusal, 'message')) : undefined;
};

const user = { role: 'user', content: 'x' };
const call = { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: {} }] };
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'tool_reference', tool_name: 'Read' }] }] };

describe('Messages', () => {
  const said = (change: object): string | undefined => messageOf(validateMessages({ model: 'm', max_tokens: 10, messages: [user], ...change }, false));

  it.each([
    ['an unknown field', { foo: 1 }, 'foo: Extra inputs are not permitted'],
    ['an unknown field inside', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x', foo: 1 }] }] }, 'messages.0.content.0.foo: Extra inputs are not permitted'],
    ['a missing field', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['a wrong role', { messages: [{ role: 'tool', content: 'x' }] }, "messages.0.role: Input should be 'user', 'assistant' or 'system'"],
    ['a wrong type', { model: 3 }, 'model: Input should be a valid string'],
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    ['empty text', { messages: [{ role: 'user', content: [{ type: 'text', text: '' }] }] }, 'messages: text content blocks must be non-empty'],
    ['a result without a call', { messages: [user, result] }, expect.stringContaining('unexpected `tool_use_id`')],
    ['a call without a result', { messages: [user, call, user] }, expect.stringContaining('without `tool_result` blocks immediately after: t1')],
    ['thinking it did not sign', { messages: [user, { role: 'assistant', content: [{ type: 'thinking', thinking: 'x', signature: '' }] }] }, 'messages.1.content.0: Invalid `signature` in `thinking` block'],
    ['a budget above the limit', { thinking: { type: 'enabled', budget_tokens: 2000 } }, expect.stringContaining('must be greater than `thinking.budget_tokens`')],
    ['five cache marks', { system: Array.from({ length: 5 }, () => ({ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } })) }, 'A maximum of 4 blocks with cache_control may be provided. Found 5.'],
    ['two tools of one name', { tools: ['a', 'a'].map((name) => ({ name, input_schema: { type: 'object' } })) }, 'tools: Tool names must be unique.'],
  ])('refuse %s in the words of the vendor', (_name, change, words) => {
    expect(said(change)).toEqual(words);
  });

  it.each([
    ['system turns, empty or between a call and its result', { messages: [user, { role: 'system', content: [], output_config: { effort: 'high' } }, call, { role: 'system', content: 'r' }, result] }],
    ['server tools and deferred tools', { tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }, { name: 'a', input_schema: { type: 'object' }, defer_loading: true }] }],
    ['safeguards, context management and effort', { safeguards: [{ type: 'dangerous_tool_use', classifier_context: {} }], context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] }, output_config: { effort: 'max' } }],
    ['its own thinking, shown or left out', { messages: [user, { role: 'assistant', content: ['x', ''].map((thinking) => ({ type: 'thinking', thinking, signature: signThinking('x') })) }] }],
  ])('accept %s', (_name, change) => {
    expect(said(change)).toBeUndefined();
  });
});

describe('Chat', () => {
  const said = (change: object): string | undefined => messageOf(validateChat({ model: 'm', messages: [user], ...change }));
  const asked = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };

  it.each([
    ['an unknown field', { foo: 1 }, "Unknown parameter: 'foo'."],
    ['an unknown field inside', { messages: [{ ...user, cache_control: {} }] }, "Unknown parameter: 'messages[0].cache_control'."],
    ['a missing field', { messages: undefined }, "Missing required parameter: 'messages'."],
    ['an answer without a call', { messages: [user, { role: 'tool', tool_call_id: 'c1', content: 'x' }] }, expect.stringContaining("must be a response to a preceeding message with 'tool_calls'")],
    ['a call without an answer', { messages: [user, asked, user] }, expect.stringContaining('did not have response messages: c1')],
    ['a choice without tools', { tool_choice: 'auto' }, expect.stringContaining("only allowed when 'tools' are specified")],
  ])('refuses %s in the words of the vendor', (_name, change, words) => {
    expect(said(change)).toEqual(words);
  });

  it('accepts reasoning that clients send back, and parts as a result', () => {
    expect(said({ messages: [user, { ...asked, reasoning_content: 'r', reasoning: 'r' }, { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'x' }] }] })).toBeUndefined();
  });
});

describe('Responses', () => {
  const said = (change: object): string | undefined => messageOf(validateResponses({ model: 'm', input: 'x', ...change }));

  it.each([
    ['an unknown field', { max_tokens: 1 }, "Unknown parameter: 'max_tokens'."],
    ['an unknown item', { input: [{ type: 'nonsense' }] }, expect.stringContaining("Invalid value: 'nonsense'")],
    ['a result without a call', { input: [{ type: 'function_call_output', call_id: 'c1', output: 'x' }] }, 'No tool call found for function call output with call_id c1.'],
    ['a call without a result', { input: [{ type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }] }, 'No tool output found for function call c1.'],
    ['reasoning it did not encrypt', { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'WyJmbDEi' }, user] }, 'The encrypted content WyJmbDEi... could not be verified. Reason: Encrypted content could not be decrypted or parsed.'],
    ['reasoning of its own that was altered', { input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: `${encryptReasoning('x')} ` }, user] }, expect.stringContaining('could not be verified')],
    ['a name with a dot', { tools: [{ type: 'function', name: 'a.b' }] }, expect.stringContaining("Invalid 'tools[0].name': string does not match pattern.")],
    ['an id of a call that is too long', { input: [{ type: 'function_call', call_id: 'c'.repeat(65), name: 'f', arguments: '{}' }] }, expect.stringContaining("Invalid 'input[0].call_id': string too long.")],
    ['a reply it did not keep', { previous_response_id: 'resp_1' }, "Previous response with id 'resp_1' not found."],
  ])('refuses %s in the words of the vendor', (_name, change, words) => {
    expect(said(change)).toEqual(words);
  });

  it('accepts tools inside the conversation, messages between agents and messages without a type', () => {
    const input = [{ type: 'additional_tools', role: 'developer', tools: [{ type: 'namespace', name: 'n', tools: [] }] }, { type: 'agent_message', author: 'a', recipient: 'b', content: [{ type: 'encrypted_content', encrypted_content: 'x' }] }, { role: 'user', content: 'x' }];
    expect(said({ input })).toBeUndefined();
  });

  it('accepts its own reasoning, and reasoning of which it kept nothing', () => {
    expect(said({ input: [{ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encryptReasoning('x') }, { type: 'reasoning', summary: [], content: null, encrypted_content: null }, user] })).toBeUndefined();
  });
});

describe('generateContent', () => {
  const asked = { role: 'user', parts: [{ text: 'x' }] };
  const said = (change: object, model = 'gemini-3-flash-preview'): string | undefined => messageOf(validateGemini({ contents: [asked], ...change }, false, model));
  const called = (thoughtSignature?: string) => ({ role: 'model', parts: [{ functionCall: { name: 'f' }, ...(thoughtSignature !== undefined && { thoughtSignature }) }, { functionCall: { name: 'g' } }] });
  const given = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }, { functionResponse: { name: 'g', response: {} } }] };

  it.each([
    ['an unknown field', { messages: [] }, 'Invalid JSON payload received. Unknown name "messages": Cannot find field.'],
    ['an unknown field inside', { contents: [{ parts: [{ foo: 1 }] }] }, 'Invalid JSON payload received. Unknown name "foo" at \'contents[0].parts[0]\': Cannot find field.'],
    ['a missing field', { contents: undefined }, '* GenerateContentRequest.contents: contents is not specified\n'],
    ['a call without a result', { contents: [asked, called(signThought('x'))] }, expect.stringContaining('number of function response parts')],
    ['a call that nobody asked for', { contents: [called(signThought('x')), given] }, expect.stringContaining('comes immediately after a user turn')],
    ['its own tools beside functions', { tools: [{ googleSearch: {} }, { functionDeclarations: [{ name: 'f' }] }] }, expect.stringContaining('cannot be combined')],
    ['a call of the current turn without a signature', { contents: [asked, called(), given] }, expect.stringContaining('missing a thought_signature in functionCall parts')],
    ['a signature that it did not make', { contents: [asked, called('c2lnbmVk'), given] }, 'Thought signature is not valid.'],
    ['a signature on a text that it did not make', { contents: [asked, { role: 'model', parts: [{ text: 'y', thoughtSignature: 'c2lnbmVk' }] }, asked] }, 'Thought signature is not valid.'],
  ])('refuses %s in the words of the vendor', (_name, change, words) => {
    expect(said(change)).toEqual(words);
  });

  it.each([
    ['its own signature on the first of several calls', { contents: [asked, called(signThought('x')), given] }],
    ['its word for a call that it did not make', { contents: [asked, called('skip_thought_signature_validator'), given] }],
    ['calls of earlier turns without a signature', { contents: [asked, called(), given, asked] }],
  ])('accepts %s', (_name, change) => {
    expect(said(change)).toBeUndefined();
  });

  it('demands no signature from models that sign none', () => {
    expect(said({ contents: [asked, called(), given] }, 'gemini-2.5-flash')).toBeUndefined();
  });
});
